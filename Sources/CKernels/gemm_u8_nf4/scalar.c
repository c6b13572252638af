#include "../groups/layout.h"
#include "../scalar.h"

static float step(const qg_gemm_blocks_args *g, const uint8_t *a, int32_t zero_point, ptrdiff_t n,
                  ptrdiff_t begin, float sum) {
  ptrdiff_t lane = n % QG_PANEL;
  const uint8_t *at = g->panels + (n / QG_PANEL * (g->k / 64) + begin / 64) * nf4_bytes;
  float dot = 0;
  for (ptrdiff_t i = 0; i < 64; i++) {
    uint8_t pair = at[nf4_codes + i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4];
    int code = i % 8 < 4 ? pair & 15 : pair >> 4;
    dot = __builtin_fmaf((float)(a[i] - zero_point), nf4_levels[code], dot);
  }
  float absmax;
  __builtin_memcpy(&absmax, at + 4 * lane, sizeof absmax);
  return __builtin_fmaf(dot, absmax, sum);
}

#define QG_ARGUMENTS qg_gemm_blocks_args
#include "../groups/definition.h"

void qg_gemm_u8_nf4_scalar(const qg_gemm_blocks_args *g) {
  assert(g->k % 64 == 0);
  run_outputs(g, 64);
}
