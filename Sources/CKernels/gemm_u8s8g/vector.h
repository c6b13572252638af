// Int8 weights in groups.

#include "../groups/layout.h"

enum { open_blocks = 0 };

#define QG_ARGUMENTS qg_gemm_u8s8g_args

QG_INLINE ptrdiff_t panel_bytes(const qg_gemm_u8s8g_args *g) {
  return s8g_panel_bytes(g->k, g->group);
}
QG_INLINE ptrdiff_t group_bytes(const qg_gemm_u8s8g_args *g, ptrdiff_t begin) {
  return s8g_group_bytes(qg_smaller(g->group, g->k - begin));
}
QG_INLINE ptrdiff_t group_blocks(const qg_gemm_u8s8g_args *g, ptrdiff_t begin) {
  return qg_groups(qg_smaller(g->group, g->k - begin), 8);
}

QG_INLINE b_f32 load_scale(const uint8_t *at, const int first) {
  return b_load_f32((const float *)(const void *)at + first);
}

QG_INLINE void load_block(const uint8_t *at, ptrdiff_t block, const int first, b_s32 w[2]) {
  const uint8_t *codes = at + 4 * QG_PANEL + block * (8 * QG_PANEL) + 4 * first;
  w[0] = b_load(codes);
  w[1] = b_load(codes + 4 * QG_PANEL);
}

#include "../groups/tile.h"

void QG_NAME(gemm_u8s8g)(const qg_gemm_u8s8g_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  run_panels(g);
}
