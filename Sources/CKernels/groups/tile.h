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
enum { kept_groups = 256, several_rows = 4 };

// What the tiles of a panel share: minus the sums of its weights over each of the first groups, which its
// first tile makes.
typedef struct {
  b_s32 weights[kept_groups][QG_PANEL / b_lanes];
} panel_state;

QG_INLINE b_s32 sum_weights(const uint8_t *at, const int first, ptrdiff_t blocks) {
  b_s32 sum = b_splat(0), ones = b_splat_byte(1);
#pragma nounroll
  for (ptrdiff_t block = 0; block < blocks; block++) {
    b_s32 w[2];
    load_block(at, block, first, w);
    sum = b_dot(b_dot(sum, ones, b_widen(w[0])), ones, b_widen(w[1]));
  }
  return sum;
}

// Adds blocks [begin, end) of the group at `at`, and the sum of their weights where there is a place
// for it.
QG_INLINE void add_wide(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride, const int first,
                        const int rows, ptrdiff_t begin, ptrdiff_t end, b_s32 *dot,
                        b_s32 *weights) {
  b_s32 ones = b_splat_byte(1);
#pragma nounroll
  for (ptrdiff_t block = begin; block < end; block++) {
    b_s32 w[2];
    load_block(at, block, first, w);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      b_weights wide = b_widen(w[half]);
      if (weights) *weights = b_dot(*weights, ones, wide);
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
    if (weights) total = b_add_bytes(total, b_add_bytes(w[0], w[1]));
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
      for (int r = 0; r < rows; r++) {
        uint32_t codes = v_four(a + r * a_stride + 8 * block + 4 * half);
        part[r] = b_step(part[r], b_splat((int32_t)codes), w[half]);
      }
    }
  }
  if (weights) *weights = b_close(b_step(b_open(*weights), b_splat_byte(1), total), *weights);
  b_close_parts(part, dot, rows);
}

// Adds all blocks of the group at `at`.
QG_INLINE void add_group(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride, const int first,
                         const int rows, ptrdiff_t blocks, b_s32 *dot, b_s32 *weights) {
  if (QG_PART_BITS == 32 && blocks == 4) {  // the usual group: no loop for its few blocks
#pragma unroll
    for (int i = 0; i < 4; i++) add_wide(at, a, a_stride, first, rows, i, i + 1, dot, weights);
  } else if (QG_PART_BITS == 32 || open_blocks == 0) {
    add_wide(at, a, a_stride, first, rows, 0, blocks, dot, weights);
  } else if (open_blocks == 4) {
    add_narrow(at, a, a_stride, first, rows, 0, blocks, dot, weights);
  } else {
    for (ptrdiff_t block = 0; block < blocks; block += open_blocks) {
      add_narrow(at, a, a_stride, first, rows, block, block + open_blocks, dot, weights);
    }
  }
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

// Several rows against the group at `at`, whose number is `index`: starts from what the zero points give,
// then adds the products. `alike`: all rows have one zero point.
QG_INLINE void add_several(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride,
                           const qg_affine *affine, int alike, const int first, const int rows,
                           ptrdiff_t blocks, ptrdiff_t index, int is_first, panel_state *state,
                           b_s32 *dot) {
  b_s32 weights;
  if (is_first || index >= kept_groups) {
    weights = b_sub(b_splat(0), sum_weights(at, first, blocks));
    if (index < kept_groups) state->weights[index][first / b_lanes] = weights;
  } else {
    weights = state->weights[index][first / b_lanes];
  }
  if (alike) {
    b_s32 offset = b_mul(weights, b_splat(affine->zero_point));
#pragma unroll
    for (int r = 0; r < rows; r++) dot[r] = offset;
  } else {
#pragma unroll
    for (int r = 0; r < rows; r++) dot[r] = b_mul(weights, b_splat(affine[r].zero_point));
  }
  add_group(at, a, a_stride, first, rows, blocks, dot, NULL);
}

// A few rows, which share too little to look up sums of weights.
QG_INLINE void add_few(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride,
                       const qg_affine *affine, ptrdiff_t row_step, const int first,
                       const int rows, ptrdiff_t blocks, b_s32 *dot) {
  b_s32 weights = b_splat(0);
#pragma unroll
  for (int r = 0; r < rows; r++) dot[r] = b_splat(0);
  if (open_blocks > 0 && rows == 1) {
    add_row(at, a, first, dot, &weights);
  } else {
    add_group(at, a, a_stride, first, rows, blocks, dot, &weights);
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
    dot[r] = b_sub(dot[r], b_mul(weights, b_splat(affine[r * row_step].zero_point)));
  }
}

QG_INLINE void multiply(const QG_ARGUMENTS *g, ptrdiff_t m, ptrdiff_t n, const int first,
                        const int rows, panel_state *state, float sums[][QG_PANEL]) {
  b_f32 sum[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = b_float(b_splat(0));
  const uint8_t *at = g->panels + n / QG_PANEL * panel_bytes(g);
  const uint8_t *a = g->a + m * g->a_stride;
  const qg_affine *affine = g->rows + m * g->row_step;
  // The first tile of a panel fetches the next panel into the cache. A few rows are bound by memory,
  // which the processor's own prefetching of a plain sequence fills best.
  ptrdiff_t ahead = m == 0 && g->m >= 4 ? panel_bytes(g) : 0;
  int alike = 1;
  for (int r = 0; r < rows; r++) {
    alike &= affine[r * g->row_step].zero_point == affine->zero_point;
  }
  for (ptrdiff_t begin = 0, index = 0; begin < g->k; index++) {
    ptrdiff_t bytes = group_bytes(g, begin);
    if (ahead) {
      for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + ahead + i, 0, 3);
    }
    ptrdiff_t blocks = group_blocks(g, begin);
    b_s32 dot[tile_rows];
    if (rows >= several_rows) {
      add_several(at, a, g->a_stride, affine, alike, first, rows, blocks, index, m == 0, state, dot);
    } else {
      add_few(at, a, g->a_stride, affine, g->row_step, first, rows, blocks, dot);
    }
    b_f32 scale = load_scale(at, first);
#if defined(QG_GROUP_ZEROS)
    if (g->zeros) subtract_zeros(g, index, m, n, first, rows, dot);
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
