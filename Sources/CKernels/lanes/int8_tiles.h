// int8_product.h where a panel's weights are loaded once per tile of rows and used as they are.

enum { tile_panels = 1, row_panels = 1 };

typedef struct {
  const QG_ARGUMENTS *g;
  endings needs;
} product;

QG_INLINE void tile(const product *work, ptrdiff_t m, ptrdiff_t n, const int rows,
                    const int panels) {
  const QG_ARGUMENTS *g = work->g;
  v_s32 sum[6];
  const ptrdiff_t quads = qg_groups(g->k, 4), stride = g->a_stride, lanes = g->n - n;
  const uint8_t *a = (const uint8_t *)g->a + m * stride;
  const int8_t *b = g->panels + n * quads * 4;
  assert(panels == 1);
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = row_start(g, m + r, n, lanes);
  for (ptrdiff_t k = 0; k < quads; k++) {
    v_bytes w = v_load_weights(b + k * (4 * QG_PANEL));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      uint32_t codes = v_four(a + r * stride + 4 * k) ^ (QG_FLIP ? 0x80808080u : 0);
      sum[r] = v_dot(sum[r], v_splat_codes(codes), w);
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) finish(g, work->needs, m + r, n, sum[r], lanes);
}

#define QG_WORK const product
#include "cover.h"

static void run(const QG_ARGUMENTS *g) {
  product work = {g, endings_of(g)};
  cover(&work, g->m, g->n);
}
