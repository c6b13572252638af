#include "probes.h"

static const qg_limits scalar_limits = {
    QG_ISA_SCALAR, qg_limit_bytes_scalar, qg_limit_floats_scalar, qg_limit_read_scalar};

// VNNI and the dot products of NEON add byte products alone.
#if defined(__x86_64__)
static const qg_limits avx2_limits = {
    QG_ISA_AVX2, qg_limit_bytes_avx2, qg_limit_floats_avx2, qg_limit_read_avx2};
static const qg_limits avx512_limits = {
    QG_ISA_AVX512, qg_limit_bytes_avx512, qg_limit_floats_avx512, qg_limit_read_avx512};
static const qg_limits avx512_vnni_limits = {
    QG_ISA_AVX512_VNNI, qg_limit_bytes_avx512_vnni, qg_limit_floats_avx512,
    qg_limit_read_avx512};
static const qg_limits *const sets[] = {&scalar_limits, &avx2_limits, &avx512_limits,
                                        &avx512_vnni_limits, NULL, NULL};
#elif defined(__aarch64__)
static const qg_limits neon_limits = {
    QG_ISA_NEON, qg_limit_bytes_neon, qg_limit_floats_neon, qg_limit_read_neon};
static const qg_limits neon_dotprod_limits = {
    QG_ISA_NEON_DOTPROD, qg_limit_bytes_neon_dotprod, qg_limit_floats_neon, qg_limit_read_neon};
static const qg_limits *const sets[] = {&scalar_limits, NULL, NULL, NULL, &neon_limits,
                                        &neon_dotprod_limits};
#else
static const qg_limits *const sets[] = {&scalar_limits, NULL, NULL, NULL, NULL, NULL};
#endif

int qg_limits_for(qg_isa isa, qg_limits *limits) {
  // Within an architecture, each set's instructions include those of the one before.
  if (!sets[isa] || isa > qg_isa_detect()) return 0;
  *limits = *sets[isa];
  return 1;
}
