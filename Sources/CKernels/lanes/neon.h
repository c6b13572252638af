// Sixteen lanes in four NEON registers. Included inside a region that targets AdvSIMD (and the dot
// products when QG_DOTPROD is set); lanes/avx2.h has the same names.

#include "../contract.h"

#define QG_INLINE static inline __attribute__((always_inline))
#define QG_REGISTERS 16  // as many sixteen-lane values as two AVX2 registers each hold
#if defined(QG_DOTPROD)
#define QG_NAME(kernel) QG_JOIN(kernel, neon_dotprod)
#else
#define QG_NAME(kernel) QG_JOIN(kernel, neon)
#endif

typedef struct {
  float32x4_t r[4];
} v_f32;
typedef struct {
  int32x4_t r[4];
} v_s32;

// Four registers, each the value of an expression of their index i.
#define QG_FOUR(type, expression)              \
  ({                                           \
    type four;                                 \
    _Pragma("unroll") for (int i = 0; i < 4; i++) four.r[i] = (expression); \
    four;                                      \
  })

QG_INLINE v_f32 v_splat(float x) { return QG_FOUR(v_f32, vdupq_n_f32(x)); }
QG_INLINE v_f32 v_load(const float *x) { return QG_FOUR(v_f32, vld1q_f32(x + 4 * i)); }
QG_INLINE void v_store(float *x, v_f32 y) {
#pragma unroll
  for (int i = 0; i < 4; i++) vst1q_f32(x + 4 * i, y.r[i]);
}
QG_INLINE v_f32 v_load_part(const float *x, ptrdiff_t n) {
  float all[QG_PANEL] = {0};
  __builtin_memcpy(all, x, (size_t)n * sizeof *all);
  return v_load(all);
}
QG_INLINE void v_store_part(float *x, v_f32 y, ptrdiff_t n) {
  float all[QG_PANEL];
  v_store(all, y);
  __builtin_memcpy(x, all, (size_t)n * sizeof *all);
}

QG_INLINE v_f32 v_add(v_f32 x, v_f32 y) { return QG_FOUR(v_f32, vaddq_f32(x.r[i], y.r[i])); }
QG_INLINE v_f32 v_sub(v_f32 x, v_f32 y) { return QG_FOUR(v_f32, vsubq_f32(x.r[i], y.r[i])); }
QG_INLINE v_f32 v_mul(v_f32 x, v_f32 y) { return QG_FOUR(v_f32, vmulq_f32(x.r[i], y.r[i])); }
QG_INLINE v_f32 v_div(v_f32 x, v_f32 y) { return QG_FOUR(v_f32, vdivq_f32(x.r[i], y.r[i])); }
QG_INLINE v_f32 v_fma(v_f32 x, v_f32 y, v_f32 z) {
  return QG_FOUR(v_f32, vfmaq_f32(z.r[i], x.r[i], y.r[i]));
}
// bound > y ? bound : y. The processor's maximum would pass a NaN bound on.
QG_INLINE v_f32 v_at_least(v_f32 bound, v_f32 y) {
  return QG_FOUR(v_f32, vbslq_f32(vcgtq_f32(bound.r[i], y.r[i]), bound.r[i], y.r[i]));
}
// bound < y ? bound : y
QG_INLINE v_f32 v_at_most(v_f32 bound, v_f32 y) {
  return QG_FOUR(v_f32, vbslq_f32(vcltq_f32(bound.r[i], y.r[i]), bound.r[i], y.r[i]));
}
// Half to even.
QG_INLINE v_f32 v_round(v_f32 y) { return QG_FOUR(v_f32, vrndnq_f32(y.r[i])); }
// test is a NaN ? y : otherwise
QG_INLINE v_f32 v_where_nan(v_f32 test, v_f32 y, v_f32 otherwise) {
  return QG_FOUR(v_f32, vbslq_f32(vceqq_f32(test.r[i], test.r[i]), otherwise.r[i], y.r[i]));
}
QG_INLINE int v_any_nan(v_f32 y) {
  uint32x4_t number = vceqq_f32(y.r[0], y.r[0]);
#pragma unroll
  for (int i = 1; i < 4; i++) number = vandq_u32(number, vceqq_f32(y.r[i], y.r[i]));
  return vminvq_u32(number) == 0;
}
QG_INLINE v_f32 v_from_bits(v_s32 bits) {
  return QG_FOUR(v_f32, vreinterpretq_f32_s32(bits.r[i]));
}
QG_INLINE v_f32 v_from_s32(v_s32 x) { return QG_FOUR(v_f32, vcvtq_f32_s32(x.r[i])); }
QG_INLINE v_s32 v_to_s32(v_f32 y) { return QG_FOUR(v_s32, vcvtq_s32_f32(y.r[i])); }

