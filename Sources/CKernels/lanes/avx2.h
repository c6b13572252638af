// Sixteen lanes in two AVX2 registers. Included inside a region that targets AVX2 and FMA;
// lanes/avx512.h has the same names.

#include "../contract.h"

#define QG_INLINE static inline __attribute__((always_inline))
#define QG_REGISTERS 16
#define QG_NAME(kernel) QG_JOIN(kernel, avx2)

typedef struct {
  __m256 a, b;
} v_f32;
typedef struct {
  __m256i a, b;
} v_s32;

// All ones in the first n of eight lanes.
QG_INLINE __m256i v_first(ptrdiff_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

QG_INLINE v_f32 v_splat(float x) { return (v_f32){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
QG_INLINE v_f32 v_load(const float *x) {
  return (v_f32){_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8)};
}
QG_INLINE v_f32 v_load_part(const float *x, ptrdiff_t n) {
  return (v_f32){_mm256_maskload_ps(x, v_first(n)), _mm256_maskload_ps(x + 8, v_first(n - 8))};
}
QG_INLINE void v_store(float *x, v_f32 y) {
  _mm256_storeu_ps(x, y.a);
  _mm256_storeu_ps(x + 8, y.b);
}
QG_INLINE void v_store_part(float *x, v_f32 y, ptrdiff_t n) {
  _mm256_maskstore_ps(x, v_first(n), y.a);
  _mm256_maskstore_ps(x + 8, v_first(n - 8), y.b);
}

QG_INLINE v_f32 v_add(v_f32 x, v_f32 y) {
  return (v_f32){_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)};
}
QG_INLINE v_f32 v_sub(v_f32 x, v_f32 y) {
  return (v_f32){_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)};
}
QG_INLINE v_f32 v_mul(v_f32 x, v_f32 y) {
  return (v_f32){_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)};
}
QG_INLINE v_f32 v_div(v_f32 x, v_f32 y) {
  return (v_f32){_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)};
}
QG_INLINE v_f32 v_fma(v_f32 x, v_f32 y, v_f32 z) {
  return (v_f32){_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
// bound > y ? bound : y
QG_INLINE v_f32 v_at_least(v_f32 bound, v_f32 y) {
  return (v_f32){_mm256_max_ps(bound.a, y.a), _mm256_max_ps(bound.b, y.b)};
}
// bound < y ? bound : y
QG_INLINE v_f32 v_at_most(v_f32 bound, v_f32 y) {
  return (v_f32){_mm256_min_ps(bound.a, y.a), _mm256_min_ps(bound.b, y.b)};
}
// Half to even.
QG_INLINE v_f32 v_round(v_f32 y) {
  return (v_f32){_mm256_round_ps(y.a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
                 _mm256_round_ps(y.b, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
// test is a NaN ? y : otherwise
QG_INLINE v_f32 v_where_nan(v_f32 test, v_f32 y, v_f32 otherwise) {
  __m256 a = _mm256_cmp_ps(test.a, test.a, _CMP_UNORD_Q);
  __m256 b = _mm256_cmp_ps(test.b, test.b, _CMP_UNORD_Q);
  return (v_f32){_mm256_blendv_ps(otherwise.a, y.a, a), _mm256_blendv_ps(otherwise.b, y.b, b)};
}
QG_INLINE int v_any_nan(v_f32 y) {
  __m256 a = _mm256_cmp_ps(y.a, y.a, _CMP_UNORD_Q);
  __m256 b = _mm256_cmp_ps(y.b, y.b, _CMP_UNORD_Q);
  return _mm256_movemask_ps(_mm256_or_ps(a, b)) != 0;
}
QG_INLINE v_f32 v_from_bits(v_s32 bits) {
  return (v_f32){_mm256_castsi256_ps(bits.a), _mm256_castsi256_ps(bits.b)};
}
QG_INLINE v_f32 v_from_s32(v_s32 x) {
  return (v_f32){_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)};
}
QG_INLINE v_s32 v_to_s32(v_f32 y) {
  return (v_s32){_mm256_cvttps_epi32(y.a), _mm256_cvttps_epi32(y.b)};
}

QG_INLINE v_s32 v_splat_s32(int32_t x) {
  return (v_s32){_mm256_set1_epi32(x), _mm256_set1_epi32(x)};
}
QG_INLINE v_s32 v_load_s32(const int32_t *x) {
  return (v_s32){_mm256_loadu_si256((const __m256i *)x),
                 _mm256_loadu_si256((const __m256i *)(x + 8))};
}
QG_INLINE v_s32 v_load_part_s32(const int32_t *x, ptrdiff_t n) {
  return (v_s32){_mm256_maskload_epi32(x, v_first(n)),
                 _mm256_maskload_epi32(x + 8, v_first(n - 8))};
}
QG_INLINE v_s32 v_add_s32(v_s32 x, v_s32 y) {
  return (v_s32){_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)};
}
QG_INLINE v_s32 v_sub_s32(v_s32 x, v_s32 y) {
  return (v_s32){_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)};
}
QG_INLINE v_s32 v_mul_s32(v_s32 x, v_s32 y) {
  return (v_s32){_mm256_mullo_epi32(x.a, y.a), _mm256_mullo_epi32(x.b, y.b)};
}
QG_INLINE v_s32 v_larger_s32(v_s32 x, v_s32 y) {
  return (v_s32){_mm256_max_epi32(x.a, y.a), _mm256_max_epi32(x.b, y.b)};
}
QG_INLINE v_s32 v_halve_s32(v_s32 x) {
  return (v_s32){_mm256_srai_epi32(x.a, 1), _mm256_srai_epi32(x.b, 1)};
}
QG_INLINE v_s32 v_to_exponent(v_s32 x) {
  return (v_s32){_mm256_slli_epi32(x.a, 23), _mm256_slli_epi32(x.b, 23)};
}

QG_INLINE __m256 v_widen_bf16(const uint16_t *x) {
  __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)x));
  return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
// Sixteen bf16 values, widened.
QG_INLINE v_f32 v_load_bf16(const uint16_t *x) {
  return (v_f32){v_widen_bf16(x), v_widen_bf16(x + 8)};
}

QG_INLINE v_s32 v_widen_u8(__m128i x) {
  return (v_s32){_mm256_cvtepu8_epi32(x), _mm256_cvtepu8_epi32(_mm_srli_si128(x, 8))};
}
QG_INLINE v_s32 v_widen_s8(__m128i x) {
  return (v_s32){_mm256_cvtepi8_epi32(x), _mm256_cvtepi8_epi32(_mm_srli_si128(x, 8))};
}
QG_INLINE __m128i v_part_of_bytes(const void *x, ptrdiff_t n) {
  __m128i bytes = _mm_setzero_si128();
  __builtin_memcpy(&bytes, x, (size_t)n);
  return bytes;
}
QG_INLINE v_s32 v_load_u8(const uint8_t *x) {
  return v_widen_u8(_mm_loadu_si128((const __m128i *)x));
}
QG_INLINE v_s32 v_load_part_u8(const uint8_t *x, ptrdiff_t n) {
  return v_widen_u8(v_part_of_bytes(x, n));
}
QG_INLINE v_s32 v_load_s8(const int8_t *x) {
  return v_widen_s8(_mm_loadu_si128((const __m128i *)x));
}
QG_INLINE v_s32 v_load_part_s8(const int8_t *x, ptrdiff_t n) {
  return v_widen_s8(v_part_of_bytes(x, n));
}
// The lanes hold 0...255.
QG_INLINE __m128i v_narrow(v_s32 y) {
  __m256i words = _mm256_packus_epi32(y.a, y.b);  // 0-3, 8-11 | 4-7, 12-15
  words = _mm256_permute4x64_epi64(words, 0xd8);  // 0-7 | 8-15
  return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}
QG_INLINE void v_store_u8(uint8_t *x, v_s32 y) { _mm_storeu_si128((__m128i *)x, v_narrow(y)); }
QG_INLINE void v_store_part_u8(uint8_t *x, v_s32 y, ptrdiff_t n) {
  __m128i bytes = v_narrow(y);
  __builtin_memcpy(x, &bytes, (size_t)n);
}

// Four codes in every lane, or the four weights of each lane, widened to 16 bits: products of
// unsigned and signed bytes would saturate in 16 bits.
typedef struct {
  v_s32 even, odd;
} v_bytes;
typedef v_bytes v_codes;

QG_INLINE v_bytes v_splat_wide(uint32_t even, uint32_t odd) {
  return (v_bytes){v_splat_s32((int32_t)even), v_splat_s32((int32_t)odd)};
}

QG_INLINE v_bytes v_splat_codes(uint32_t codes) {
  return v_splat_wide(codes & 0x00ff00ffu, codes >> 8 & 0x00ff00ffu);
}

QG_INLINE v_bytes v_load_weights(const int8_t *x) {
  v_s32 all = v_load_s32((const int32_t *)x);
  v_s32 even = {_mm256_srai_epi16(_mm256_slli_epi16(all.a, 8), 8),
                _mm256_srai_epi16(_mm256_slli_epi16(all.b, 8), 8)};
  v_s32 odd = {_mm256_srai_epi16(all.a, 8), _mm256_srai_epi16(all.b, 8)};
  return (v_bytes){even, odd};
}

QG_INLINE v_s32 v_pairs(v_s32 sum, v_s32 x, v_s32 y) {
  v_s32 products = {_mm256_madd_epi16(x.a, y.a), _mm256_madd_epi16(x.b, y.b)};
  return v_add_s32(sum, products);
}

// sum + the dot product of four codes and four weights in every lane, exact.
QG_INLINE v_s32 v_dot(v_s32 sum, v_bytes codes, v_bytes weights) {
  sum = v_pairs(sum, codes.even, weights.even);
  return v_pairs(sum, codes.odd, weights.odd);
}

// a < b ? yes : no
QG_INLINE v_f32 v_where_less(v_f32 a, v_f32 b, v_f32 yes, v_f32 no) {
  return (v_f32){_mm256_blendv_ps(no.a, yes.a, _mm256_cmp_ps(a.a, b.a, _CMP_LT_OQ)),
                 _mm256_blendv_ps(no.b, yes.b, _mm256_cmp_ps(a.b, b.b, _CMP_LT_OQ))};
}
QG_INLINE v_f32 v_sqrt(v_f32 y) { return (v_f32){_mm256_sqrt_ps(y.a), _mm256_sqrt_ps(y.b)}; }

// Lane i takes x[i / 2] of the first n <= 8 numbers at x.
QG_INLINE v_f32 v_each_twice(const float *x, ptrdiff_t n) {
  __m256 all = _mm256_maskload_ps(x, v_first(n));
  return (v_f32){
      _mm256_permutevar8x32_ps(all, _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3)),
      _mm256_permutevar8x32_ps(all, _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7))};
}
// Lanes 2 i and 2 i + 1 change places.
QG_INLINE v_f32 v_swap_neighbours(v_f32 x) {
  return (v_f32){_mm256_permute_ps(x.a, 0xb1), _mm256_permute_ps(x.b, 0xb1)};
}
// The lowest bits of each lane.
QG_INLINE v_s32 v_low_bits(v_f32 y, const int bits) {
  __m256i mask = _mm256_set1_epi32((1 << bits) - 1);
  return (v_s32){_mm256_and_si256(_mm256_castps_si256(y.a), mask),
                 _mm256_and_si256(_mm256_castps_si256(y.b), mask)};
}
