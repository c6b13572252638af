#ifndef CKERNELS_HALF_H
#define CKERNELS_HALF_H

// The two 16-bit formats, one number at a time: the definition, and the ends of vector code.

#include "contract.h"

static inline uint32_t qg_bits(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float qg_from_bits(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

static inline float qg_bf16_value(uint16_t code) {
  float x = qg_from_bits((uint32_t)code << 16);
  return x != x ? __builtin_nanf("") : x;
}

// Half to even: adding 0x7fff, or 0x8000 after an odd upper half, carries exactly when it rounds up.
static inline uint16_t qg_bf16_code(float x) {
  if (x != x) return 0x7fc0;
  uint32_t bits = qg_bits(x);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float qg_f16_value(uint16_t code) {
  uint32_t sign = (uint32_t)(code & 0x8000) << 16;
  uint32_t exponent = code >> 10 & 31;
  uint32_t fraction = code & 0x3ff;
  if (exponent == 31) {
    return fraction ? __builtin_nanf("") : qg_from_bits(sign | 0x7f800000u);
  }
  if (exponent == 0) {
    float size = (float)fraction * 0x1p-24f;
    return sign ? -size : size;
  }
  return qg_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static inline uint16_t qg_f16_code(float x) {
  if (x != x) return 0x7e00;
  uint32_t bits = qg_bits(x);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  float size = __builtin_fabsf(x);
  if (size >= 65520.0f) return sign | 0x7c00;  // half an ulp past the largest, 65504
  if (size < 0x1p-14f) {
    // Subnormal: adding 0.75 rounds to multiples of 2^-24, half to even.
    float fixed = size + 0.75f;
    return sign | (uint16_t)(qg_bits(fixed) - qg_bits(0.75f));
  }
  bits &= 0x7fffffffu;
  bits += 0xfff + (bits >> 13 & 1);
  return sign | (uint16_t)((bits >> 13) - (112u << 10));
}

#endif
