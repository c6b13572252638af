#include "../groups/layout.h"
#include "../scalar.h"

static int32_t code_at(const uint8_t *codes, ptrdiff_t lane, ptrdiff_t i) {
  uint8_t pair = codes[i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4];
  return i % 8 < 4 ? pair & 15 : pair >> 4;
}

static float step(const qg_gemm_blocks_args *g, const uint8_t *a, int32_t zero_point, ptrdiff_t n, ptrdiff_t begin,
                  float sum) {
  ptrdiff_t lane = n % QG_PANEL;
  const uint8_t *at = g->panels + (n / QG_PANEL * (g->k / 32) + begin / 32) * mxfp4_bytes;
  int32_t dot = 0;
  for (ptrdiff_t i = 0; i < 32; i++) {
    dot += (a[i] - zero_point) * mxfp4_values[code_at(at + mxfp4_codes, lane, i)];
  }
  uint32_t e = at[lane];
  uint32_t bits = e < 2 ? 0x00200000u << e : (e - 1) << 23;
  float scale;
  __builtin_memcpy(&scale, &bits, sizeof scale);
  return __builtin_fmaf((float)dot, scale, sum);
}

#define QG_ARGUMENTS qg_gemm_blocks_args
#include "../groups/definition.h"

void qg_gemm_u8_mxfp4_scalar(const qg_gemm_blocks_args *g) {
  assert(g->k % 32 == 0);
  run_outputs(g, 32);
}