QG_INLINE v_s32 v_splat_s32(int32_t x) { return QG_FOUR(v_s32, vdupq_n_s32(x)); }
QG_INLINE v_s32 v_load_s32(const int32_t *x) { return QG_FOUR(v_s32, vld1q_s32(x + 4 * i)); }
QG_INLINE v_s32 v_load_part_s32(const int32_t *x, ptrdiff_t n) {
  int32_t all[QG_PANEL] = {0};
  __builtin_memcpy(all, x, (size_t)n * sizeof *all);
  return v_load_s32(all);
}
QG_INLINE v_s32 v_add_s32(v_s32 x, v_s32 y) { return QG_FOUR(v_s32, vaddq_s32(x.r[i], y.r[i])); }
QG_INLINE v_s32 v_sub_s32(v_s32 x, v_s32 y) { return QG_FOUR(v_s32, vsubq_s32(x.r[i], y.r[i])); }
QG_INLINE v_s32 v_mul_s32(v_s32 x, v_s32 y) { return QG_FOUR(v_s32, vmulq_s32(x.r[i], y.r[i])); }
QG_INLINE v_s32 v_larger_s32(v_s32 x, v_s32 y) {
  return QG_FOUR(v_s32, vmaxq_s32(x.r[i], y.r[i]));
}
QG_INLINE v_s32 v_halve_s32(v_s32 x) { return QG_FOUR(v_s32, vshrq_n_s32(x.r[i], 1)); }
QG_INLINE v_s32 v_to_exponent(v_s32 x) { return QG_FOUR(v_s32, vshlq_n_s32(x.r[i], 23)); }

// Sixteen bf16 values, widened.
QG_INLINE v_f32 v_load_bf16(const uint16_t *x) {
  return QG_FOUR(v_f32, vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(x + 4 * i), 16)));
}

QG_INLINE v_s32 v_load_u8(const uint8_t *x) {
  uint8x16_t bytes = vld1q_u8(x);
  uint16x8_t low = vmovl_u8(vget_low_u8(bytes));
  uint16x8_t high = vmovl_high_u8(bytes);
  return (v_s32){{vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(low))),
                  vreinterpretq_s32_u32(vmovl_high_u16(low)),
                  vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(high))),
                  vreinterpretq_s32_u32(vmovl_high_u16(high))}};
}
QG_INLINE v_s32 v_load_part_u8(const uint8_t *x, ptrdiff_t n) {
  uint8_t all[QG_PANEL] = {0};
  __builtin_memcpy(all, x, (size_t)n);
  return v_load_u8(all);
}
QG_INLINE v_s32 v_load_s8(const int8_t *x) {
  int8x16_t bytes = vld1q_s8(x);
  int16x8_t low = vmovl_s8(vget_low_s8(bytes));
  int16x8_t high = vmovl_high_s8(bytes);
  return (v_s32){{vmovl_s16(vget_low_s16(low)), vmovl_high_s16(low),
                  vmovl_s16(vget_low_s16(high)), vmovl_high_s16(high)}};
}
QG_INLINE v_s32 v_load_part_s8(const int8_t *x, ptrdiff_t n) {
  int8_t all[QG_PANEL] = {0};
  __builtin_memcpy(all, x, (size_t)n);
  return v_load_s8(all);
}
// The lanes hold 0...255.
QG_INLINE void v_store_u8(uint8_t *x, v_s32 y) {
  uint16x8_t low = vcombine_u16(vqmovun_s32(y.r[0]), vqmovun_s32(y.r[1]));
  uint16x8_t high = vcombine_u16(vqmovun_s32(y.r[2]), vqmovun_s32(y.r[3]));
  vst1q_u8(x, vcombine_u8(vqmovn_u16(low), vqmovn_u16(high)));
}
QG_INLINE void v_store_part_u8(uint8_t *x, v_s32 y, ptrdiff_t n) {
  uint8_t all[QG_PANEL];
  v_store_u8(all, y);
  __builtin_memcpy(x, all, (size_t)n);
}

