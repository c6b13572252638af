#include <string.h>

#include "contract.h"

qg_isa qg_isa_detect(void) {
#if defined(__x86_64__)
  // Also asks the operating system (XGETBV) whether it saves the wide registers.
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("f16c")) {
    return QG_ISA_SCALAR;
  }
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl")) {
    return QG_ISA_AVX2;
  }
  return __builtin_cpu_supports("avx512vnni") ? QG_ISA_AVX512_VNNI : QG_ISA_AVX512;
#else
  return QG_ISA_SCALAR;
#endif
}

static const char *const names[] = {"scalar", "avx2", "avx512", "avx512-vnni"};

const char *qg_isa_name(qg_isa isa) {
  assert((size_t)isa < sizeof names / sizeof *names);
  return names[isa];
}

int qg_isa_named(const char *name, qg_isa *isa) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) {
      *isa = (qg_isa)i;
      return 1;
    }
  }
  return 0;
}

static const qg_kernels scalar_set = {
    .isa = QG_ISA_SCALAR,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni) .name = QG_JOIN(name, scalar),
#include "kernels.inc"
#undef QG_KERNEL
};

#if defined(__x86_64__)
static const qg_kernels avx2_set = {
    .isa = QG_ISA_AVX2,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni) .name = QG_JOIN(name, avx2),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels avx512_set = {
    .isa = QG_ISA_AVX512,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni) .name = QG_JOIN(name, avx512),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels avx512_vnni_set = {
    .isa = QG_ISA_AVX512_VNNI,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni) .name = QG_JOIN(name, avx512_vnni),
#include "kernels.inc"
#undef QG_KERNEL
};
#endif

int qg_kernels_for(qg_isa isa, qg_kernels *kernels) {
  if (isa > qg_isa_detect()) return 0;  // each set's instructions include those of the one before
#if defined(__x86_64__)
  static const qg_kernels *const sets[] = {&scalar_set, &avx2_set, &avx512_set, &avx512_vnni_set};
  *kernels = *sets[isa];
#else
  *kernels = scalar_set;
#endif
  return 1;
}
