#if defined(__x86_64__)
#include <immintrin.h>

#include "probes.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

uint64_t qg_limit_bytes_avx2(uint64_t rounds) {
  __m256i sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = _mm256_setzero_si256();
  __m256i a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(-5), ones = _mm256_set1_epi16(1);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      QG_KEEP("x", a);
      __m256i pairs = _mm256_maddubs_epi16(a, b);
      QG_KEEP("x", pairs);
      sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(pairs, ones));
      QG_KEEP("x", sums[i]);
    }
  }
  return rounds * qg_chains * 32 * 2;
}

uint64_t qg_limit_floats_avx2(uint64_t rounds) {
  __m256 sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = _mm256_setzero_ps();
  __m256 a = _mm256_set1_ps(0.5f), b = _mm256_set1_ps(0.25f);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      sums[i] = _mm256_fmadd_ps(sums[i], a, b);
      QG_KEEP("x", sums[i]);
    }
  }
  return rounds * qg_chains * 8 * 2;
}

uint64_t qg_limit_read_avx2(const void *memory, size_t bytes) {
  const char *at = memory;
  size_t count = bytes / 256 * 256;
  __m256i sums[4];
  for (int i = 0; i < 4; i++) sums[i] = _mm256_setzero_si256();
  for (size_t place = 0; place < count; place += 256) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      __m256i line = _mm256_load_si256((const __m256i *)(at + place) + i);
      sums[i % 4] = _mm256_or_si256(sums[i % 4], line);
    }
  }
  for (int i = 0; i < 4; i++) QG_KEEP("x", sums[i]);
  return count;
}

#pragma clang attribute pop
#endif
