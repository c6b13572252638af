#ifndef CKERNELS_GROUPS_HALF_H
#define CKERNELS_GROUPS_HALF_H

#include "../half.h"

// The half-precision number at `at`, of any alignment.
static inline float qg_half(const uint8_t *at) {
  uint16_t code;
  __builtin_memcpy(&code, at, sizeof code);
  return qg_f16_value(code);
}

#endif
