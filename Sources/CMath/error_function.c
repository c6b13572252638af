#include "include/CMath.h"

#include "elementary.h"

#pragma STDC FP_CONTRACT OFF

// erf(x) = x * (2 / sqrt(pi) + z * F(z)), z = x^2, |x| <= 1; truncation below 2^-53 of F.
static const double slope_high = 0x1.20dd750429b6dp+0;
static const double slope_low = 0x1.1ae3a914fed80p-56;
static const double erf_tail[] = {
    -0x1.812746b0379e7p-2,  0x1.ce2f21a042be1p-4,  -0x1.b82ce31288b20p-6,  0x1.565bcd0e6947fp-8,
    -0x1.c02db3ffe0c21p-11, 0x1.f9a326e5405bcp-14, -0x1.f4d2596fb33a0p-17, 0x1.b9e687c3e0abbp-20,
    -0x1.5f70026e262cep-23, 0x1.fc686faf628abp-27, -0x1.4f16018750568p-30, 0x1.830ed95421e60p-34,
    -0x1.33d62c94107ddp-38,
};

// 1 - erf(x) = exp(-x^2) * H(t), t = (x - 2) / (x + 2), 1 <= x <= 6; relative error below 2^-50,
// which counts for at most a sixth of that in erf.
static const double erfc_scaled[] = {
    0x1.058671b52c775p-2,   -0x1.b57034efd3f74p-2,  0x1.eeea7dc8a7bb2p-3,   -0x1.437f0b68c0663p-4,
    0x1.e9471591b7446p-9,   0x1.ca95ed532b303p-8,   -0x1.bc25a010847bep-11, -0x1.016b5e511a3f0p-10,
    0x1.6d589c869e092p-15,  0x1.6dab5fdd60b62p-13,  0x1.ce62d05252d06p-16,  -0x1.cfbc05a3f041ap-16,
    -0x1.db57ed0f1c283p-17, 0x1.f322e0892648ep-20,  0x1.1640edd9e223dp-18,  -0x1.de7cb807e82e6p-23,
};

double cm_erf(double x) {
  if (x != x) return cm_not_a_number();
  if (x == 0) return x;
  double size = __builtin_fabs(x);
  if (size < 1) {
    double z = x * x;
    double bent = cm_fma(x, slope_low, x * z * cm_polynomial(erf_tail, 13, z));
    return cm_fma(x, slope_high, bent);
  }
  double y = 1;
  if (size < 6) {
    double t = (size - 2) / (size + 2);
    y = 1 - cm_exp(-size * size) * cm_polynomial(erfc_scaled, 16, t);
  }
  return x < 0 ? -y : y;
}

float cm_erff(float x) { return (float)cm_erf(x); }
