// Products of unsigned and signed bytes, 4 outputs to a register; after lanes/neon.h.
// lanes/bytes_avx512.h has the same names for 16 outputs to a register.

enum { b_lanes = 4 };

typedef int32x4_t b_s32;
typedef float32x4_t b_f32;

QG_INLINE int8x16_t b_s8(b_s32 x) { return vreinterpretq_s8_s32(x); }
QG_INLINE b_s32 b_of_s8(int8x16_t x) { return vreinterpretq_s32_s8(x); }
QG_INLINE int16x8_t b_s16(b_s32 x) { return vreinterpretq_s16_s32(x); }

QG_INLINE b_s32 b_load(const void *x) { return b_of_s8(vld1q_s8(x)); }
QG_INLINE void b_store(void *x, b_s32 y) { vst1q_s8(x, b_s8(y)); }
QG_INLINE b_s32 b_splat(int32_t x) { return vdupq_n_s32(x); }
QG_INLINE b_s32 b_splat_byte(int8_t x) { return b_of_s8(vdupq_n_s8(x)); }
QG_INLINE b_s32 b_and(b_s32 x, b_s32 y) { return vandq_s32(x, y); }
QG_INLINE b_s32 b_or(b_s32 x, b_s32 y) { return vorrq_s32(x, y); }
// Shifts by bits within 16-bit words: bits cross the bytes of a word.
QG_INLINE b_s32 b_shift_left(b_s32 x, const int bits) {
  uint16x8_t words = vshlq_u16(vreinterpretq_u16_s32(x), vdupq_n_s16((int16_t)bits));
  return vreinterpretq_s32_u16(words);
}
QG_INLINE b_s32 b_shift_right(b_s32 x, const int bits) { return b_shift_left(x, -bits); }
QG_INLINE b_s32 b_high_half(b_s32 x) { return vshlq_n_s32(x, 16); }
QG_INLINE b_s32 b_add_bytes(b_s32 x, b_s32 y) { return b_of_s8(vaddq_s8(b_s8(x), b_s8(y))); }
QG_INLINE b_s32 b_sub_bytes(b_s32 x, b_s32 y) { return b_of_s8(vsubq_s8(b_s8(x), b_s8(y))); }
QG_INLINE b_s32 b_add(b_s32 x, b_s32 y) { return vaddq_s32(x, y); }
QG_INLINE b_s32 b_sub(b_s32 x, b_s32 y) { return vsubq_s32(x, y); }
QG_INLINE b_s32 b_mul(b_s32 x, b_s32 y) { return vmulq_s32(x, y); }
QG_INLINE b_f32 b_float(b_s32 x) { return vcvtq_f32_s32(x); }
QG_INLINE b_f32 b_fma(b_f32 x, b_f32 y, b_f32 z) { return vfmaq_f32(z, x, y); }
QG_INLINE b_f32 b_negate(b_f32 x) { return vnegq_f32(x); }
QG_INLINE b_f32 b_load_f32(const float *x) { return vld1q_f32(x); }
QG_INLINE void b_store_f32(float *x, b_f32 y) { vst1q_f32(x, y); }
QG_INLINE b_f32 b_load_f16(const void *x) {
  uint16_t halves[4];
  __builtin_memcpy(halves, x, sizeof halves);
  return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(halves)));
}
QG_INLINE b_s32 b_load_u8(const uint8_t *x) {
  return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(v_four(x))))));
}
QG_INLINE b_s32 b_load_s8(const void *x) {
  return vmovl_s16(vget_low_s16(vmovl_s8(vcreate_s8(v_four(x)))));
}
// 2^(x - 128) for the bytes x at `at`; 0 and 1 give subnormals.
QG_INLINE b_f32 b_load_power(const uint8_t *at) {
  b_s32 x = b_load_u8(at);
  b_s32 tiny = vshlq_s32(b_splat(0x00200000), x);
  b_s32 bits = vshlq_n_s32(b_sub(x, b_splat(1)), 23);
  return vreinterpretq_f32_s32(vbslq_s32(vcltq_s32(x, b_splat(2)), tiny, bits));
}
// table[x & 15] for bytes x of 0...127.
QG_INLINE b_s32 b_lookup(const int8_t *table, b_s32 x) {
  uint8x16_t places = vandq_u8(vreinterpretq_u8_s32(x), vdupq_n_u8(15));
  return b_of_s8(vqtbl1q_s8(vld1q_s8(table), places));
}

