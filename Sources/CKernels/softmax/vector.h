// Sixteen elements at a time; after lanes/<isa>.h.

#include <CMathExpf.h>

#include "../lanes/finish.h"

// cm_expf, by the recipe of CMathExpf.h.
QG_INLINE v_f32 exponential(v_f32 x) {
  v_f32 y = v_at_least(v_splat(CM_EXPF_LOWEST), x);
  y = v_at_most(v_splat(CM_EXPF_HIGHEST), y);
  v_f32 shift = v_splat(CM_EXPF_SHIFT);
  v_f32 n = v_sub(v_fma(y, v_splat(CM_EXPF_LOG2_E), shift), shift);
  v_f32 r = v_fma(n, v_splat(-CM_EXPF_LN2_HIGH), y);
  r = v_fma(n, v_splat(-CM_EXPF_LN2_LOW), r);
  v_f32 e = v_splat(CM_EXPF_C5);
  e = v_fma(e, r, v_splat(CM_EXPF_C4));
  e = v_fma(e, r, v_splat(CM_EXPF_C3));
  e = v_fma(e, r, v_splat(CM_EXPF_C2));
  e = v_fma(e, r, v_splat(CM_EXPF_C1));
  e = v_fma(e, r, v_splat(CM_EXPF_C0));
  v_f32 p = v_add(v_fma(v_mul(r, r), e, r), v_splat(1));
  v_s32 exponent = v_to_s32(n);
  v_s32 half = v_halve_s32(exponent);
  v_s32 bias = v_splat_s32(127);
  p = v_mul(p, v_from_bits(v_to_exponent(v_add_s32(half, bias))));
  v_s32 rest = v_add_s32(v_sub_s32(exponent, half), bias);
  return v_canonical(v_mul(p, v_from_bits(v_to_exponent(rest))));
}

// NaN elements are passed over: they turn the sum into NaN anyway.
static float largest(const float *x, ptrdiff_t count) {
  float best[QG_PANEL];
  v_f32 top = v_splat(-__builtin_inff());
  ptrdiff_t i = 0;
  for (; i + QG_PANEL <= count; i += QG_PANEL) {
    v_f32 y = v_load(x + i);
    top = v_at_least(v_where_nan(y, v_splat(-__builtin_inff()), y), top);
  }
  v_store(best, top);
  for (; i < count; i++) best[0] = x[i] > best[0] ? x[i] : best[0];
  for (int lane = 1; lane < QG_PANEL; lane++) best[0] = best[lane] > best[0] ? best[lane] : best[0];
  return best[0];
}

void QG_NAME(softmax_f32)(const float *x, ptrdiff_t rows, ptrdiff_t count, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += count, out += count) {
    v_f32 top = v_splat(largest(x, count));
    v_f32 sum = v_splat(0);
    float lanes[QG_PANEL];
    ptrdiff_t i = 0;
    for (; i + QG_PANEL <= count; i += QG_PANEL) {
      v_f32 y = exponential(v_sub(v_load(x + i), top));
      v_store(out + i, y);
      sum = v_add(sum, y);
    }
    v_store(lanes, sum);
    if (i < count) {
      v_store_part(out + i, exponential(v_sub(v_load_part(x + i, count - i), top)), count - i);
      for (ptrdiff_t lane = 0; lane < count - i; lane++) lanes[lane] += out[i + lane];
    }
    for (int apart = QG_PANEL / 2; apart > 0; apart /= 2) {
      for (int lane = 0; lane < apart; lane++) lanes[lane] += lanes[lane + apart];
    }
    v_f32 total = v_splat(lanes[0]);
    for (i = 0; i < count; i += QG_PANEL) {
      v_f32 y = v_div(v_load_some(out + i, count - i), total);
      v_store_some(out + i, v_canonical(y), count - i);
    }
  }
}
