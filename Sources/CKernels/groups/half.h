#ifndef CKERNELS_GROUPS_HALF_H
#define CKERNELS_GROUPS_HALF_H

#include <string.h>

#include "../contract.h"

// The half-precision number at `at`, widened exactly; a NaN becomes a NaN.
static inline float qg_half(const uint8_t *at) {
  uint16_t half;
  memcpy(&half, at, sizeof half);
  int exponent = half >> 10 & 31;
  float mantissa = (float)(half & 1023);
  float value;
  if (exponent == 31) {
    value = mantissa != 0 ? __builtin_nanf("") : __builtin_inff();
  } else if (exponent == 0) {
    value = mantissa * 0x1p-24f;
  } else {
    uint32_t power = (uint32_t)(exponent - 25 + 127) << 23;
    float unit;
    memcpy(&unit, &power, sizeof unit);
    value = (mantissa + 1024) * unit;
  }
  return half >> 15 ? -value : value;
}

#endif
