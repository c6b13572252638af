#include "../groups/layout.h"
#include "../scalar.h"

static float step(const qg_gemm_u8s8g_args *g, const uint8_t *a, int32_t zero_point, ptrdiff_t n, ptrdiff_t begin,
                  float sum) {
  ptrdiff_t lane = n % QG_PANEL;
  const uint8_t *at = g->panels + n / QG_PANEL * s8g_panel_bytes(g->k, g->group);
  at += begin / g->group * s8g_group_bytes(g->group);
  ptrdiff_t count = qg_smaller(g->group, g->k - begin);
  int32_t zero = 0;
  if (g->zeros) {
    ptrdiff_t panel = n / QG_PANEL * qg_groups(g->k, g->group);
    zero = g->zeros[(panel + begin / g->group) * QG_PANEL + lane];
  }
  int32_t dot = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    uint8_t code = at[4 * QG_PANEL + i / 4 * (4 * QG_PANEL) + lane * 4 + i % 4];
    dot += (a[i] - zero_point) * ((int8_t)code - zero);
  }
  float scale;
  __builtin_memcpy(&scale, at + 4 * lane, sizeof scale);
  return __builtin_fmaf((float)dot, scale, sum);
}

#define QG_ARGUMENTS qg_gemm_u8s8g_args
#include "../groups/definition.h"

void qg_gemm_u8s8g_scalar(const qg_gemm_u8s8g_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  run_outputs(g, g->group);
}
