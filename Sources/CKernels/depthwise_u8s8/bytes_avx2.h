// Thirty-two bytes in one AVX2 register, and the four quarters they become as dwords; after
// lanes/avx2.h. bytes_avx512.h has the same names.

enum { b_width = 32 };
// How many vectors become codes side by side: as many as there are registers for.
enum { b_side_by_side = 1 };

typedef __m256i b_bytes;
typedef __m256i b_s32;
typedef __m256 b_f32;

#define QG_B(operation) _mm256_##operation

QG_INLINE b_bytes b_zero(void) { return _mm256_setzero_si256(); }
QG_INLINE b_bytes b_load(const void *x) { return _mm256_loadu_si256((const __m256i *)x); }
QG_INLINE void b_store(void *x, b_bytes y) { _mm256_storeu_si256((__m256i *)x, y); }
QG_INLINE b_bytes b_and(b_bytes x, b_bytes y) { return _mm256_and_si256(x, y); }

// The bytes [begin, end) of x and the others of `fill`; end may pass b_width.
QG_INLINE b_bytes b_load_between(const uint8_t *x, ptrdiff_t begin, ptrdiff_t end, b_bytes fill) {
  if (end > b_width) end = b_width;
  if (begin >= end) return fill;
  if (begin == 0 && end == b_width) return b_load(x);
  uint8_t bytes[b_width];
  b_store(bytes, fill);
  __builtin_memcpy(bytes + begin, x + begin, (size_t)(end - begin));
  return b_load(bytes);
}
QG_INLINE void b_store_first(uint8_t *x, b_bytes y, ptrdiff_t n) {
  if (n >= b_width) return b_store(x, y);
  uint8_t bytes[b_width];
  b_store(bytes, y);
  __builtin_memcpy(x, bytes, (size_t)n);
}

// Quarter q of 32 dwords: those of bytes 4q...4q + 3 of every 128 bits.
QG_INLINE b_s32 b_quarter(const void *dwords, int q) {
  const __m128i *x = (const __m128i *)dwords + q;
  __m256i y = _mm256_castsi128_si256(_mm_loadu_si128(x));
  return _mm256_inserti128_si256(y, _mm_loadu_si128(x + 4), 1);
}
QG_INLINE void b_store_quarter(int32_t *dwords, int q, b_s32 y) {
  __m128i *x = (__m128i *)dwords + q;
  _mm_storeu_si128(x, _mm256_castsi256_si128(y));
  _mm_storeu_si128(x + 4, _mm256_extracti128_si256(y, 1));
}

QG_INLINE b_f32 b_as_floats(b_s32 x) { return _mm256_castsi256_ps(x); }
// Every lane of x is below that of y; a NaN is not.
QG_INLINE int b_all_less(b_f32 x, b_f32 y) {
  return _mm256_movemask_ps(_mm256_cmp_ps(x, y, _CMP_LT_OQ)) == 0xff;
}
// Half to even.
QG_INLINE b_s32 b_round(b_f32 y) {
  y = _mm256_round_ps(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm256_cvttps_epi32(y);
}

// The high halves of the dwords of x and y, in the order of packs.
QG_INLINE b_bytes b_high_halves(b_s32 x, b_s32 y) {
  return _mm256_packs_epi32(_mm256_srai_epi32(x, 16), _mm256_srai_epi32(y, 16));
}
QG_INLINE int b_any_below_u16(b_bytes x, b_bytes y) {
  b_bytes below = _mm256_subs_epu16(y, x);
  return !_mm256_testz_si256(below, below);
}

// The upper half of x, then the lower half of y.
QG_INLINE b_bytes b_join(b_bytes x, b_bytes y) { return _mm256_permute2x128_si256(x, y, 0x21); }
