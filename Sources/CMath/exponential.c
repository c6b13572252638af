#include "include/CMath.h"

#include "elementary.h"
#include "include/CMathExpf.h"

#pragma STDC FP_CONTRACT OFF

// exp(r) = 1 + r + r^2 * E(r) for |r| <= log(2) / 2; truncation below 2^-57.
static const double exp_tail[] = {
    0x1.0000000000000p-1,  0x1.5555555555557p-3,  0x1.5555555555556p-5,  0x1.11111111100bep-7,
    0x1.6c16c16c162c3p-10, 0x1.a01a01abf85abp-13, 0x1.a01a01a6e1e2ap-16, 0x1.71de01fdbf9cap-19,
    0x1.27e4db46cddd1p-22, 0x1.af4e554377204p-26, 0x1.1f7340dbc337ep-29,
};

static const double log2_e = 0x1.71547652b82fep+0;
static const double shift = 0x1.8p+52;

double cm_exp_of_sum(double x, double low) {
  if (x != x) return cm_not_a_number();
  if (x > 710) return __builtin_inf();
  if (x < -746) return 0;
  double n = cm_fma(x, log2_e, shift) - shift;
  double leading = cm_fma(-n, cm_ln2_high, x);
  double trailing = cm_fma(-n, cm_ln2_low, low);
  double r = leading + trailing;
  double lost = (leading - r) + trailing;
  double tail = cm_fma(r * r, cm_polynomial(exp_tail, 11, r), lost);
  double y = 1 + (r + tail);
  int half = (int)n >> 1;  // two steps: 2^n itself may be subnormal or too large
  return y * cm_power_of_two(half) * cm_power_of_two((int)n - half);
}

double cm_exp(double x) { return cm_exp_of_sum(x, 0); }

static float single_power_of_two(int n) {
  uint32_t bits = (uint32_t)(n + 127) << 23;
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

float cm_expf(float x) {
  if (x != x) return (float)cm_not_a_number();
  x = CM_EXPF_LOWEST > x ? CM_EXPF_LOWEST : x;
  x = CM_EXPF_HIGHEST < x ? CM_EXPF_HIGHEST : x;
  float n = __builtin_fmaf(x, CM_EXPF_LOG2_E, CM_EXPF_SHIFT) - CM_EXPF_SHIFT;
  float r = __builtin_fmaf(n, -CM_EXPF_LN2_HIGH, x);
  r = __builtin_fmaf(n, -CM_EXPF_LN2_LOW, r);
  float e = CM_EXPF_C5;
  e = __builtin_fmaf(e, r, CM_EXPF_C4);
  e = __builtin_fmaf(e, r, CM_EXPF_C3);
  e = __builtin_fmaf(e, r, CM_EXPF_C2);
  e = __builtin_fmaf(e, r, CM_EXPF_C1);
  e = __builtin_fmaf(e, r, CM_EXPF_C0);
  float p = __builtin_fmaf(r * r, e, r) + 1;
  int half = (int)n >> 1;
  return p * single_power_of_two(half) * single_power_of_two((int)n - half);
}

// x + x * z * T(z), z = x^2, |x| <= 3/4; truncation below 2^-54.
static const double tanh_tail[] = {
    -0x1.5555555555555p-2,  0x1.111111111101cp-3,  -0x1.ba1ba1ba03c2bp-5,  0x1.664f487b6be3ap-6,
    -0x1.226e3431e182cp-7,  0x1.d6d39762e9743p-9,  -0x1.7d9fd81593e0ap-10, 0x1.353252220ca49p-11,
    -0x1.f34fa3549f41dp-13, 0x1.8b454995fd0eap-14, -0x1.214855c0d977dp-15, 0x1.50ee2cbbb7675p-17,
    -0x1.b7e8171e8b4fdp-20,
};

double cm_tanh(double x) {
  if (x != x) return cm_not_a_number();
  double size = __builtin_fabs(x);
  if (size < 0x1p-28) return x;
  if (size < 0.75) {
    double z = x * x;
    return cm_fma(x * z, cm_polynomial(tanh_tail, 13, z), x);
  }
  double y = size > 22 ? 1 : 1 - 2 / (cm_exp(2 * size) + 1);
  return x < 0 ? -y : y;
}

float cm_tanhf(float x) { return (float)cm_tanh(x); }
