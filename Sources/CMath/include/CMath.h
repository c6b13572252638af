#ifndef CMATH_H
#define CMATH_H

// Canonical elementary functions: polynomials built from +, ×, fma, ÷ and √ only, so that every
// machine gives the same bits. Nothing on a result's path may call libm's versions instead.

double cm_exp(double x);
double cm_log(double x);
double cm_sin(double x);
double cm_cos(double x);
double cm_tanh(double x);
double cm_erf(double x);
double cm_pow(double base, double exponent);

float cm_expf(float x);
float cm_logf(float x);
float cm_tanhf(float x);
float cm_erff(float x);
float cm_rsqrtf(float x);

#endif
