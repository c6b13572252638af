#include "include/CMath.h"

#include "elementary.h"

#pragma STDC FP_CONTRACT OFF

// log((1 + s) / (1 - s)) = 2 s + s * z * L(z), z = s^2, |s| <= 0.1716; truncation below 2^-54 of L.
static const double log_tail[] = {
    0x1.5555555555555p-1, 0x1.9999999999a39p-2, 0x1.2492492476a1ap-2, 0x1.c71c7201a55d7p-3,
    0x1.745cf8e4bba1bp-3, 0x1.3b1c3c1c81c8fp-3, 0x1.0fbde0f4ad17bp-3, 0x1.0c0aff044a970p-3,
};

// atanh(s) = s + s * z * (1/3 + z * (1/5 + z * M(z))).
static const double pow_tail[] = {
    0x1.2492492492497p-3, 0x1.c71c71c7153b2p-4, 0x1.745d175518b2dp-4, 0x1.3b13a51cd4d2fp-4,
    0x1.1115a247755e8p-4, 0x1.e01f44110e9cep-5, 0x1.d9cc795cc9ae7p-5,
};

double cm_split_exponent(double x, int *e) {
  uint64_t bits = cm_bits(x);
  int offset = -1023;
  if (bits < 0x0010000000000000u) {  // subnormal
    bits = cm_bits(x * 0x1p54);
    offset -= 54;
  }
  *e = (int)(bits >> 52) + offset;
  double m = cm_from_bits((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
  if (m > 0x1.6a09e667f3bcdp+0) {
    m *= 0.5;
    *e += 1;
  }
  return m;
}

double cm_log(double x) {
  if (x != x || x < 0) return cm_not_a_number();
  if (x == 0) return -__builtin_inf();
  if (x == __builtin_inf()) return x;
  int e;
  double f = cm_split_exponent(x, &e) - 1;
  double s = f / (2 + f);
  double z = s * s;
  // 2 s = f - s * f, so log(1 + f) = f - s * (f - z * L(z)), where f is exact.
  double less = s * (f - z * cm_polynomial(log_tail, 8, z));
  return cm_fma(e, cm_ln2_high, f - cm_fma(-e, cm_ln2_low, less));
}

float cm_logf(float x) { return (float)cm_log(x); }

// log(x) to about 2^-68, for a positive finite x.
static cm_pair extended_log(double x) {
  static const cm_pair third = {0x1.5555555555555p-2, 0x1.5555555555555p-56};
  static const cm_pair fifth = {0x1.999999999999ap-3, -0x1.999999999999ap-57};
  int e;
  double m = cm_split_exponent(x, &e);
  double f = m - 1;
  cm_pair d = cm_sum(m, 1);
  double quotient = f / d.high;
  double rest = cm_fma(-quotient, d.low, cm_fma(-quotient, d.high, f)) / d.high;
  cm_pair s = cm_settled(quotient, rest);
  cm_pair z = cm_pair_product(s, s);
  cm_pair tail = {z.high * cm_polynomial(pow_tail, 7, z.high), 0};
  cm_pair series = cm_pair_product(z, cm_pair_sum(fifth, tail));
  series = cm_pair_product(z, cm_pair_sum(third, series));
  cm_pair atanh = cm_pair_sum(s, cm_pair_product(s, series));
  cm_pair log_m = {2 * atanh.high, 2 * atanh.low};
  cm_pair log_power = cm_settled(e * cm_ln2_high, e * cm_ln2_low);
  return cm_pair_sum(log_power, log_m);
}

// 0: not an integer, 1: odd, 2: even.
static int integer_kind(double y) {
  double size = __builtin_fabs(y);
  if (size >= 0x1p53) return 2;
  if (size != (double)(int64_t)size) return 0;
  return (int64_t)size & 1 ? 1 : 2;
}

// |base|^exponent where base is 0 or infinite or exponent is infinite.
static double extreme_pow(double size, double exponent) {
  if (size == 1) return 1;
  int grows = (size > 1) == (exponent > 0);
  return grows ? __builtin_inf() : 0;
}

double cm_pow(double base, double exponent) {
  if (exponent == 0 || base == 1) return 1;
  if (base != base || exponent != exponent) return cm_not_a_number();
  double size = __builtin_fabs(base);
  int kind = integer_kind(exponent);
  int negative = cm_bits(base) >> 63 && kind == 1;
  if (size == 0 || size == __builtin_inf() || __builtin_fabs(exponent) == __builtin_inf()) {
    double y = extreme_pow(size, exponent);
    return negative ? -y : y;
  }
  if (base < 0 && kind == 0) return cm_not_a_number();
  cm_pair log = extended_log(size);
  double high = exponent * log.high;
  double y;
  if (high > 800 || high < -800) {
    y = high > 0 ? __builtin_inf() : 0;
  } else {
    double low = cm_fma(exponent, log.low, cm_fma(exponent, log.high, -high));
    y = cm_exp_of_sum(high, low);
  }
  return negative ? -y : y;
}

float cm_rsqrtf(float x) {
  if (x != x || x < 0) return (float)cm_not_a_number();
  return (float)(1 / __builtin_sqrt(x));
}
