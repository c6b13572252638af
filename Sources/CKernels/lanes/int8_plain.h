// int8_product.h with weights widened where they are used: for sets without a cheaper way, and for so
// few rows that the weights are read once.

typedef struct {
  const QG_ARGUMENTS *g;
  endings needs;
} plain_product;

QG_INLINE void tile(const plain_product *product, ptrdiff_t m, ptrdiff_t n, const int rows,
                    const int panels) {
  const QG_ARGUMENTS *g = product->g;
  v_s32 sum[6][row_panels];
  const ptrdiff_t quads = qg_groups(g->k, 4), stride = g->a_stride;
  const uint8_t *a = (const uint8_t *)g->a + m * stride;
  const int8_t *b = g->panels + n * quads * 4;
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) {
      ptrdiff_t first = n + p * QG_PANEL;
      sum[r][p] = row_start(g, m + r, first, g->n - first);
    }
  }
  for (ptrdiff_t k = 0; k < quads; k++) {
    v_bytes w[row_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) w[p] = v_load_weights(b + (p * quads + k) * (4 * QG_PANEL));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_codes x = v_splat_codes(four_codes(a + r * stride + 4 * k));
#pragma unroll
      for (int p = 0; p < panels; p++) sum[r][p] = v_dot(sum[r][p], x, w[p]);
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) {
      ptrdiff_t first = n + p * QG_PANEL;
      finish(g, product->needs, m + r, first, sum[r][p], g->n - first);
    }
  }
}

#define QG_WORK const plain_product
#include "cover.h"

static void run_plain(const QG_ARGUMENTS *g) {
  plain_product product = {g, endings_of(g)};
  cover(&product, g->m, g->n);
}
