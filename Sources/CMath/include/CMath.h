#ifndef CMATH_H
#define CMATH_H

#include "CMathExpf.h"

// Canonical elementary functions: polynomials built from +, ×, fma, ÷ and √ only, so that every
// machine gives the same bits. Nothing on a result's path may call libm's versions instead.
//
// The double versions are within 1 ulp (cm_erf, cm_tanh: 2 ulp) wherever the result is finite,
// subnormal results included; the float versions are within 1 ulp. Special values follow C's Annex
// F. A NaN result is always the positive quiet NaN 0x7ff8000000000000 (0x7fc00000), whatever NaN
// came in. Tests/CMathTests/Goldens/coefficients.py derives every constant.

double cm_exp(double x);
double cm_log(double x);
// Exact argument reduction for every finite x (Payne and Hanek's above 2^20); ±inf gives NaN.
double cm_sin(double x);
double cm_cos(double x);
double cm_tanh(double x);
double cm_erf(double x);
double cm_pow(double base, double exponent);

// Float operations only, in a fixed order (CMathExpf.h): vector code reproduces it bit for bit.
float cm_expf(float x);
// Computed in double and rounded once.
float cm_logf(float x);
float cm_tanhf(float x);
float cm_erff(float x);
float cm_rsqrtf(float x);

#endif
