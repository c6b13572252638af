// Sixteen elements at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

void QG_NAME(add_f32)(const float *a, const float *b, ptrdiff_t count, qg_bounds bounds,
                      float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_f32 y = v_add(v_load_some(a + i, n), v_load_some(b + i, n));
    v_store_some(out + i, v_clamp(y, bounds), n);
  }
}

QG_INLINE v_s32 distances_at(const uint8_t *q, ptrdiff_t n, int32_t zero_point) {
  return v_sub_s32(v_load_some_u8(q, n), v_splat_s32(zero_point));
}

QG_INLINE v_f32 steps_at(const uint8_t *q, ptrdiff_t n, int32_t zero_point) {
  return v_from_s32(distances_at(q, n, zero_point));
}

void QG_NAME(add_u8)(const uint8_t *a, qg_affine a_affine, const uint8_t *b, qg_affine b_affine,
                     ptrdiff_t count, qg_bounds bounds, qg_affine out_affine, uint8_t *out) {
  v_f32 a_scale = v_splat(a_affine.scale);
  v_f32 b_scale = v_splat(b_affine.scale);
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_f32 other = v_mul(steps_at(b + i, n, b_affine.zero_point), b_scale);
    v_f32 y = v_fma(steps_at(a + i, n, a_affine.zero_point), a_scale, other);
    v_store_some_u8(out + i, v_quantize(v_clamp(y, bounds), out_affine), n);
  }
}

void QG_NAME(multiply_f32)(const float *a, const float *b, ptrdiff_t count, qg_bounds bounds,
                           float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_f32 y = v_mul(v_load_some(a + i, n), v_load_some(b + i, n));
    v_store_some(out + i, v_clamp(y, bounds), n);
  }
}

void QG_NAME(multiply_u8)(const uint8_t *a, qg_affine a_affine, const uint8_t *b,
                          qg_affine b_affine, ptrdiff_t count, qg_bounds bounds,
                          qg_affine out_affine, uint8_t *out) {
  v_f32 scale = v_splat(a_affine.scale * b_affine.scale);
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_s32 product = v_mul_s32(distances_at(a + i, n, a_affine.zero_point),
                              distances_at(b + i, n, b_affine.zero_point));
    v_f32 y = v_mul(v_from_s32(product), scale);
    v_store_some_u8(out + i, v_quantize(v_clamp(y, bounds), out_affine), n);
  }
}

void QG_NAME(clamp_f32)(const float *x, ptrdiff_t count, qg_bounds bounds, float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_store_some(out + i, v_clamp(v_load_some(x + i, n), bounds), n);
  }
}

// The compiler vectorises this one by itself.
void QG_NAME(clamp_u8)(const uint8_t *x, ptrdiff_t count, uint8_t lower, uint8_t upper,
                       uint8_t *out) {
  for (ptrdiff_t i = 0; i < count; i++) {
    uint8_t y = x[i] < lower ? lower : x[i];
    out[i] = y > upper ? upper : y;
  }
}
