// Sixteen lanes in one AVX-512 register. Included inside a region that targets AVX-512 (and VNNI
// when QG_VNNI is set); lanes/avx2.h has the same names.

#include "../contract.h"

#define QG_INLINE static inline __attribute__((always_inline))
#define QG_REGISTERS 32
#if defined(QG_VNNI)
#define QG_NAME(kernel) QG_JOIN(kernel, avx512_vnni)
#else
#define QG_NAME(kernel) QG_JOIN(kernel, avx512)
#endif

typedef __m512 v_f32;
typedef __m512i v_s32;

QG_INLINE __mmask16 v_first(ptrdiff_t n) { return (__mmask16)((1u << n) - 1); }

QG_INLINE v_f32 v_splat(float x) { return _mm512_set1_ps(x); }
QG_INLINE v_f32 v_load(const float *x) { return _mm512_loadu_ps(x); }
QG_INLINE v_f32 v_load_part(const float *x, ptrdiff_t n) {
  return _mm512_maskz_loadu_ps(v_first(n), x);
}
QG_INLINE void v_store(float *x, v_f32 y) { _mm512_storeu_ps(x, y); }
QG_INLINE void v_store_part(float *x, v_f32 y, ptrdiff_t n) {
  _mm512_mask_storeu_ps(x, v_first(n), y);
}

QG_INLINE v_f32 v_add(v_f32 a, v_f32 b) { return _mm512_add_ps(a, b); }
QG_INLINE v_f32 v_sub(v_f32 a, v_f32 b) { return _mm512_sub_ps(a, b); }
QG_INLINE v_f32 v_mul(v_f32 a, v_f32 b) { return _mm512_mul_ps(a, b); }
QG_INLINE v_f32 v_div(v_f32 a, v_f32 b) { return _mm512_div_ps(a, b); }
QG_INLINE v_f32 v_fma(v_f32 a, v_f32 b, v_f32 c) { return _mm512_fmadd_ps(a, b, c); }
// bound > y ? bound : y
QG_INLINE v_f32 v_at_least(v_f32 bound, v_f32 y) { return _mm512_max_ps(bound, y); }
// bound < y ? bound : y
QG_INLINE v_f32 v_at_most(v_f32 bound, v_f32 y) { return _mm512_min_ps(bound, y); }
// Half to even.
QG_INLINE v_f32 v_round(v_f32 y) {
  return _mm512_roundscale_ps(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// test is a NaN ? y : otherwise
QG_INLINE v_f32 v_where_nan(v_f32 test, v_f32 y, v_f32 otherwise) {
  // Keeps y in a register. A constant would be loaded under the mask, which is mostly empty: then the
  // load never brings in the constant's page, and while that is absent it takes 400 cycles every time.
  __asm__("" : "+v"(y));
  return _mm512_mask_mov_ps(otherwise, _mm512_cmp_ps_mask(test, test, _CMP_UNORD_Q), y);
}
QG_INLINE int v_any_nan(v_f32 y) { return _mm512_cmp_ps_mask(y, y, _CMP_UNORD_Q) != 0; }
QG_INLINE v_f32 v_from_bits(v_s32 bits) { return _mm512_castsi512_ps(bits); }
QG_INLINE v_f32 v_from_s32(v_s32 x) { return _mm512_cvtepi32_ps(x); }
QG_INLINE v_s32 v_to_s32(v_f32 y) { return _mm512_cvttps_epi32(y); }

QG_INLINE v_s32 v_splat_s32(int32_t x) { return _mm512_set1_epi32(x); }
QG_INLINE v_s32 v_load_s32(const int32_t *x) { return _mm512_loadu_si512(x); }
QG_INLINE v_s32 v_load_part_s32(const int32_t *x, ptrdiff_t n) {
  return _mm512_maskz_loadu_epi32(v_first(n), x);
}
QG_INLINE v_s32 v_add_s32(v_s32 a, v_s32 b) { return _mm512_add_epi32(a, b); }
QG_INLINE v_s32 v_sub_s32(v_s32 a, v_s32 b) { return _mm512_sub_epi32(a, b); }
QG_INLINE v_s32 v_mul_s32(v_s32 a, v_s32 b) { return _mm512_mullo_epi32(a, b); }
QG_INLINE v_s32 v_larger_s32(v_s32 a, v_s32 b) { return _mm512_max_epi32(a, b); }
QG_INLINE v_s32 v_halve_s32(v_s32 a) { return _mm512_srai_epi32(a, 1); }
QG_INLINE v_s32 v_to_exponent(v_s32 a) { return _mm512_slli_epi32(a, 23); }

// Sixteen bf16 values, widened.
QG_INLINE v_f32 v_load_bf16(const uint16_t *x) {
  __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)x));
  return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

