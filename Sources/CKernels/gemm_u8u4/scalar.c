#include "../groups/layout.h"
#include "../scalar.h"

static int32_t code_at(const uint8_t *codes, ptrdiff_t lane, ptrdiff_t i) {
  uint8_t pair = codes[i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4];
  return i % 8 < 4 ? pair & 15 : pair >> 4;
}

static float step(const qg_gemm_u8u4_args *g, const uint8_t *a, int32_t zero_point, ptrdiff_t n,
                  ptrdiff_t begin, float sum) {
  ptrdiff_t lane = n % QG_PANEL;
  const uint8_t *at = g->panels + n / QG_PANEL * u4_panel_bytes(g->k, g->group);
  at += begin / g->group * u4_group_bytes(g->group);
  int32_t zero = at[u4_zeros + lane];
  assert(zero <= 64);
  ptrdiff_t count = qg_smaller(g->group, g->k - begin);
  int32_t dot = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    dot += (a[i] - zero_point) * (code_at(at + u4_codes, lane, i) - zero);
  }
  float scale;
  __builtin_memcpy(&scale, at + 4 * lane, sizeof scale);
  return __builtin_fmaf((float)dot, scale, sum);
}

#define QG_ARGUMENTS qg_gemm_u8u4_args
#include "../groups/definition.h"

void qg_gemm_u8u4_scalar(const qg_gemm_u8u4_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  run_outputs(g, g->group);
}
