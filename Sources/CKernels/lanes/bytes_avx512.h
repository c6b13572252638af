// Products of unsigned and signed bytes, 16 outputs to a register; after lanes/avx512.h.
// lanes/bytes_avx2.h has the same names for 8 outputs to a register.

enum { b_lanes = 16 };

typedef __m512i b_s32;
typedef __m512 b_f32;

QG_INLINE b_s32 b_load(const void *x) { return _mm512_loadu_si512(x); }
QG_INLINE void b_store(void *x, b_s32 y) { _mm512_storeu_si512(x, y); }
QG_INLINE b_s32 b_splat(int32_t x) { return _mm512_set1_epi32(x); }
QG_INLINE b_s32 b_splat_byte(int8_t x) { return _mm512_set1_epi8(x); }
QG_INLINE b_s32 b_and(b_s32 x, b_s32 y) { return _mm512_and_si512(x, y); }
QG_INLINE b_s32 b_or(b_s32 x, b_s32 y) { return _mm512_or_si512(x, y); }
// Shifts by bits within 16-bit words: bits cross the bytes of a word.
QG_INLINE b_s32 b_shift_right(b_s32 x, const int bits) { return _mm512_srli_epi16(x, bits); }
QG_INLINE b_s32 b_shift_left(b_s32 x, const int bits) { return _mm512_slli_epi16(x, bits); }
QG_INLINE b_s32 b_high_half(b_s32 x) { return _mm512_slli_epi32(x, 16); }
QG_INLINE b_s32 b_add_bytes(b_s32 x, b_s32 y) { return _mm512_add_epi8(x, y); }
QG_INLINE b_s32 b_sub_bytes(b_s32 x, b_s32 y) { return _mm512_sub_epi8(x, y); }
QG_INLINE b_s32 b_add(b_s32 x, b_s32 y) { return _mm512_add_epi32(x, y); }
QG_INLINE b_s32 b_sub(b_s32 x, b_s32 y) { return _mm512_sub_epi32(x, y); }
QG_INLINE b_s32 b_mul(b_s32 x, b_s32 y) { return _mm512_mullo_epi32(x, y); }
QG_INLINE b_f32 b_float(b_s32 x) { return _mm512_cvtepi32_ps(x); }
QG_INLINE b_f32 b_fma(b_f32 x, b_f32 y, b_f32 z) { return _mm512_fmadd_ps(x, y, z); }
QG_INLINE b_f32 b_negate(b_f32 x) { return _mm512_xor_ps(x, _mm512_set1_ps(-0.0f)); }
QG_INLINE b_f32 b_load_f32(const float *x) { return _mm512_loadu_ps(x); }
QG_INLINE void b_store_f32(float *x, b_f32 y) { _mm512_storeu_ps(x, y); }
QG_INLINE b_f32 b_load_f16(const void *x) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)x));
}
QG_INLINE b_s32 b_load_u8(const uint8_t *x) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x));
}
QG_INLINE b_s32 b_load_s8(const void *x) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x));
}
// Every byte of lane i is x[i].
QG_INLINE b_s32 b_load_spread(const uint8_t *x) {
  b_s32 four = _mm512_broadcast_i32x4(_mm_setr_epi32(0, 0x01010101, 0x02020202, 0x03030303));
  b_s32 first = _mm512_mullo_epi32(
      _mm512_setr_epi32(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12), b_splat(0x01010101));
  return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)x)),
                             _mm512_add_epi8(four, first));
}
// 2^(x - 128) for the bytes x at `at`; 0 and 1 give subnormals.
QG_INLINE b_f32 b_load_power(const uint8_t *at) {
  b_s32 x = b_load_u8(at);
  b_s32 tiny = _mm512_sllv_epi32(b_splat(0x00200000), x);
  b_s32 bits = _mm512_slli_epi32(_mm512_sub_epi32(x, b_splat(1)), 23);
  __mmask16 few = _mm512_cmplt_epi32_mask(x, b_splat(2));
  return _mm512_castsi512_ps(_mm512_mask_mov_epi32(bits, few, tiny));
}
// table[x & 15] for bytes x of 0...127.
QG_INLINE b_s32 b_lookup(const int8_t *table, b_s32 x) {
  return _mm512_shuffle_epi8(
      _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table)), x);
}

