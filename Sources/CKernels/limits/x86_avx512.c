#if defined(__x86_64__)
#include <immintrin.h>

#include "probes.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)

uint64_t qg_limit_bytes_avx512(uint64_t rounds) {
  __m512i sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = _mm512_setzero_si512();
  __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(-5), ones = _mm512_set1_epi16(1);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      QG_KEEP("v", a);
      __m512i pairs = _mm512_maddubs_epi16(a, b);
      QG_KEEP("v", pairs);
      sums[i] = _mm512_add_epi32(sums[i], _mm512_madd_epi16(pairs, ones));
      QG_KEEP("v", sums[i]);
    }
  }
  return rounds * qg_chains * 64 * 2;
}

uint64_t qg_limit_floats_avx512(uint64_t rounds) {
  __m512 sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = _mm512_setzero_ps();
  __m512 a = _mm512_set1_ps(0.5f), b = _mm512_set1_ps(0.25f);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      sums[i] = _mm512_fmadd_ps(sums[i], a, b);
      QG_KEEP("v", sums[i]);
    }
  }
  return rounds * qg_chains * 16 * 2;
}

uint64_t qg_limit_read_avx512(const void *memory, size_t bytes) {
  const char *at = memory;
  size_t count = bytes / 256 * 256;
  __m512i sums[4];
  for (int i = 0; i < 4; i++) sums[i] = _mm512_setzero_si512();
  for (size_t place = 0; place < count; place += 256) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      sums[i] = _mm512_or_si512(sums[i], _mm512_load_si512(at + place + 64 * i));
    }
  }
  for (int i = 0; i < 4; i++) QG_KEEP("v", sums[i]);
  return count;
}

#pragma clang attribute pop
#endif
