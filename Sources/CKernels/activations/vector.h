// Sixteen elements at a time; after lanes/<isa>.h. gelu.h has the recipe.

#include "../lanes/finish.h"

#include "../lanes/exponential.h"
#include "gelu.h"

QG_INLINE v_f32 gelu_tail(v_f32 a) {
  v_f32 u = v_div(v_splat(1), v_add(a, v_splat(3)));
  v_f32 t = v_fma(u, v_splat(-6), v_splat(1));
  v_f32 p = v_splat(QG_GELU_P9);
  p = v_fma(p, t, v_splat(QG_GELU_P8));
  p = v_fma(p, t, v_splat(QG_GELU_P7));
  p = v_fma(p, t, v_splat(QG_GELU_P6));
  p = v_fma(p, t, v_splat(QG_GELU_P5));
  p = v_fma(p, t, v_splat(QG_GELU_P4));
  p = v_fma(p, t, v_splat(QG_GELU_P3));
  p = v_fma(p, t, v_splat(QG_GELU_P2));
  p = v_fma(p, t, v_splat(QG_GELU_P1));
  p = v_fma(p, t, v_splat(QG_GELU_P0));
  v_f32 high = v_mul(a, a);
  v_f32 low = v_fma(a, a, v_sub(v_splat(0), high));
  v_f32 e = exponential(v_mul(high, v_splat(-0.5f)));
  e = v_fma(e, v_mul(low, v_splat(-0.5f)), e);
  return v_mul(v_mul(v_mul(a, u), e), p);
}

QG_INLINE v_f32 gelu(v_f32 x) {
  v_f32 a = v_at_least(x, v_sub(v_splat(0), x));
  a = v_at_most(v_splat(QG_GELU_LARGEST), a);
  return v_sub(v_at_least(x, v_splat(0)), gelu_tail(a));
}

QG_INLINE v_f32 x_over_one_plus(v_f32 x, v_f32 power) {
  return v_div(x, v_add(v_splat(1), exponential(power)));
}

QG_INLINE v_f32 gelu_tanh(v_f32 x) {
  v_f32 u = v_fma(v_mul(v_splat(QG_GELU_CUBIC), x), v_mul(x, x), x);
  return x_over_one_plus(x, v_mul(v_splat(QG_GELU_SLOPE), u));
}

QG_INLINE v_f32 silu(v_f32 x) { return x_over_one_plus(x, v_sub(v_splat(0), x)); }

void QG_NAME(gelu_f32)(const float *x, ptrdiff_t count, qg_gelu_form form, float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_load_some(x + i, count - i);
    y = form == QG_GELU_ERF ? gelu(y) : gelu_tanh(y);
    v_store_some(out + i, v_canonical(y), count - i);
  }
}

void QG_NAME(silu_f32)(const float *x, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = silu(v_load_some(x + i, count - i));
    v_store_some(out + i, v_canonical(y), count - i);
  }
}

void QG_NAME(silu_times_f32)(const float *gate, const float *up, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_mul(silu(v_load_some(gate + i, count - i)), v_load_some(up + i, count - i));
    v_store_some(out + i, v_canonical(y), count - i);
  }
}
