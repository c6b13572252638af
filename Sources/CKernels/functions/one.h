#ifndef CKERNELS_FUNCTIONS_ONE_H
#define CKERNELS_FUNCTIONS_ONE_H

// The functions of include/functions.h on one element; lanes.h has them on sixteen.

#include <CMath.h>

#include "../scalar.h"
#include "tanh.h"

static inline float qg_one_sigmoid(float x) { return 1 / (1 + cm_expf(0 - x)); }

static inline float qg_one_tanh(float x) {
  float a = x > 0 - x ? x : 0 - x;
  if (a < QG_TANH_NEAR) {
    float z = x * x;
    float p = QG_TANH_P4;
    p = __builtin_fmaf(p, z, QG_TANH_P3);
    p = __builtin_fmaf(p, z, QG_TANH_P2);
    p = __builtin_fmaf(p, z, QG_TANH_P1);
    p = __builtin_fmaf(p, z, QG_TANH_P0);
    return __builtin_fmaf(x * z, p, x);
  }
  float t = 1 - 2 / (cm_expf(a + a) + 1);
  return x < 0 ? 0 - t : t;
}

#endif
