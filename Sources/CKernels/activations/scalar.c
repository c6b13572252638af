#include <CMath.h>

#include "../scalar.h"
#include "gelu.h"

static float tail(float a) {
  float u = 1 / (a + 3);
  float t = __builtin_fmaf(u, -6, 1);
  float p = QG_GELU_P9;
  p = __builtin_fmaf(p, t, QG_GELU_P8);
  p = __builtin_fmaf(p, t, QG_GELU_P7);
  p = __builtin_fmaf(p, t, QG_GELU_P6);
  p = __builtin_fmaf(p, t, QG_GELU_P5);
  p = __builtin_fmaf(p, t, QG_GELU_P4);
  p = __builtin_fmaf(p, t, QG_GELU_P3);
  p = __builtin_fmaf(p, t, QG_GELU_P2);
  p = __builtin_fmaf(p, t, QG_GELU_P1);
  p = __builtin_fmaf(p, t, QG_GELU_P0);
  float high = a * a;
  float low = __builtin_fmaf(a, a, -high);
  float e = cm_expf(high * -0.5f);
  e = __builtin_fmaf(e, low * -0.5f, e);
  return ((a * u) * e) * p;
}

static float gelu(float x) {
  float a = x > 0 - x ? x : 0 - x;
  a = QG_GELU_LARGEST < a ? QG_GELU_LARGEST : a;
  return (x > 0 ? x : 0) - tail(a);
}

static float gelu_tanh(float x) {
  float u = __builtin_fmaf(QG_GELU_CUBIC * x, x * x, x);
  return x / (1 + cm_expf(QG_GELU_SLOPE * u));
}

static float silu(float x) { return x / (1 + cm_expf(0 - x)); }

void qg_gelu_f32_scalar(const float *x, ptrdiff_t count, qg_gelu_form form, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) {
    out[i] = qg_canonical(form == QG_GELU_ERF ? gelu(x[i]) : gelu_tanh(x[i]));
  }
}

void qg_silu_f32_scalar(const float *x, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_canonical(silu(x[i]));
}

void qg_silu_times_f32_scalar(const float *gate, const float *up, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_canonical(silu(gate[i]) * up[i]);
}
