#ifndef CKERNELS_FINISH_H
#define CKERNELS_FINISH_H

// The ends of the vector kernels, after lanes/<isa>.h: scalar.h on sixteen lanes.

QG_INLINE v_f32 v_load_some(const float *x, ptrdiff_t n) {
  return n < QG_PANEL ? v_load_part(x, n) : v_load(x);
}

QG_INLINE void v_store_some(float *x, v_f32 y, ptrdiff_t n) {
  if (n < QG_PANEL) {
    v_store_part(x, y, n);
  } else {
    v_store(x, y);
  }
}

QG_INLINE v_s32 v_load_some_s32(const int32_t *x, ptrdiff_t n) {
  return n < QG_PANEL ? v_load_part_s32(x, n) : v_load_s32(x);
}

QG_INLINE v_s32 v_load_some_u8(const uint8_t *x, ptrdiff_t n) {
  return n < QG_PANEL ? v_load_part_u8(x, n) : v_load_u8(x);
}

QG_INLINE v_s32 v_load_some_s8(const int8_t *x, ptrdiff_t n) {
  return n < QG_PANEL ? v_load_part_s8(x, n) : v_load_s8(x);
}

QG_INLINE void v_store_some_u8(uint8_t *x, v_s32 y, ptrdiff_t n) {
  if (n < QG_PANEL) {
    v_store_part_u8(x, y, n);
  } else {
    v_store_u8(x, y);
  }
}

QG_INLINE v_f32 v_canonical(v_f32 y) { return v_where_nan(y, v_splat(__builtin_nanf("")), y); }

QG_INLINE v_f32 v_clamp(v_f32 y, qg_bounds bounds) {
  y = v_at_least(v_splat(bounds.lower), v_canonical(y));
  return v_at_most(v_splat(bounds.upper), y);
}

QG_INLINE v_s32 v_quantize(v_f32 y, qg_affine affine) {
  assert(affine.zero_point >= 0 && affine.zero_point <= 255);
  v_f32 t = v_round(v_div(y, v_splat(affine.scale)));
  t = v_where_nan(t, v_splat(0), t);
  t = v_at_least(v_splat((float)-affine.zero_point), t);
  t = v_at_most(v_splat((float)(255 - affine.zero_point)), t);
  return v_add_s32(v_to_s32(t), v_splat_s32(affine.zero_point));
}

// The first n lanes of y, at element `at` of the output.
QG_INLINE void v_output(const qg_output *output, ptrdiff_t at, v_f32 y, ptrdiff_t n,
                        qg_bounds bounds) {
  y = v_clamp(y, bounds);
  if (output->f32) {
    v_store_some(output->f32 + at, y, n);
  } else {
    v_store_some_u8(output->u8 + at, v_quantize(y, output->quantize), n);
  }
}

// The value of n integer dot products of outputs that start at `first`.
QG_INLINE v_f32 v_scaled(v_s32 dot, v_f32 scale, const float *bias, ptrdiff_t first, ptrdiff_t n) {
  v_f32 y = v_from_s32(dot);
  return bias ? v_fma(y, scale, v_load_some(bias + first, n)) : v_mul(y, scale);
}

// The four codes at a, as one little-endian word.
QG_INLINE uint32_t v_four(const uint8_t *a) {
  uint32_t word;
  __builtin_memcpy(&word, a, sizeof word);
  return word;
}

#endif
