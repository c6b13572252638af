#include "../groups/half.h"
#include "../groups/layout.h"
#include "../scalar.h"

static int32_t code_at(const uint8_t *codes, ptrdiff_t lane, ptrdiff_t i) {
  uint8_t pair = codes[i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4];
  return i % 8 < 4 ? pair & 15 : pair >> 4;
}

static float step(const qg_gemm_blocks_args *g, const uint8_t *a, int32_t zero_point, ptrdiff_t n,
                  ptrdiff_t begin, float sum) {
  ptrdiff_t lane = n % QG_PANEL;
  const uint8_t *at = g->panels + (n / QG_PANEL * (g->k / 256) + begin / 256) * q4_k_bytes;
  int32_t dot = 0, sums = 0;
  for (ptrdiff_t j = 0; j < 8; j++) {
    int32_t low = at[q4_k_low + (j / 2 + j % 2 * 4) * QG_PANEL + lane];
    int32_t high = at[q4_k_high + j / 2 * QG_PANEL + lane] >> 4 * (j % 2);
    int32_t of_codes = 0, of_activations = 0;
    for (ptrdiff_t i = 32 * j; i < 32 * j + 32; i++) {
      of_codes += (a[i] - zero_point) * code_at(at + q4_k_codes, lane, i);
      of_activations += a[i] - zero_point;
    }
    dot += ((low & 15) | (high & 3) << 4) * of_codes;
    sums += (low >> 4 | (high >> 2 & 3) << 4) * of_activations;
  }
  sum = __builtin_fmaf((float)dot, qg_half(at + 2 * lane), sum);
  return __builtin_fmaf((float)sums, -qg_half(at + q4_k_dmin + 2 * lane), sum);
}

#define QG_ARGUMENTS qg_gemm_blocks_args
#include "../groups/definition.h"

void qg_gemm_u8_q4_k_scalar(const qg_gemm_blocks_args *g) {
  assert(g->k % 256 == 0);
  run_outputs(g, 256);
}
