#include "include/CMath.h"

#include "elementary.h"

#pragma STDC FP_CONTRACT OFF

// sin(r) = r + r * z * S(z), cos(r) = 1 - z / 2 + z^2 * C(z), z = r^2, |r| <= pi / 4.
static const double sin_tail[] = {
    -0x1.5555555555555p-3,  0x1.1111111111110p-7,  -0x1.a01a01a01992fp-13, 0x1.71de3a545f836p-19,
    -0x1.ae645410e937bp-26, 0x1.61217d9252c03p-33, -0x1.ab16f5caa198ap-41,
};
static const double cos_tail[] = {
    0x1.5555555555555p-5,  -0x1.6c16c16c16c16p-10, 0x1.a01a01a019d06p-16, -0x1.27e4fb77125c5p-22,
    0x1.1eed8deac3dfep-29, -0x1.9394b8bd50ae1p-37, 0x1.ab779550c8d9bp-45,
};

static const double two_over_pi = 0x1.45f306dc9c883p-1;
static const cm_pair half_pi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

// pi / 2 in three parts; the first two have 30 bits, so n times either is exact for |n| < 2^23.
static const double half_pi_1 = 0x1.921fb54000000p+0;
static const double half_pi_2 = 0x1.10b4611800000p-30;
static const double half_pi_3 = 0x1.313198a2e0370p-61;

// The fraction bits of 2 / pi, most significant first.
static const uint64_t two_over_pi_bits[20] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
    0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
    0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
};

// 64 bits of 2 / pi, the first of which weighs 2^-(start + 1); zero before the binary point.
static uint64_t window_word(int start) {
  if (start <= -64) return 0;
  if (start < 0) return two_over_pi_bits[0] >> -start;
  int word = start >> 6;
  int offset = start & 63;
  uint64_t bits = two_over_pi_bits[word] << offset;
  return offset ? bits | two_over_pi_bits[word + 1] >> (64 - offset) : bits;
}

// r with size = n * pi/2 + r, |r| <= pi/4, and n mod 4, by integer arithmetic (Payne and Hanek).
// With size = m * 2^e, the bits of 2/pi that weigh 2^(2 - e) or more add multiples of 4 to n; 192 bits
// after them leave an error below 2^-137, and no double is nearer than 2^-62 to a multiple of pi/2.
static cm_pair reduce_exactly(double size, int *quadrant) {
  uint64_t bits = cm_bits(size);
  uint64_t m = (bits & 0x000fffffffffffffu) | 0x0010000000000000u;
  int start = (int)(bits >> 52) - 1023 - 52 - 2;
  typedef unsigned __int128 wide;
  wide low = (wide)m * window_word(start + 128);
  wide middle = (wide)m * window_word(start + 64) + (uint64_t)(low >> 64);
  uint64_t top = m * window_word(start) + (uint64_t)(middle >> 64);
  // In units of 2^-126 of a quadrant, the quadrant in the two top bits.
  wide turned = (wide)top << 64 | (uint64_t)middle;
  wide rounded = turned + ((wide)1 << 125);
  *quadrant = (int)(rounded >> 126);
  wide fraction = turned - ((wide)*quadrant << 126);
  int negative = (int)(fraction >> 127);
  if (negative) fraction = -fraction;
  if (fraction == 0) return (cm_pair){0, 0};
  uint64_t upper = (uint64_t)(fraction >> 64);
  int zeros = upper ? __builtin_clzll(upper) : 64 + __builtin_clzll((uint64_t)fraction);
  fraction <<= zeros;
  double unit = cm_power_of_two(-126 - zeros);
  double high = (double)(uint64_t)(fraction >> 75) * 0x1p75 * unit;
  double rest = (double)((uint64_t)(fraction >> 22) & 0x001fffffffffffffu) * 0x1p22 * unit;
  cm_pair r = cm_pair_product((cm_pair){high, rest}, half_pi);
  return negative ? (cm_pair){-r.high, -r.low} : r;
}

// The same for any finite size >= 0; Cody and Waite's subtraction where it is accurate.
static cm_pair reduce(double size, int *quadrant) {
  *quadrant = 0;
  if (size < 0x1.921fb54442d18p-1) return (cm_pair){size, 0};
  if (size < 0x1p20) {
    double n = cm_fma(size, two_over_pi, 0x1.8p+52) - 0x1.8p+52;
    cm_pair r = cm_sum(cm_fma(-n, half_pi_1, size), -n * half_pi_2);
    r = cm_settled(r.high, cm_fma(-n, half_pi_3, r.low));
    *quadrant = (int)n & 3;
    // The error is 2^-94 at most: too much only right beside a multiple of pi / 2.
    if (__builtin_fabs(r.high) > 0x1p-30) return r;
  }
  return reduce_exactly(size, quadrant);
}

static double sin_of(cm_pair r) {
  double z = r.high * r.high;
  double cubic = r.high * z * cm_polynomial(sin_tail, 7, z);
  return r.high + (cubic + r.low * (1 - 0.5 * z));
}

static double cos_of(cm_pair r) {
  double z = r.high * r.high;
  double half = 0.5 * z;
  double w = 1 - half;
  double tail = cm_fma(z * z, cm_polynomial(cos_tail, 7, z), -r.high * r.low);
  return w + (((1 - w) - half) + tail);
}

// sin(size + turns * pi / 2).
static double turned_sin(double size, int turns) {
  int quadrant;
  cm_pair r = reduce(size, &quadrant);
  quadrant += turns;
  double y = quadrant & 1 ? cos_of(r) : sin_of(r);
  return quadrant & 2 ? -y : y;
}

double cm_sin(double x) {
  double size = __builtin_fabs(x);
  if (!(size < __builtin_inf())) return cm_not_a_number();
  if (size < 0x1p-27) return x;
  double y = turned_sin(size, 0);
  return x < 0 ? -y : y;
}

double cm_cos(double x) {
  double size = __builtin_fabs(x);
  if (!(size < __builtin_inf())) return cm_not_a_number();
  return turned_sin(size, 1);
}
