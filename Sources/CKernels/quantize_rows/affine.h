#ifndef CKERNELS_DYNAMIC_AFFINE_H
#define CKERNELS_DYNAMIC_AFFINE_H

#include "../contract.h"

static inline int qg_is_finite(float x) { return __builtin_fabsf(x) < __builtin_inff(); }

static inline qg_affine qg_symmetric_affine(float minimum, float maximum) {
  float scale = (-minimum > maximum ? -minimum : maximum) / 127;
  // Also 1 where the quotient of a subnormal magnitude rounds to 0.
  return (qg_affine){scale > 0 ? scale : 1, 128};
}

static inline qg_affine qg_asymmetric_affine(float minimum, float maximum) {
  float low = minimum < 0 ? minimum : 0;
  float scale = ((maximum > 0 ? maximum : 0) - low) / 255;
  if (!qg_is_finite(scale)) return (qg_affine){__builtin_nanf(""), 0};
  if (!(scale > 0)) return (qg_affine){1, 0};
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