QG_INLINE v_s32 v_load_u8(const uint8_t *x) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x));
}
QG_INLINE v_s32 v_load_part_u8(const uint8_t *x, ptrdiff_t n) {
  return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(v_first(n), x));
}
QG_INLINE v_s32 v_load_s8(const int8_t *x) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x));
}
QG_INLINE v_s32 v_load_part_s8(const int8_t *x, ptrdiff_t n) {
  return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(v_first(n), x));
}
// The lanes hold 0...255.
QG_INLINE void v_store_u8(uint8_t *x, v_s32 y) {
  _mm_storeu_si128((__m128i *)x, _mm512_cvtepi32_epi8(y));
}
QG_INLINE void v_store_part_u8(uint8_t *x, v_s32 y, ptrdiff_t n) {
  _mm_mask_storeu_epi8(x, v_first(n), _mm512_cvtepi32_epi8(y));
}

// Four codes in every lane, and the four weights of each lane.
typedef struct {
#if defined(QG_VNNI)
  __m512i all;
#else
  __m512i even, odd;  // widened to 16 bits
#endif
} v_bytes;
typedef v_bytes v_codes;

#if !defined(QG_VNNI)
QG_INLINE v_bytes v_splat_wide(uint32_t even, uint32_t odd) {
  return (v_bytes){_mm512_set1_epi32((int)even), _mm512_set1_epi32((int)odd)};
}
#endif

QG_INLINE v_bytes v_splat_codes(uint32_t codes) {
#if defined(QG_VNNI)
  return (v_bytes){_mm512_set1_epi32((int)codes)};
#else
  return v_splat_wide(codes & 0x00ff00ffu, codes >> 8 & 0x00ff00ffu);
#endif
}

QG_INLINE v_bytes v_load_weights(const int8_t *x) {
  __m512i all = _mm512_loadu_si512(x);
#if defined(QG_VNNI)
  return (v_bytes){all};
#else
  return (v_bytes){_mm512_srai_epi16(_mm512_slli_epi16(all, 8), 8), _mm512_srai_epi16(all, 8)};
#endif
}

// sum + the dot product of four codes and four weights in every lane, exact.
QG_INLINE v_s32 v_dot(v_s32 sum, v_bytes codes, v_bytes weights) {
#if defined(QG_VNNI)
  return _mm512_dpbusd_epi32(sum, codes.all, weights.all);
#else
  sum = _mm512_add_epi32(sum, _mm512_madd_epi16(codes.even, weights.even));
  return _mm512_add_epi32(sum, _mm512_madd_epi16(codes.odd, weights.odd));
#endif
}

// a < b ? yes : no
QG_INLINE v_f32 v_where_less(v_f32 a, v_f32 b, v_f32 yes, v_f32 no) {
  return _mm512_mask_mov_ps(no, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), yes);
}
QG_INLINE v_f32 v_sqrt(v_f32 y) { return _mm512_sqrt_ps(y); }

// Lane i takes x[i / 2] of the first n <= 8 numbers at x.
QG_INLINE v_f32 v_each_twice(const float *x, ptrdiff_t n) {
  __m512i source = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  return _mm512_permutexvar_ps(source, v_load_part(x, n));
}
// Lanes 2 i and 2 i + 1 change places.
QG_INLINE v_f32 v_swap_neighbours(v_f32 x) { return _mm512_permute_ps(x, 0xb1); }
// The lowest bits of each lane.
QG_INLINE v_s32 v_low_bits(v_f32 y, const int bits) {
  return _mm512_and_si512(_mm512_castps_si512(y), _mm512_set1_epi32((1 << bits) - 1));
}
