#ifndef CMATH_ELEMENTARY_H
#define CMATH_ELEMENTARY_H

// What the functions share. Where the target has no fma instruction, the compiler calls the C
// library's fma, which is exact by definition: slower, same bits.

#include <stdint.h>

#pragma STDC FP_CONTRACT OFF

// A number as an unevaluated sum: |low| is at most half an ulp of high.
typedef struct {
  double high;
  double low;
} cm_pair;

// log 2 split so that n * HIGH is exact for |n| < 2^11.
static const double cm_ln2_high = 0x1.62e42fefa3800p-1;
static const double cm_ln2_low = 0x1.ef35793c76730p-45;

static inline double cm_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

static inline uint64_t cm_bits(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double cm_from_bits(uint64_t bits) {
  double x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

static inline double cm_not_a_number(void) { return cm_from_bits(0x7ff8000000000000u); }

// 2^n for a normal result.
static inline double cm_power_of_two(int n) { return cm_from_bits((uint64_t)(n + 1023) << 52); }

// The polynomial with these ascending coefficients, by Horner's rule.
static inline double cm_polynomial(const double *coefficients, int count, double x) {
  double sum = coefficients[count - 1];
  for (int i = count - 2; i >= 0; i--) sum = cm_fma(sum, x, coefficients[i]);
  return sum;
}

// a + b without loss (Knuth).
static inline cm_pair cm_sum(double a, double b) {
  double high = a + b;
  double seen = high - a;
  return (cm_pair){high, (a - (high - seen)) + (b - seen)};
}

// a * b without loss.
static inline cm_pair cm_product(double a, double b) {
  double high = a * b;
  return (cm_pair){high, cm_fma(a, b, -high)};
}

// The same value with |low| at most half an ulp of high, for |high| >= |low|.
static inline cm_pair cm_settled(double high, double low) {
  double sum = high + low;
  return (cm_pair){sum, low - (sum - high)};
}

static inline cm_pair cm_pair_sum(cm_pair a, cm_pair b) {
  cm_pair sum = cm_sum(a.high, b.high);
  return cm_settled(sum.high, sum.low + (a.low + b.low));
}

static inline cm_pair cm_pair_product(cm_pair a, cm_pair b) {
  cm_pair product = cm_product(a.high, b.high);
  double cross = cm_fma(a.high, b.low, a.low * b.high);
  return cm_settled(product.high, product.low + cross);
}

// exp(x + low) for |low| far below |x|: the shared end of exp and pow.
double cm_exp_of_sum(double x, double low);

// x * 2^-e in [sqrt(1/2), sqrt(2)) for a positive finite x, and e.
double cm_split_exponent(double x, int *e);

#endif
