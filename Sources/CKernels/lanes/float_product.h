// Products of fp32 rows with panels of QG_WEIGHT, which QG_LOAD_WEIGHTS loads as fp32, on tiles of
// rows × panels; after lanes/<isa>.h and QG_ARGUMENTS. Rows often lie a multiple of 4 KiB apart, so
// six of them leave room in each set of an eight-way cache; more rows were slower.

#include "finish.h"

#if QG_REGISTERS == 32
enum { tile_rows = 6, tile_panels = 4 };
#else
enum { tile_rows = 6, tile_panels = 1 };
#endif
enum { row_panels = 4 };  // for a single row, so that its chains hide the latency of fma

QG_INLINE void tile(const QG_ARGUMENTS *g, ptrdiff_t m, ptrdiff_t n, const int rows,
                    const int panels) {
  v_f32 sum[tile_rows][row_panels];
  const ptrdiff_t stride = g->a_stride;
  const float *a = g->a + m * stride;
  const QG_WEIGHT *b = g->panels + n * g->k;
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sum[r][p] = v_splat(0);
  }
  for (ptrdiff_t k = 0; k < g->k; k++) {
    v_f32 w[row_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) w[p] = QG_LOAD_WEIGHTS(b + (p * g->k + k) * QG_PANEL);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_f32 x = v_splat(a[r * stride + k]);
#pragma unroll
      for (int p = 0; p < panels; p++) sum[r][p] = v_fma(x, w[p], sum[r][p]);
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) {
      ptrdiff_t first = n + p * QG_PANEL;
      ptrdiff_t lanes = g->n - first;
      v_f32 y = sum[r][p];
      if (g->bias) y = v_add(y, v_load_some(g->bias + first, lanes));
      v_store_some(g->c + (m + r) * g->c_stride + first, v_clamp(y, g->bounds), lanes);
    }
  }
}

#define QG_WORK const QG_ARGUMENTS
#include "cover.h"

static void run(const QG_ARGUMENTS *g) { cover(g, g->m, g->n); }
