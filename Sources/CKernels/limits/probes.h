#ifndef CKERNELS_LIMITS_PROBES_H
#define CKERNELS_LIMITS_PROBES_H

#include "../contract.h"

// An empty statement that reads and changes a value as far as the compiler knows: what led to the
// value has to be computed, once per time the statement runs.
#define QG_KEEP(constraint, value) __asm__ volatile("" : "+" constraint(value))

// Multiply-adds in flight: latency times throughput is 8 on the widest cores there are.
enum { qg_chains = 12 };

#define QG_LIMITS(isa)                                        \
  uint64_t qg_limit_bytes_##isa(uint64_t rounds);             \
  uint64_t qg_limit_floats_##isa(uint64_t rounds);            \
  uint64_t qg_limit_read_##isa(const void *memory, size_t bytes);
QG_LIMITS(scalar)
QG_LIMITS(avx2)
QG_LIMITS(avx512)
QG_LIMITS(neon)
#undef QG_LIMITS
uint64_t qg_limit_bytes_avx512_vnni(uint64_t rounds);
uint64_t qg_limit_bytes_neon_dotprod(uint64_t rounds);

#endif
