#if defined(__x86_64__)
#include <immintrin.h>

#include "probes.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)

uint64_t qg_limit_bytes_avx512_vnni(uint64_t rounds) {
  __m512i sums[qg_chains];
  for (int i = 0; i < qg_chains; i++) sums[i] = _mm512_setzero_si512();
  __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(-5);
  for (uint64_t round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < qg_chains; i++) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], a, b);
      QG_KEEP("v", sums[i]);
    }
  }
  return rounds * qg_chains * 64 * 2;
}

#pragma clang attribute pop
#endif
