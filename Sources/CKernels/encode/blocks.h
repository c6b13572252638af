#ifndef CKERNELS_ENCODE_BLOCKS_H
#define CKERNELS_ENCODE_BLOCKS_H

// What the encoders of one block share, on any instruction set.

#include "../half.h"

enum { qg_run = 32 };  // numbers that share a scale

// Whether fp16 holds x: anything that rounds to infinity is refused.
static inline int qg_fits_f16(float x) { return __builtin_fabsf(x) < 65520.0f; }

// The first of `count` numbers that is NaN or infinite, or `count`.
static inline ptrdiff_t qg_first_not_finite(const float *x, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    if (!(__builtin_fabsf(x[i]) <= 3.40282347e38f)) return i;
  }
  return count;
}

// 1 / d, or 0 where that is not finite: such a scale is stored as zero, so codes mean nothing.
static inline float qg_reciprocal(float d) {
  float by = 1.0f / d;
  return __builtin_fabsf(by) < __builtin_inff() ? by : 0;
}

// The nearest integer, ties to even, for magnitudes below 2^22; elsewhere what the low bits say, as in
// ggml, where a search may stray.
static inline int32_t qg_nearest(float x) {
  return (int32_t)(qg_bits(x + 0x1.8p23f) & 0x7fffff) - 0x400000;
}

static inline int32_t qg_nearest_code(float x) {
  int32_t code = qg_nearest(x);
  code = code < 0 ? 0 : code;
  return code > 15 ? 15 : code;
}

// The two tables of 6-bit numbers of a Q4_K block: scale and minimum of sub-block j.
static inline void qg_put_scale(uint8_t *scales, int j, int scale, int minimum) {
  if (j < 4) {
    scales[j] = (uint8_t)(scales[j] | scale);
    scales[j + 4] = (uint8_t)(scales[j + 4] | minimum);
  } else {
    scales[j + 4] = (uint8_t)((scale & 15) | (minimum & 15) << 4);
    scales[j - 4] = (uint8_t)(scales[j - 4] | scale >> 4 << 6);
    scales[j] = (uint8_t)(scales[j] | minimum >> 4 << 6);
  }
}

// The fp16 numbers and the 6-bit scales that eight sub-blocks ask for. `d[j]` and `dm[j]` become the
// scale and the minimum as they will be decoded. Returns 0 when fp16 cannot hold them.
static inline int qg_share_scales(qg_block_q4_k *block, const float *scales, const float *minima,
                                  float *d, float *dm) {
  float scale = 0, minimum = 0;
  for (int j = 0; j < 8; j++) {
    if (scales[j] > scale) scale = scales[j];
    if (minima[j] > minimum) minimum = minima[j];
  }
  float by_scale = scale > 0 ? 63.0f / scale : 0;
  float by_minimum = minimum > 0 ? 63.0f / minimum : 0;
  if (!qg_fits_f16(scale / 63.0f) || !qg_fits_f16(minimum / 63.0f)) return 0;
  block->d = qg_f16_code(scale / 63.0f);
  block->dmin = qg_f16_code(minimum / 63.0f);
  __builtin_memset(block->scales, 0, sizeof block->scales);
  for (int j = 0; j < 8; j++) {
    uint8_t s = (uint8_t)qg_nearest(by_scale * scales[j]);
    uint8_t m = (uint8_t)qg_nearest(by_minimum * minima[j]);
    int ls = s < 63 ? s : 63;
    int lm = m < 63 ? m : 63;
    qg_put_scale(block->scales, j, ls, lm);
    d[j] = qg_f16_value(block->d) * (float)ls;
    dm[j] = qg_f16_value(block->dmin) * (float)lm;
  }
  return 1;
}

#endif
