// The 16-bit formats on sixteen lanes; after lanes/avx2.h, in a region that also targets F16C.
// lanes/half_avx512.h has the same names.

QG_INLINE __m256i v_part_of_halves(const void *x, ptrdiff_t n) {
  __m256i halves = _mm256_setzero_si256();
  __builtin_memcpy(&halves, x, (size_t)n * 2);
  return halves;
}

QG_INLINE v_f32 v_from_f16(__m256i codes) {
  return (v_f32){_mm256_cvtph_ps(_mm256_castsi256_si128(codes)),
                 _mm256_cvtph_ps(_mm256_extracti128_si256(codes, 1))};
}
QG_INLINE v_f32 v_from_bf16(__m256i codes) {
  __m256i a = _mm256_cvtepu16_epi32(_mm256_castsi256_si128(codes));
  __m256i b = _mm256_cvtepu16_epi32(_mm256_extracti128_si256(codes, 1));
  return (v_f32){_mm256_castsi256_ps(_mm256_slli_epi32(a, 16)),
                 _mm256_castsi256_ps(_mm256_slli_epi32(b, 16))};
}
// Half to even; a NaN must be canonical.
QG_INLINE __m256i v_to_f16(v_f32 y) {
  __m128i a = _mm256_cvtps_ph(y.a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m128i b = _mm256_cvtps_ph(y.b, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm256_set_m128i(b, a);
}
QG_INLINE __m256i v_upper_half(__m256 y) {
  __m256i bits = _mm256_castps_si256(y);
  __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  odd = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff));
  return _mm256_srli_epi32(_mm256_add_epi32(bits, odd), 16);
}
// Half to even; a NaN must be canonical, so that rounding leaves it a NaN.
QG_INLINE __m256i v_to_bf16(v_f32 y) {
  __m256i words = _mm256_packus_epi32(v_upper_half(y.a), v_upper_half(y.b));
  return _mm256_permute4x64_epi64(words, 0xd8);
}

QG_INLINE __m256i v_load_halves(const uint16_t *x, ptrdiff_t n) {
  return n < QG_PANEL ? v_part_of_halves(x, n) : _mm256_loadu_si256((const __m256i *)x);
}
QG_INLINE void v_store_halves(uint16_t *x, __m256i codes, ptrdiff_t n) {
  if (n < QG_PANEL) {
    __builtin_memcpy(x, &codes, (size_t)n * 2);
  } else {
    _mm256_storeu_si256((__m256i *)x, codes);
  }
}
