// cm_expf on sixteen lanes, after lanes/finish.h.

#include <CMathExpf.h>

// By the recipe of CMathExpf.h.
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
