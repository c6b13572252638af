// Runs every kernel of every set this processor has on the same seeded inputs and compares the bits with
// those of the scalar set. Prints one digest per kernel, so that two architectures can be compared too.
// Built for AArch64 and run under an emulator by CI/test-neon; Swift's tests do the same, and more, natively.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

typedef struct {
  const char *name;
  void (*run)(const qg_kernels *, cross *);
} kernel_case;

static const kernel_case kernel_cases[] = {
#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) {#name, run_##name},
#include "../../Sources/CKernels/kernels.inc"
#undef QG_KERNEL
};

static cross results_of(const kernel_case *test, const qg_kernels *kernels) {
  cross c = {.state = 0x9e3779b97f4a7c15u};
  test->run(kernels, &c);
  return c;
}

static uint64_t digest_of(const cross *c) {
  uint64_t digest = 0;
  for (int i = 0; i < c->count; i++) digest = digest * 1099511628211u + c->digests[i];
  return digest;
}

int main(void) {
  const qg_isa sets[] = {QG_ISA_AVX2, QG_ISA_AVX512, QG_ISA_AVX512_VNNI, QG_ISA_NEON,
                         QG_ISA_NEON_DOTPROD};
  qg_kernels scalar;
  int failures = 0, compared = 0;
  qg_kernels_for(QG_ISA_SCALAR, &scalar);
  for (size_t i = 0; i < sizeof kernel_cases / sizeof *kernel_cases; i++) {
    const kernel_case *test = &kernel_cases[i];
    cross expected = results_of(test, &scalar);
    printf("%-24s %3d cases  %016llx\n", test->name, expected.count,
           (unsigned long long)digest_of(&expected));
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
      qg_kernels kernels;
      if (!qg_kernels_for(sets[s], &kernels)) continue;
      cross found = results_of(test, &kernels);
      for (int c = 0; c < expected.count; c++, compared++) {
        if (found.digests[c] == expected.digests[c]) continue;
        fprintf(stderr, "%s on %s: the bits of case %d differ from those of the scalar kernel\n",
                test->name, qg_isa_name(sets[s]), c);
        failures++;
      }
    }
  }
  fprintf(stderr, "%d comparisons, %d failures, best set %s\n", compared, failures,
          qg_isa_name(qg_isa_detect()));
  return failures || !compared;
}
