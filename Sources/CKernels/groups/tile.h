// Tiles of rows × one panel whose groups have one floating scale per output; after
// lanes/<isa>.h and lanes/bytes_<isa>.h. The file that includes this defines
//   QG_ARGUMENTS
//   panel_bytes(g), group_bytes(g, begin), group_blocks(g, begin): of a panel, and of its group from k
//     `begin` on: bytes, and blocks of 8 k
//   load_scale(at, first), load_block(at, block, first, w): of outputs first, … of the group at `at`
//   QG_GROUP_ZEROS where it has subtract_zeros(g, index, m, n, first, rows, dot): takes group `index`'s
//     zeros of outputs n + first, … times the sums of the activations of rows m, … from dot
//   open_blocks: how many blocks' products fit a part of 16 bits; 0: none, and the weights are
//     widened first
//   sum (a - za) * w = sum a * w - za * sum w

#include "../lanes/finish.h"
#include "../lanes/parts.h"
#include "layout.h"

enum { tile_rows = b_lanes == 16 ? 10 : 8 };

// Adds blocks [begin, end) of the group at `at`, and the sum of their weights.
QG_INLINE void add_wide(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride, const int first,
                        const int rows, ptrdiff_t blocks, b_s32 *dot, b_s32 *weights) {
  b_s32 ones = b_splat_byte(1);
#pragma nounroll
  for (ptrdiff_t block = 0; block < blocks; block++) {
    b_s32 w[2];
    load_block(at, block, first, w);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      b_weights wide = b_widen(w[half]);
      *weights = b_dot(*weights, ones, wide);
#pragma unroll
      for (int r = 0; r < rows; r++) {
        uint32_t codes = v_four(a + r * a_stride + 8 * block + 4 * half);
        dot[r] = b_dot(dot[r], b_splat((int32_t)codes), wide);
      }
    }
  }
}

QG_INLINE void add_narrow(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride, const int first,
                          const int rows, ptrdiff_t begin, ptrdiff_t end, b_s32 *dot,
                          b_s32 *weights) {
  b_s32 part[tile_rows];
  b_open_parts(part, dot, rows);
  b_s32 total = b_splat(0);
#pragma nounroll
  for (ptrdiff_t block = begin; block < end; block++) {
    b_s32 w[2];
    load_block(at, block, first, w);
    total = b_add_bytes(total, b_add_bytes(w[0], w[1]));
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
      for (int r = 0; r < rows; r++) {
        uint32_t codes = v_four(a + r * a_stride + 8 * block + 4 * half);
        part[r] = b_step(part[r], b_splat((int32_t)codes), w[half]);
      }
    }
  }
  *weights = b_close(b_step(b_open(*weights), b_splat_byte(1), total), *weights);
  b_close_parts(part, dot, rows);
}

// One row against a block of 32 k: short chains of products, which a single row has not enough
// others of to hide their latency.
QG_INLINE void add_row(const uint8_t *at, const uint8_t *a, const int first, b_s32 *dot,
                       b_s32 *weights) {
  b_s32 part[4], total[2];
#pragma unroll
  for (int i = 0; i < 4; i++) part[i] = b_open(b_splat(0));
#pragma unroll
  for (int block = 0; block < 4; block++) {
    b_s32 w[2];
    load_block(at, block, first, w);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      total[half] = block == 0 ? w[half] : b_add_bytes(total[half], w[half]);
      b_s32 *sum = &part[block % 2 * 2 + half];
      *sum = b_step(*sum, b_splat((int32_t)v_four(a + 8 * block + 4 * half)), w[half]);
    }
  }
  b_s32 bytes = b_add_bytes(total[0], total[1]);
  *weights = b_close(b_step(b_open(b_splat(0)), b_splat_byte(1), bytes), b_splat(0));
  b_s32 even = b_add(b_close(part[0], b_splat(0)), b_close(part[1], b_splat(0)));
  b_s32 odd = b_add(b_close(part[2], b_splat(0)), b_close(part[3], b_splat(0)));
  *dot = b_add(even, odd);
}

QG_INLINE void multiply(const QG_ARGUMENTS *g, ptrdiff_t m, ptrdiff_t n, const int first,
                        const int rows, float sums[][QG_PANEL]) {
  b_f32 sum[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = b_float(b_splat(0));
  const uint8_t *at = g->panels + n / QG_PANEL * panel_bytes(g);
  const uint8_t *a = g->a + m * g->a_stride;
  const qg_affine *affine = g->rows + m * g->row_step;
  // The first tile of a panel fetches the next panel into the cache. A few rows are bound by memory,
  // which the processor's own prefetching of a plain sequence fills best.
  ptrdiff_t ahead = m == 0 && g->m >= 4 ? panel_bytes(g) : 0;
#if defined(QG_GROUP_ZEROS)
  ptrdiff_t index = 0;
#endif
  for (ptrdiff_t begin = 0; begin < g->k;) {
    ptrdiff_t bytes = group_bytes(g, begin);
    if (ahead) {
      for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + ahead + i, 0, 3);
    }
    ptrdiff_t blocks = group_blocks(g, begin);
    b_s32 dot[tile_rows];
    b_s32 weights = b_splat(0);
#pragma unroll
    for (int r = 0; r < rows; r++) dot[r] = b_splat(0);
    if (open_blocks > 0 && rows == 1) {
      add_row(at, a, first, dot, &weights);
    } else if (open_blocks == 0) {
      add_wide(at, a, g->a_stride, first, rows, blocks, dot, &weights);
    } else if (QG_PART_BITS == 32 || open_blocks == 4) {
      add_narrow(at, a, g->a_stride, first, rows, 0, blocks, dot, &weights);
    } else {
      for (ptrdiff_t block = 0; block < blocks; block += open_blocks) {
        add_narrow(at, a, g->a_stride, first, rows, block, block + open_blocks, dot, &weights);
      }
    }
    weights = b_sub(b_splat(0), weights);
    b_f32 scale = load_scale(at, first);
    if (g->row_step == 0) {
      b_s32 offset = b_mul(weights, b_splat(affine->zero_point));
#pragma unroll
      for (int r = 0; r < rows; r++) dot[r] = b_add(dot[r], offset);
    } else {
#pragma unroll
      for (int r = 0; r < rows; r++) {
        dot[r] = b_add(dot[r], b_mul(weights, b_splat(affine[r].zero_point)));
      }
    }
#if defined(QG_GROUP_ZEROS)
    if (g->zeros) subtract_zeros(g, index, m, n, first, rows, dot);
    index++;
#endif
#pragma unroll
    for (int r = 0; r < rows; r++) sum[r] = b_fma(b_float(dot[r]), scale, sum[r]);
    at += bytes;
    a += 8 * blocks;
    begin += 8 * blocks;
  }
#pragma unroll
  for (int r = 0; r < rows; r++) b_store_f32(sums[r] + first, sum[r]);
}

#include "../lanes/panels.h"
