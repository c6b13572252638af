#ifndef CKERNELS_DYNAMIC_AFFINE_H
#define CKERNELS_DYNAMIC_AFFINE_H

#include <float.h>

#include "../contract.h"

static inline int qg_is_finite(float x) { return __builtin_fabsf(x) < __builtin_inff(); }

// A subnormal scale has too few bits, and 0 would divide by zero.
static inline float qg_normal_scale(float scale) { return scale < FLT_MIN ? FLT_MIN : scale; }

static inline qg_affine qg_symmetric_affine(float minimum, float maximum) {
  float magnitude = -minimum > maximum ? -minimum : maximum;
  return (qg_affine){magnitude > 0 ? qg_normal_scale(magnitude / 127) : 1, 128};
}

static inline qg_affine qg_asymmetric_affine(float minimum, float maximum) {
  float low = minimum < 0 ? minimum : 0, high = maximum > 0 ? maximum : 0;
  if (!(high > low)) return (qg_affine){1, 0};
  float width = high - low;
  float scale = qg_normal_scale(qg_is_finite(width) ? width / 255 : high / 255 - low / 255);
  float zero_point = __builtin_rintf(-low / scale);
  return (qg_affine){scale, (int32_t)(zero_point > 255 ? 255 : zero_point)};
}

// The parameters of one row with this range.
static inline qg_affine qg_dynamic_affine(float minimum, float maximum, int symmetric) {
  // No code stands for NaN or an infinity: a scale that is NaN makes every sum over the row NaN.
  if (!qg_is_finite(minimum) || !qg_is_finite(maximum)) return (qg_affine){__builtin_nanf(""), 0};
  return symmetric ? qg_symmetric_affine(minimum, maximum)
                   : qg_asymmetric_affine(minimum, maximum);
}

#endif