// Shift by bits within 32-bit words.
QG_INLINE b_s32 b_shift_words(b_s32 x, const int bits) { return _mm512_srli_epi32(x, bits); }
QG_INLINE b_f32 b_splat_f32(float x) { return _mm512_set1_ps(x); }

// 16 numbers, and the one that the low four bits of every lane choose.
typedef b_f32 b_numbers;

QG_INLINE b_numbers b_load_numbers(const float *x) { return b_load_f32(x); }
QG_INLINE b_f32 b_choose(b_numbers numbers, b_s32 x) { return _mm512_permutexvar_ps(x, numbers); }

// Whether any byte of x, of 0...127, exceeds y.
QG_INLINE int b_any_above(b_s32 x, int8_t y) {
  return _mm512_cmpgt_epi8_mask(x, _mm512_set1_epi8(y)) != 0;
}

// Sums of products of bytes are kept in parts of QG_PART_BITS: a part of 16 bits has room for 2^15 in
// sums of two products, and has to be closed before that.
#if defined(QG_VNNI)
#define QG_PART_BITS 32
// part + the products of four codes and four weights in every lane.
QG_INLINE b_s32 b_step(b_s32 part, b_s32 codes, b_s32 weights) {
  return _mm512_dpbusd_epi32(part, codes, weights);
}
QG_INLINE b_s32 b_open(b_s32 dot) { return dot; }
QG_INLINE b_s32 b_close(b_s32 part, b_s32 dot) {
  (void)dot;
  return part;
}
#else
#define QG_PART_BITS 16
// part + the products of four codes and four weights in every lane.
QG_INLINE b_s32 b_step(b_s32 part, b_s32 codes, b_s32 weights) {
  return _mm512_add_epi16(part, _mm512_maddubs_epi16(codes, weights));
}
QG_INLINE b_s32 b_open(b_s32 dot) {
  (void)dot;
  return b_splat(0);
}
QG_INLINE b_s32 b_close(b_s32 part, b_s32 dot) {
  return b_add(dot, _mm512_madd_epi16(part, _mm512_set1_epi16(1)));
}
#endif

// sum + the products of two pairs of 16-bit numbers in every lane.
QG_INLINE b_s32 b_add_pairs(b_s32 sum, b_s32 x, b_s32 y) {
#if defined(QG_VNNI)
  return _mm512_dpwssd_epi32(sum, x, y);
#else
  return b_add(sum, _mm512_madd_epi16(x, y));
#endif
}

// Four weights of -128...127 in every lane, and sum + their products with four codes.
#if defined(QG_VNNI)
typedef struct {
  b_s32 all;
} b_weights;

QG_INLINE b_weights b_widen(b_s32 weights) { return (b_weights){weights}; }
QG_INLINE b_s32 b_dot(b_s32 sum, b_s32 codes, b_weights weights) {
  return _mm512_dpbusd_epi32(sum, codes, weights.all);
}
#else
#define QG_WORDS
typedef struct {
  b_s32 even, odd;  // widened to 16 bits
} b_weights;

QG_INLINE b_weights b_widen(b_s32 weights) {
  return (b_weights){_mm512_srai_epi16(_mm512_slli_epi16(weights, 8), 8),
                     _mm512_srai_epi16(weights, 8)};
}
QG_INLINE b_s32 b_dot(b_s32 sum, b_s32 codes, b_weights weights) {
  sum = b_add_pairs(sum, b_and(codes, _mm512_set1_epi16(255)), weights.even);
  return b_add_pairs(sum, b_shift_right(codes, 8), weights.odd);
}
#endif
