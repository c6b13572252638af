// int8_product.h where bytes are multiplied as 16-bit words. Codes and weights are widened once per
// block of K and read from there, so that little but multiplying and adding is left in the loop.

enum { few_rows = 16, tile_rows = 4, block_rows = 64, block_panels = 4, block_quads = 64 };

// The words of one row of codes: k of 0 and 2, then of 1 and 3, of each quad.
typedef struct {
  uint32_t even[block_quads], odd[block_quads];
} wide_codes;

QG_INLINE void widen_codes(const uint8_t *a, ptrdiff_t quads, wide_codes *codes) {
  for (ptrdiff_t k = 0; k < quads; k++) {
    uint32_t four = four_codes(a + 4 * k);
    codes->even[k] = four & 0x00ff00ffu;
    codes->odd[k] = four >> 8 & 0x00ff00ffu;
  }
}

// Adds `quads` quads of `rows` rows to their sums with one panel.
QG_INLINE void add_block(v_s32 *sums, const wide_codes *codes, const v_bytes *weights,
                         ptrdiff_t quads, const int rows) {
  v_s32 sum[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = sums[r];
  for (ptrdiff_t k = 0; k < quads; k++) {
    v_bytes w = weights[k];
#pragma unroll
    for (int r = 0; r < rows; r++) {
      sum[r] = v_dot(sum[r], v_splat_wide(codes[r].even[k], codes[r].odd[k]), w);
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) sums[r] = sum[r];
}

// Rows [m, m + rows) with the outputs from n, of at most block_panels panels.
static void run_block(const QG_ARGUMENTS *g, endings needs, ptrdiff_t m, ptrdiff_t rows,
                      ptrdiff_t n) {
  v_s32 sums[block_panels][block_rows];
  v_bytes weights[block_panels][block_quads];
  wide_codes codes[tile_rows];
  ptrdiff_t panels = qg_smaller(block_panels, qg_groups(g->n - n, QG_PANEL));
  ptrdiff_t all = qg_groups(g->k, 4);
  const uint8_t *a = (const uint8_t *)g->a + m * g->a_stride;
  for (ptrdiff_t p = 0; p < panels; p++) {
    ptrdiff_t first = n + p * QG_PANEL;
    for (ptrdiff_t r = 0; r < rows; r++) sums[p][r] = row_start(g, m + r, first, g->n - first);
  }
  for (ptrdiff_t k = 0; k < all; k += block_quads) {
    ptrdiff_t quads = qg_smaller(block_quads, all - k);
    for (ptrdiff_t p = 0; p < panels; p++) {
      const int8_t *panel = g->panels + (n + p * QG_PANEL) * all * 4 + k * (4 * QG_PANEL);
      for (ptrdiff_t i = 0; i < quads; i++) {
        weights[p][i] = v_load_weights(panel + i * (4 * QG_PANEL));
      }
    }
    for (ptrdiff_t r = 0; r < rows; r += tile_rows) {
      ptrdiff_t some = qg_smaller(tile_rows, rows - r);
      for (ptrdiff_t i = 0; i < some; i++) {
        widen_codes(a + (r + i) * g->a_stride + 4 * k, quads, codes + i);
      }
      for (ptrdiff_t p = 0; p < panels; p++) {
        switch (some) {
          case 1: add_block(sums[p] + r, codes, weights[p], quads, 1); break;
          case 2: add_block(sums[p] + r, codes, weights[p], quads, 2); break;
          case 3: add_block(sums[p] + r, codes, weights[p], quads, 3); break;
          default: add_block(sums[p] + r, codes, weights[p], quads, tile_rows); break;
        }
      }
    }
  }
  for (ptrdiff_t p = 0; p < panels; p++) {
    ptrdiff_t first = n + p * QG_PANEL;
    for (ptrdiff_t r = 0; r < rows; r++) {
      finish(g, needs, m + r, first, sums[p][r], g->n - first);
    }
  }
}

static void run(const QG_ARGUMENTS *g) {
  if (g->m < few_rows) {
    run_plain(g);
    return;
  }
  endings needs = endings_of(g);
  for (ptrdiff_t m = 0; m < g->m; m += block_rows) {
    ptrdiff_t rows = qg_smaller(block_rows, g->m - m);
    for (ptrdiff_t n = 0; n < g->n; n += block_panels * QG_PANEL) run_block(g, needs, m, rows, n);
  }
}
