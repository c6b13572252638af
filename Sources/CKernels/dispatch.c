#include <string.h>

#include "contract.h"

#if defined(__aarch64__)
#include <sys/auxv.h>

enum { asimd_dot_product = 1 << 20 };  // HWCAP_ASIMDDP of the kernel's interface
#endif

static qg_isa processor_isa(void) {
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
#elif defined(__aarch64__)
  return getauxval(AT_HWCAP) & asimd_dot_product ? QG_ISA_NEON_DOTPROD : QG_ISA_NEON;
#else
  return QG_ISA_SCALAR;
#endif
}

static int is_limited;
static qg_isa limit;

qg_isa qg_isa_detect(void) { return is_limited ? limit : processor_isa(); }

static const char *const names[] = {"scalar", "avx2", "avx512", "avx512-vnni", "neon",
                                    "neon-dotprod"};

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

static const char *const kernel_names[] = {
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) #name,
#include "kernels.inc"
#undef QG_KERNEL
};

const char *qg_kernel_name(size_t index) {
  return index < sizeof kernel_names / sizeof *kernel_names ? kernel_names[index] : NULL;
}

static const qg_kernels scalar_set = {
    .isa = QG_ISA_SCALAR,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) .name = QG_JOIN(name, scalar),
#include "kernels.inc"
#undef QG_KERNEL
};

#if defined(__x86_64__)
static const qg_kernels avx2_set = {
    .isa = QG_ISA_AVX2,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) .name = QG_JOIN(name, avx2),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels avx512_set = {
    .isa = QG_ISA_AVX512,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) .name = QG_JOIN(name, avx512),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels avx512_vnni_set = {
    .isa = QG_ISA_AVX512_VNNI,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) .name = QG_JOIN(name, avx512_vnni),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels *const sets[] = {&scalar_set,      &avx2_set, &avx512_set,
                                         &avx512_vnni_set, NULL,      NULL};
#elif defined(__aarch64__)
static const qg_kernels neon_set = {
    .isa = QG_ISA_NEON,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) .name = QG_JOIN(name, neon),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels neon_dotprod_set = {
    .isa = QG_ISA_NEON_DOTPROD,
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) \
  .name = QG_JOIN(name, neon_dotprod),
#include "kernels.inc"
#undef QG_KERNEL
};

static const qg_kernels *const sets[] = {&scalar_set, NULL,      NULL,
                                         NULL,        &neon_set, &neon_dotprod_set};
#else
static const qg_kernels *const sets[] = {&scalar_set, NULL, NULL, NULL, NULL, NULL};
#endif

int qg_kernels_for(qg_isa isa, qg_kernels *kernels) {
  // Within an architecture, each set's instructions include those of the one before.
  if (!sets[isa] || isa > qg_isa_detect()) return 0;
  *kernels = *sets[isa];
  return 1;
}

int qg_isa_limit(qg_isa isa) {
  qg_kernels kernels;
  is_limited = 0;
  if (!qg_kernels_for(isa, &kernels)) return 0;
  is_limited = 1;
  limit = isa;
  return 1;
}
