#include "../groups/half.h"
#include "../groups/layout.h"
#include "../scalar.h"

// Code i of the 16 of a sub-block, minus 32.
static int32_t code_at(const uint8_t *sub, ptrdiff_t lane, ptrdiff_t i) {
  uint8_t pair = sub[i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4];
  uint8_t high = sub[8 * QG_PANEL + lane * 4 + i % 4];
  int32_t low = i % 8 < 4 ? pair & 15 : pair >> 4;
  return (low | (high >> i / 4 * 2 & 3) << 4) - 32;
}

static float step(const qg_gemm_blocks_args *g, const uint8_t *a, int32_t zero_point, ptrdiff_t n,
                  ptrdiff_t begin, float sum) {
  ptrdiff_t lane = n % QG_PANEL;
  const uint8_t *at = g->panels + (n / QG_PANEL * (g->k / 256) + begin / 256) * q6_k_bytes;
  int32_t dot = 0;
  for (ptrdiff_t j = 0; j < 16; j++) {
    int32_t of_codes = 0;
    for (ptrdiff_t i = 0; i < 16; i++) {
      int32_t code = code_at(at + q6_k_codes + j * q6_k_sub_bytes, lane, i);
      of_codes += (a[16 * j + i] - zero_point) * code;
    }
    dot += (int8_t)at[q6_k_scales + j * QG_PANEL + lane] * of_codes;
  }
  return __builtin_fmaf((float)dot, qg_half(at + 2 * lane), sum);
}

#define QG_ARGUMENTS qg_gemm_blocks_args
#include "../groups/definition.h"

void qg_gemm_u8_q6_k_scalar(const qg_gemm_blocks_args *g) {
  assert(g->k % 256 == 0);
  run_outputs(g, 256);
}
