// The product on tiles of rows × panels; after lanes/<isa>.h.
//   sum (a - za) * (w - zw) = sum a * w - za * (sum w - K * zw) - zw * sum a

#include "../lanes/finish.h"

#if QG_REGISTERS == 32
enum { tile_rows = 8, tile_panels = 2 };
#else
enum { tile_rows = 4, tile_panels = 1 };
#endif
enum { row_panels = 4 };  // for a single row, so that its sums hide the latency of the products

static int32_t sum_of_codes(const uint8_t *a, ptrdiff_t count) {
  int32_t sum = 0;
  for (ptrdiff_t k = 0; k < count; k++) sum += a[k];
  return sum;
}

QG_INLINE void finish(const qg_gemm_u8s8_args *g, ptrdiff_t m, ptrdiff_t first, v_s32 dot) {
  ptrdiff_t lanes = g->n - first;
  qg_affine row = g->rows[m * g->row_step];
  v_s32 sums = v_load_some_s32(g->weight_sums + first, lanes);
  if (g->weight_zero) {
    v_s32 zeros = v_load_some_s32(g->weight_zero + first, lanes);
    sums = v_sub_s32(sums, v_mul_s32(v_splat_s32((int32_t)g->k), zeros));
    v_s32 codes = v_splat_s32(sum_of_codes(g->a + m * g->a_stride, g->k));
    dot = v_sub_s32(dot, v_mul_s32(codes, zeros));
  }
  dot = v_sub_s32(dot, v_mul_s32(v_splat_s32(row.zero_point), sums));
  v_f32 scale = v_mul(v_splat(row.scale), v_load_some(g->weight_scale + first, lanes));
  v_f32 y = v_scaled(dot, scale, g->bias, first, lanes);
  v_output(&g->output, m * g->output.stride + first, y, lanes, g->bounds);
}

QG_INLINE void tile(const qg_gemm_u8s8_args *g, ptrdiff_t m, ptrdiff_t n, const int rows,
                    const int panels) {
  v_s32 sum[tile_rows][row_panels];
  ptrdiff_t quads = qg_groups(g->k, 4);
  const uint8_t *a = g->a + m * g->a_stride;
  const int8_t *b = g->panels + n * quads * 4;
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sum[r][p] = v_splat_s32(0);
  }
  for (ptrdiff_t k = 0; k < quads; k++) {
    v_bytes w[row_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) w[p] = v_load_weights(b + (p * quads + k) * (4 * QG_PANEL));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_codes x = v_splat_codes(v_four(a + r * g->a_stride + 4 * k));
#pragma unroll
      for (int p = 0; p < panels; p++) sum[r][p] = v_dot(sum[r][p], x, w[p]);
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) finish(g, m + r, n + p * QG_PANEL, sum[r][p]);
  }
}

#define QG_ARGUMENTS qg_gemm_u8s8_args
#include "../lanes/tiles.h"

void QG_NAME(gemm_u8s8)(const qg_gemm_u8s8_args *g) { run_tiles(g); }
