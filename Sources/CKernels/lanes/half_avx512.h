// The 16-bit formats on sixteen lanes; after lanes/avx512.h. lanes/half_avx2.h has the same names.

QG_INLINE v_f32 v_from_f16(__m256i codes) { return _mm512_cvtph_ps(codes); }
QG_INLINE v_f32 v_from_bf16(__m256i codes) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(codes), 16));
}
// Half to even; a NaN must be canonical.
QG_INLINE __m256i v_to_f16(v_f32 y) {
  return _mm512_cvtps_ph(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// Half to even; a NaN must be canonical, so that rounding leaves it a NaN.
QG_INLINE __m256i v_to_bf16(v_f32 y) {
  __m512i bits = _mm512_castps_si512(y);
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  odd = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff));
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_add_epi32(bits, odd), 16));
}

QG_INLINE __m256i v_load_halves(const uint16_t *x, ptrdiff_t n) {
  return n < QG_PANEL ? _mm256_maskz_loadu_epi16(v_first(n), x)
                      : _mm256_loadu_si256((const __m256i *)x);
}
QG_INLINE void v_store_halves(uint16_t *x, __m256i codes, ptrdiff_t n) {
  if (n < QG_PANEL) {
    _mm256_mask_storeu_epi16(x, v_first(n), codes);
  } else {
    _mm256_storeu_si256((__m256i *)x, codes);
  }
}
