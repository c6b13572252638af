#include "probes.h"

uint64_t qg_limit_bytes_scalar(uint64_t rounds) {
  int32_t sums[qg_chains] = {0};
  int32_t a = 3, b = -5;
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      QG_KEEP("r", a);
      sums[i] = qg_wrapping_sum(sums[i], (uint8_t)a * (int8_t)b);
      QG_KEEP("r", sums[i]);
    }
  }
  return rounds * qg_chains * 2;
}

uint64_t qg_limit_floats_scalar(uint64_t rounds) {
  float sums[qg_chains] = {0};
  float a = 0.5f, b = 0.25f;
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      sums[i] = __builtin_fmaf(sums[i], a, b);
#if defined(__x86_64__)
      QG_KEEP("x", sums[i]);
#elif defined(__aarch64__)
      QG_KEEP("w", sums[i]);
#else
      QG_KEEP("m", sums[i]);
#endif
    }
  }
  return rounds * qg_chains * 2;
}

uint64_t qg_limit_read_scalar(const void *memory, size_t bytes) {
  const uint64_t *words = memory;
  size_t count = bytes / 256 * 32;
  uint64_t sums[4] = {0};
  for (size_t i = 0; i < count; i += 4) {
#pragma unroll
    for (size_t lane = 0; lane < 4; lane++) {
      sums[lane] |= words[i + lane];
      QG_KEEP("r", sums[lane]);
    }
  }
  return count * sizeof *words;
}
