// Sixty-four bytes in one AVX-512 register, and the four quarters they become as dwords; after
// lanes/avx512.h. bytes_avx2.h has the same names.

enum { b_width = 64 };
// How many vectors become codes side by side: as many as there are registers for.
enum { b_side_by_side = 2 };

typedef __m512i b_bytes;
typedef __m512i b_s32;
typedef __m512 b_f32;

#define QG_B(operation) _mm512_##operation

QG_INLINE b_bytes b_zero(void) { return _mm512_setzero_si512(); }
QG_INLINE b_bytes b_load(const void *x) { return _mm512_loadu_si512(x); }
QG_INLINE void b_store(void *x, b_bytes y) { _mm512_storeu_si512(x, y); }
QG_INLINE b_bytes b_and(b_bytes x, b_bytes y) { return _mm512_and_si512(x, y); }

// The first n bits, for n of 0...64.
QG_INLINE __mmask64 b_first(ptrdiff_t n) {
  return n >= b_width ? ~0ull : (__mmask64)((1ull << n) - 1);
}
// The bytes [begin, end) of x and the others of `fill`; end may pass b_width.
QG_INLINE b_bytes b_load_between(const uint8_t *x, ptrdiff_t begin, ptrdiff_t end, b_bytes fill) {
  return _mm512_mask_loadu_epi8(fill, b_first(end) & ~b_first(begin), x);
}
QG_INLINE void b_store_first(uint8_t *x, b_bytes y, ptrdiff_t n) {
  _mm512_mask_storeu_epi8(x, b_first(n), y);
}

// Quarter q of 64 dwords: those of bytes 4q...4q + 3 of every 128 bits.
QG_INLINE b_s32 b_quarter(const void *dwords, int q) {
  const __m128i *x = (const __m128i *)dwords + q;
  __m512i y = _mm512_castsi128_si512(_mm_loadu_si128(x));
  y = _mm512_inserti32x4(y, _mm_loadu_si128(x + 4), 1);
  y = _mm512_inserti32x4(y, _mm_loadu_si128(x + 8), 2);
  return _mm512_inserti32x4(y, _mm_loadu_si128(x + 12), 3);
}
QG_INLINE void b_store_quarter(int32_t *dwords, int q, b_s32 y) {
  __m128i *x = (__m128i *)dwords + q;
  _mm_storeu_si128(x, _mm512_castsi512_si128(y));
  _mm_storeu_si128(x + 4, _mm512_extracti32x4_epi32(y, 1));
  _mm_storeu_si128(x + 8, _mm512_extracti32x4_epi32(y, 2));
  _mm_storeu_si128(x + 12, _mm512_extracti32x4_epi32(y, 3));
}

QG_INLINE b_f32 b_as_floats(b_s32 x) { return _mm512_castsi512_ps(x); }
// Every lane of x is below that of y; a NaN is not.
QG_INLINE int b_all_less(b_f32 x, b_f32 y) {
  return _mm512_cmp_ps_mask(x, y, _CMP_LT_OQ) == 0xffff;
}
// Half to even.
QG_INLINE b_s32 b_round(b_f32 y) {
  return _mm512_cvt_roundps_epi32(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// The high halves of the dwords of x and y, in the order of packs.
QG_INLINE b_bytes b_high_halves(b_s32 x, b_s32 y) {
  __m512i order = _mm512_set_epi16(63, 61, 59, 57, 31, 29, 27, 25, 55, 53, 51, 49, 23, 21, 19, 17,
                                   47, 45, 43, 41, 15, 13, 11, 9, 39, 37, 35, 33, 7, 5, 3, 1);
  return _mm512_permutex2var_epi16(x, order, y);
}
QG_INLINE int b_any_below_u16(b_bytes x, b_bytes y) {
  return _mm512_cmplt_epu16_mask(x, y) != 0;
}

// The upper half of x, then the lower half of y.
QG_INLINE b_bytes b_join(b_bytes x, b_bytes y) { return _mm512_shuffle_i64x2(x, y, 0x4e); }
