#include "probes.h"

static const qg_limits scalar_limits = {
    QG_ISA_SCALAR, qg_limit_bytes_scalar, qg_limit_floats_scalar, qg_limit_read_scalar};

#if defined(__x86_64__)
static const qg_limits avx2_limits = {
    QG_ISA_AVX2, qg_limit_bytes_avx2, qg_limit_floats_avx2, qg_limit_read_avx2};
static const qg_limits avx512_limits = {
    QG_ISA_AVX512, qg_limit_bytes_avx512, qg_limit_floats_avx512, qg_limit_read_avx512};
// VNNI adds byte products alone.
static const qg_limits avx512_vnni_limits = {
    QG_ISA_AVX512_VNNI, qg_limit_bytes_avx512_vnni, qg_limit_floats_avx512,
    qg_limit_read_avx512};
#endif

int qg_limits_for(qg_isa isa, qg_limits *limits) {
  if (isa > qg_isa_detect()) return 0;
#if defined(__x86_64__)
  static const qg_limits *const sets[] = {&scalar_limits, &avx2_limits, &avx512_limits,
                                          &avx512_vnni_limits};
  *limits = *sets[isa];
#else
  *limits = scalar_limits;
#endif
  return 1;
}
