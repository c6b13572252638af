#ifndef CKERNELS_SCALAR_H
#define CKERNELS_SCALAR_H

// The ends of the scalar kernels; lanes/finish.h holds the same steps on vectors.

#include "contract.h"

// The one NaN a kernel stores: which payload and sign an operation passes on differs between
// processors, and between operand orders that a compiler may exchange.
static inline float qg_canonical(float y) { return y != y ? __builtin_nanf("") : y; }

static inline float qg_clamp(float y, qg_bounds bounds) {
  y = qg_canonical(y);
  y = bounds.lower > y ? bounds.lower : y;
  return bounds.upper < y ? bounds.upper : y;
}

static inline uint8_t qg_quantize(float y, qg_affine affine) {
  assert(affine.zero_point >= 0 && affine.zero_point <= 255);
  float lower = (float)-affine.zero_point;
  float upper = (float)(255 - affine.zero_point);
  float t = __builtin_rintf(y / affine.scale);
  if (t != t) t = 0;
  t = lower > t ? lower : t;
  t = upper < t ? upper : t;
  return (uint8_t)((int32_t)t + affine.zero_point);
}

static inline void qg_store(const qg_output *output, ptrdiff_t at, float y, qg_bounds bounds) {
  y = qg_clamp(y, bounds);
  if (output->f32) {
    output->f32[at] = y;
  } else {
    output->u8[at] = qg_quantize(y, output->quantize);
  }
}

// The value of an integer dot product.
static inline float qg_scaled(int32_t dot, float scale, const float *bias, ptrdiff_t n) {
  return bias ? __builtin_fmaf((float)dot, scale, bias[n]) : (float)dot * scale;
}

#endif