// Shift by bits within 32-bit words.
QG_INLINE b_s32 b_shift_words(b_s32 x, const int bits) {
  return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(x), vdupq_n_s32(-bits)));
}
QG_INLINE b_f32 b_splat_f32(float x) { return vdupq_n_f32(x); }

// 16 numbers, and the one that the low four bits of every lane choose.
typedef uint8x16x4_t b_numbers;

QG_INLINE b_numbers b_load_numbers(const float *x) {
  b_numbers numbers;
  for (int i = 0; i < 4; i++) numbers.val[i] = vreinterpretq_u8_f32(vld1q_f32(x + 4 * i));
  return numbers;
}
QG_INLINE b_f32 b_choose(b_numbers numbers, b_s32 x) {
  b_s32 first = vmulq_s32(vandq_s32(x, b_splat(15)), b_splat(0x04040404));
  b_s32 places = vaddq_s32(first, b_splat(0x03020100));  // of the four bytes of a number
  return vreinterpretq_f32_u8(vqtbl4q_u8(numbers, vreinterpretq_u8_s32(places)));
}

// Whether any byte of x, of 0...127, exceeds y.
QG_INLINE int b_any_above(b_s32 x, int8_t y) { return vmaxvq_s8(b_s8(x)) > y; }

// Sums of products of bytes are exact in 32 bits.
#define QG_PART_BITS 32
QG_INLINE b_s32 b_open(b_s32 dot) { return dot; }
QG_INLINE b_s32 b_close(b_s32 part, b_s32 dot) {
  (void)dot;
  return part;
}

// sum + the products of two pairs of 16-bit numbers in every lane.
QG_INLINE b_s32 b_add_pairs(b_s32 sum, b_s32 x, b_s32 y) {
  b_s32 low = vmull_s16(vget_low_s16(b_s16(x)), vget_low_s16(b_s16(y)));
  return vaddq_s32(sum, vpaddq_s32(low, vmull_high_s16(b_s16(x), b_s16(y))));
}

// Four weights of -128...127 in every lane, and sum + their products with four codes.
#if defined(QG_DOTPROD)
// The instruction multiplies bytes of one signedness: codes are taken 128 lower, and 128 times the sum
// of the weights is added again.
typedef struct {
  int8x16_t all;
  b_s32 excess;
} b_weights;

QG_INLINE b_weights b_widen(b_s32 weights) {
  b_s32 sum = vdotq_s32(b_splat(0), b_s8(weights), vdupq_n_s8(64));
  return (b_weights){b_s8(weights), vaddq_s32(sum, sum)};
}
QG_INLINE b_s32 b_dot(b_s32 sum, b_s32 codes, b_weights weights) {
  int8x16_t lower = veorq_s8(b_s8(codes), vdupq_n_s8(-128));
  return vdotq_s32(vaddq_s32(sum, weights.excess), lower, weights.all);
}
#else
typedef struct {
  int16x8_t low, high;  // widened: of two lanes each
} b_weights;

QG_INLINE b_weights b_widen(b_s32 weights) {
  return (b_weights){vmovl_s8(vget_low_s8(b_s8(weights))), vmovl_high_s8(b_s8(weights))};
}
QG_INLINE b_s32 b_dot(b_s32 sum, b_s32 codes, b_weights weights) {
  uint8x16_t bytes = vreinterpretq_u8_s32(codes);
  int16x8_t low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes)));
  int16x8_t high = vreinterpretq_s16_u16(vmovl_high_u8(bytes));
  b_s32 a = vpaddq_s32(vmull_s16(vget_low_s16(low), vget_low_s16(weights.low)),
                       vmull_high_s16(low, weights.low));
  b_s32 b = vpaddq_s32(vmull_s16(vget_low_s16(high), vget_low_s16(weights.high)),
                       vmull_high_s16(high, weights.high));
  return vaddq_s32(sum, vpaddq_s32(a, b));
}
#endif

// part + the products of four codes and four weights in every lane.
QG_INLINE b_s32 b_step(b_s32 part, b_s32 codes, b_s32 weights) {
  return b_dot(part, codes, b_widen(weights));
}
