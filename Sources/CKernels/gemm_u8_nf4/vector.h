// NF4 weights: floating sums, on tiles of rows × one panel.

#include "../groups/layout.h"
#include "../lanes/finish.h"

enum { tile_rows = b_lanes == 16 ? 10 : 8 };

// x of one row and block.
QG_INLINE void widen(const uint8_t *a, int32_t zero_point, float *x) {
#pragma unroll
  for (int i = 0; i < 64; i += b_lanes) {
    b_store_f32(x + i, b_float(b_sub(b_load_u8(a + i), b_splat(zero_point))));
  }
}

// One step for each of `blocks` blocks, whose sums do not depend on each other: few rows hide the
// latency of one sum behind the next.
QG_INLINE void add_blocks(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride,
                          const qg_affine *affine, ptrdiff_t row_step, const int first,
                          const int rows, const int blocks, float sums[][QG_PANEL]) {
  float x[tile_rows][64];
  b_f32 dot[tile_rows];
#pragma unroll
  for (int b = 0; b < blocks; b++) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
      widen(a + r * a_stride + 64 * b, affine[r * row_step].zero_point, x[b * rows + r]);
      dot[b * rows + r] = b_splat_f32(0);
    }
  }
  b_numbers levels = b_load_numbers(nf4_levels);
#pragma nounroll
  for (ptrdiff_t i = 0; i < 8; i++) {
#pragma unroll
    for (int j = 0; j < 8; j++) {
#pragma unroll
      for (int b = 0; b < blocks; b++) {
        const uint8_t *codes = at + b * nf4_bytes + nf4_codes + i * (4 * QG_PANEL) + 4 * first;
        b_f32 w = b_choose(levels, b_shift_words(b_load(codes), j % 4 * 8 + j / 4 * 4));
#pragma unroll
        for (int r = 0; r < rows; r++) {
          b_f32 *sum = &dot[b * rows + r];
          *sum = b_fma(b_splat_f32(x[b * rows + r][8 * i + j]), w, *sum);
        }
      }
    }
  }
#pragma unroll
  for (int b = 0; b < blocks; b++) {
    b_f32 absmax = b_load_f32((const float *)(const void *)(at + b * nf4_bytes) + first);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      float *sum = sums[r] + first;
      b_store_f32(sum, b_fma(dot[b * rows + r], absmax, b_load_f32(sum)));
    }
  }
}

typedef struct {
  char none;
} panel_state;

QG_INLINE void multiply(const qg_gemm_blocks_args *g, ptrdiff_t m, ptrdiff_t n, const int first,
                        const int rows, panel_state *state, float sums[][QG_PANEL]) {
  (void)state;
  for (int r = 0; r < rows; r++) b_store_f32(sums[r] + first, b_splat_f32(0));
  const int together = rows > 2 ? 1 : 4 / rows;
  const uint8_t *at = g->panels + n / QG_PANEL * (g->k / 64) * nf4_bytes;
  const uint8_t *a = g->a + m * g->a_stride;
  const qg_affine *affine = g->rows + m * g->row_step;
  ptrdiff_t block = 0, blocks = g->k / 64;
  for (; block + together <= blocks; block += together) {
    add_blocks(at, a, g->a_stride, affine, g->row_step, first, rows, together, sums);
    at += together * nf4_bytes;
    a += 64 * together;
  }
  for (; block < blocks; block++, at += nf4_bytes, a += 64) {
    add_blocks(at, a, g->a_stride, affine, g->row_step, first, rows, 1, sums);
  }
}

#define QG_ARGUMENTS qg_gemm_blocks_args
#include "../lanes/panels.h"

void QG_NAME(gemm_u8_nf4)(const qg_gemm_blocks_args *g) {
  assert(g->k % 64 == 0);
  run_panels(g);
}
