#if defined(__aarch64__)
#include <arm_neon.h>

#include "probes.h"

__attribute__((target("dotprod"))) uint64_t qg_limit_bytes_neon_dotprod(uint64_t rounds) {
  int32x4_t sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = vdupq_n_s32(0);
  int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(-5);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      sums[i] = vdotq_s32(sums[i], a, b);
      QG_KEEP("w", sums[i]);
    }
  }
  return rounds * qg_chains * 16 * 2;
}
#endif
