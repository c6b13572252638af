// The 16-bit formats on sixteen lanes; after lanes/neon.h. lanes/half_avx2.h has the same names.

typedef struct {
  uint16x4_t r[4];
} v_halves;

QG_INLINE v_f32 v_from_f16(v_halves codes) {
  return QG_FOUR(v_f32, vcvt_f32_f16(vreinterpret_f16_u16(codes.r[i])));
}
QG_INLINE v_f32 v_from_bf16(v_halves codes) {
  return QG_FOUR(v_f32, vreinterpretq_f32_u32(vshll_n_u16(codes.r[i], 16)));
}
// Half to even; a NaN must be canonical.
QG_INLINE v_halves v_to_f16(v_f32 y) {
  return QG_FOUR(v_halves, vreinterpret_u16_f16(vcvt_f16_f32(y.r[i])));
}
QG_INLINE uint16x4_t v_upper_half(float32x4_t y) {
  uint32x4_t bits = vreinterpretq_u32_f32(y);
  uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
  odd = vaddq_u32(odd, vdupq_n_u32(0x7fff));
  return vshrn_n_u32(vaddq_u32(bits, odd), 16);
}
// Half to even; a NaN must be canonical, so that rounding leaves it a NaN.
QG_INLINE v_halves v_to_bf16(v_f32 y) { return QG_FOUR(v_halves, v_upper_half(y.r[i])); }

QG_INLINE v_halves v_load_halves(const uint16_t *x, ptrdiff_t n) {
  uint16_t all[QG_PANEL] = {0};
  if (n < QG_PANEL) {
    __builtin_memcpy(all, x, (size_t)n * 2);
    x = all;
  }
  return QG_FOUR(v_halves, vld1_u16(x + 4 * i));
}
QG_INLINE void v_store_halves(uint16_t *x, v_halves codes, ptrdiff_t n) {
  uint16_t all[QG_PANEL];
#pragma unroll
  for (int i = 0; i < 4; i++) vst1_u16(all + 4 * i, codes.r[i]);
  __builtin_memcpy(x, all, n < QG_PANEL ? (size_t)n * 2 : sizeof all);
}
