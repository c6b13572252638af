#if defined(__aarch64__)
#include <arm_neon.h>

#include "probes.h"

uint64_t qg_limit_bytes_neon(uint64_t rounds) {
  int32x4_t sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = vdupq_n_s32(0);
  int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(-5);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      QG_KEEP("w", a);
      int16x8_t pairs = vmull_s8(vget_low_s8(a), vget_low_s8(b));
      pairs = vmlal_high_s8(pairs, a, b);
      sums[i] = vpadalq_s16(sums[i], pairs);
      QG_KEEP("w", sums[i]);
    }
  }
  return rounds * qg_chains * 16 * 2;
}

uint64_t qg_limit_floats_neon(uint64_t rounds) {
  float32x4_t sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = vdupq_n_f32(0);
  float32x4_t a = vdupq_n_f32(0.5f), b = vdupq_n_f32(0.25f);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      QG_KEEP("w", a);
      sums[i] = vfmaq_f32(sums[i], a, b);
      QG_KEEP("w", sums[i]);
    }
  }
  return rounds * qg_chains * 4 * 2;
}

uint64_t qg_limit_read_neon(const void *memory, size_t bytes) {
  const uint8_t *at = memory;
  size_t count = bytes / 256 * 256;
  uint8x16_t sums[4];
  for (int i = 0; i < 4; i++) sums[i] = vdupq_n_u8(0);
  for (size_t place = 0; place < count; place += 256) {
#pragma unroll
    for (int i = 0; i < 16; i++) {
      sums[i % 4] = vorrq_u8(sums[i % 4], vld1q_u8(at + place + 16 * i));
    }
  }
  for (int i = 0; i < 4; i++) QG_KEEP("w", sums[i]);
  return count;
}
#endif