// Four codes in every lane, or the four weights of each lane.
//
// The dot products of this instruction set multiply bytes of one signedness. So weights are kept
// 128 higher, as unsigned bytes, and 128 times the sum of the codes is taken off again.
typedef struct {
#if defined(QG_DOTPROD)
  uint8x16_t codes;
  int32x4_t excess;
#else
  int16x8_t codes;  // the four of a lane, twice
#endif
} v_codes;

typedef struct {
#if defined(QG_DOTPROD)
  uint8x16_t r[4];
#else
  int16x8_t low[4], high[4];  // lanes 4i, 4i + 1 and 4i + 2, 4i + 3
#endif
} v_bytes;

QG_INLINE v_codes v_splat_codes(uint32_t codes) {
  uint8x16_t all = vreinterpretq_u8_u32(vdupq_n_u32(codes));
#if defined(QG_DOTPROD)
  uint32x4_t excess = vdotq_u32(vdupq_n_u32(0), all, vdupq_n_u8(128));
  return (v_codes){all, vnegq_s32(vreinterpretq_s32_u32(excess))};
#else
  return (v_codes){vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(all)))};
#endif
}

QG_INLINE v_bytes v_as_bytes(const int8x16_t weights[4]) {
  v_bytes bytes;
#pragma unroll
  for (int i = 0; i < 4; i++) {
#if defined(QG_DOTPROD)
    bytes.r[i] = veorq_u8(vreinterpretq_u8_s8(weights[i]), vdupq_n_u8(128));
#else
    bytes.low[i] = vmovl_s8(vget_low_s8(weights[i]));
    bytes.high[i] = vmovl_high_s8(weights[i]);
#endif
  }
  return bytes;
}

QG_INLINE v_bytes v_load_weights(const int8_t *x) {
  int8x16_t weights[4];
#pragma unroll
  for (int i = 0; i < 4; i++) weights[i] = vld1q_s8(x + 16 * i);
  return v_as_bytes(weights);
}

// sum + the dot product of four codes and four weights in every lane, exact.
QG_INLINE v_s32 v_dot(v_s32 sum, v_codes codes, v_bytes weights) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
#if defined(QG_DOTPROD)
    int32x4_t start = vaddq_s32(sum.r[i], codes.excess);
    sum.r[i] = vreinterpretq_s32_u32(
        vdotq_u32(vreinterpretq_u32_s32(start), codes.codes, weights.r[i]));
#else
    int32x4_t a = vmull_s16(vget_low_s16(codes.codes), vget_low_s16(weights.low[i]));
    int32x4_t b = vmull_high_s16(codes.codes, weights.low[i]);
    int32x4_t c = vmull_s16(vget_low_s16(codes.codes), vget_low_s16(weights.high[i]));
    int32x4_t d = vmull_high_s16(codes.codes, weights.high[i]);
    int32x4_t lanes = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
    sum.r[i] = vaddq_s32(sum.r[i], lanes);
#endif
  }
  return sum;
}

// a < b ? yes : no
QG_INLINE v_f32 v_where_less(v_f32 a, v_f32 b, v_f32 yes, v_f32 no) {
  return QG_FOUR(v_f32, vbslq_f32(vcltq_f32(a.r[i], b.r[i]), yes.r[i], no.r[i]));
}
QG_INLINE v_f32 v_sqrt(v_f32 y) { return QG_FOUR(v_f32, vsqrtq_f32(y.r[i])); }

// Lane i takes x[i / 2] of the first n <= 8 numbers at x.
QG_INLINE v_f32 v_each_twice(const float *x, ptrdiff_t n) {
  v_f32 all = v_load_part(x, n);
  return (v_f32){{vzip1q_f32(all.r[0], all.r[0]), vzip2q_f32(all.r[0], all.r[0]),
                  vzip1q_f32(all.r[1], all.r[1]), vzip2q_f32(all.r[1], all.r[1])}};
}
// Lanes 2 i and 2 i + 1 change places.
QG_INLINE v_f32 v_swap_neighbours(v_f32 x) { return QG_FOUR(v_f32, vrev64q_f32(x.r[i])); }
// The lowest bits of each lane.
QG_INLINE v_s32 v_low_bits(v_f32 y, const int bits) {
  return QG_FOUR(v_s32,
                 vandq_s32(vreinterpretq_s32_f32(y.r[i]), vdupq_n_s32((1 << bits) - 1)));
}
