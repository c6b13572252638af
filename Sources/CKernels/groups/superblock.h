// Tiles of rows × one panel for blocks of 256 k with integer scales of sub-blocks; after
// lanes/<isa>.h and lanes/bytes_<isa>.h. The file that includes this defines block_bytes, sub_blocks,
// factors (what the scales and the floating steps share), QG_CENTRED where it has
// add_centred_superblock(at, a, first, f) for one row with the zero point 128, and
//   load_factors(at, f)
//   load_sub_block(at, j, first, f, w, scale): sub-block j's weights, four k of each output to a
//     vector, and its scale; returns scale * sum of w. Half of a sub-block's products fit 16 bits
//   finish_superblock(s, at, first, rows, f, dot), dot without the zero points: the floating steps
// Everything before those is exact, in int32:
//   sum of scale * sum (a - za) * w = sum of scale * sum a * w - za * sum of scale * sum w
// More rows than one tile share blocks that are unpacked once.

#include "../lanes/finish.h"
#include "../lanes/parts.h"
#include "layout.h"

enum { tile_rows = b_lanes == 16 ? 10 : 8 };
enum { sub_vectors = 64 / sub_blocks };  // of a sub-block's weights

typedef struct {
  ptrdiff_t m, n, k;
  const uint8_t *a;
  ptrdiff_t a_stride;
  const qg_affine *rows;
  ptrdiff_t row_step;
  const uint8_t *panels;
  const float *bias;
  qg_output output;
  qg_bounds bounds;
  const int16_t *code_sums;  // [m][k / 32]: sums of x over 32 k; NULL where the format needs none
} superblock_args;

// Where the floating sums of a tile are, and what its minimums multiply.
typedef struct {
  const int16_t *code_sums;  // of the tile's first row, at this block
  ptrdiff_t sums_stride;
  float (*sums)[QG_PANEL];
} steps;

QG_INLINE void finish_superblock(const steps *s, const uint8_t *at, const int first, const int rows,
                                 const factors *f, const b_s32 *dot);

QG_INLINE b_s32 load_sub_block(const uint8_t *at, ptrdiff_t j, const int first, const factors *f,
                               b_s32 *w, b_s32 *scale);

#if defined(QG_CENTRED)
QG_INLINE b_s32 add_centred_superblock(const uint8_t *at, const uint8_t *a, const int first,
                                       factors *f);
#endif

QG_INLINE void add_half(const uint8_t *a, ptrdiff_t a_stride, const int rows, const b_s32 *w,
                        b_s32 *dot) {
  b_s32 part[tile_rows];
  b_open_parts(part, dot, rows);
#pragma unroll
  for (int i = 0; i < sub_vectors / 2; i++) {
#pragma unroll
    for (int r = 0; r < rows; r++) {
      part[r] = b_step(part[r], b_splat((int32_t)v_four(a + r * a_stride + 4 * i)), w[i]);
    }
  }
  b_close_parts(part, dot, rows);
}

// Short chains of products: one row has not enough others to hide their latency.
QG_INLINE b_s32 sum_row(const uint8_t *a, const b_s32 *w) {
  b_s32 sum = b_splat(0);
#pragma unroll
  for (int i = 0; i < sub_vectors; i += 2) {
    b_s32 part = b_step(b_open(b_splat(0)), b_splat((int32_t)v_four(a + 4 * i)), w[i]);
    part = b_step(part, b_splat((int32_t)v_four(a + 4 * i + 4)), w[i + 1]);
    sum = b_add(sum, b_close(part, b_splat(0)));
  }
  return sum;
}

// Adds scale * sum of a * w over a sub-block, for `together` rows at a time.
QG_INLINE void add_sub_block(const uint8_t *a, ptrdiff_t a_stride, const int rows,
                             const int together, const b_s32 *w, b_s32 scale, b_s32 *dot) {
#pragma unroll
  for (int r = 0; r < rows; r += together) {
    const uint8_t *row = a + r * a_stride;
    b_s32 sub[tile_rows];
#pragma unroll
    for (int i = 0; i < together; i++) sub[i] = b_splat(0);
    if (together == 1) {
      sub[0] = sum_row(row, w);
    } else {
      add_half(row, a_stride, together, w, sub);
      add_half(row + 2 * sub_vectors, a_stride, together, w + sub_vectors / 2, sub);
    }
#pragma unroll
    for (int i = 0; i < together; i++) dot[r + i] = b_add(dot[r + i], b_mul(scale, sub[i]));
  }
}

// dot = sum over sub-blocks of scale * sum of a * w; returns minus the sum over them of scale * sum
// of w.
QG_INLINE b_s32 add_superblock(const uint8_t *at, const uint8_t *a, ptrdiff_t a_stride,
                               const int first, const int rows, factors *f, b_s32 *dot) {
  load_factors(at, f);
  b_s32 weights = b_splat(0);
#pragma unroll
  for (int r = 0; r < rows; r++) dot[r] = b_splat(0);
#pragma nounroll
  for (ptrdiff_t j = 0; j < sub_blocks; j++) {
    b_s32 w[sub_vectors], scale;
    weights = b_sub(weights, load_sub_block(at, j, first, f, w, &scale));
    add_sub_block(a + 4 * sub_vectors * j, a_stride, rows, rows == 1 ? 1 : 2, w, scale, dot);
  }
  return weights;
}

QG_INLINE void add_zero_points(const qg_affine *affine, ptrdiff_t row_step, const int rows,
                               b_s32 weights, b_s32 *dot) {
  if (row_step == 0) {
    b_s32 offset = b_mul(weights, b_splat(affine->zero_point));
#pragma unroll
    for (int r = 0; r < rows; r++) dot[r] = b_add(dot[r], offset);
  } else {
#pragma unroll
    for (int r = 0; r < rows; r++) {
      dot[r] = b_add(dot[r], b_mul(weights, b_splat(affine[r].zero_point)));
    }
  }
}

typedef struct {
  char none;
} panel_state;

QG_INLINE void multiply(const superblock_args *g, ptrdiff_t m, ptrdiff_t n, const int first,
                        const int rows, panel_state *state, float sums[][QG_PANEL]) {
  (void)state;
  for (int r = 0; r < rows; r++) b_store_f32(sums[r] + first, b_float(b_splat(0)));
  const uint8_t *at = g->panels + n / QG_PANEL * (g->k / 256) * block_bytes;
  const uint8_t *a = g->a + m * g->a_stride;
  const qg_affine *affine = g->rows + m * g->row_step;
  steps s = {.sums_stride = g->k / 32, .sums = sums};
  if (g->code_sums) s.code_sums = g->code_sums + m * s.sums_stride;
  // The first tile of a panel fetches the next panel into the cache.
  ptrdiff_t ahead = m == 0 && g->m >= 4 ? g->k / 256 * block_bytes : 0;
  for (ptrdiff_t begin = 0; begin < g->k; begin += 256) {
    if (ahead) {
      for (ptrdiff_t i = 0; i < block_bytes; i += 64) __builtin_prefetch(at + ahead + i, 0, 2);
    }
    factors f;
    b_s32 dot[tile_rows];
#if defined(QG_CENTRED)
    if (rows == 1 && affine->zero_point == 128) {
      dot[0] = add_centred_superblock(at, a, first, &f);
      finish_superblock(&s, at, first, rows, &f, dot);
      at += block_bytes;
      a += 256;
      s.code_sums += 8;
      continue;
    }
#endif
    b_s32 weights = add_superblock(at, a, g->a_stride, first, rows, &f, dot);
    add_zero_points(affine, g->row_step, rows, weights, dot);
    finish_superblock(&s, at, first, rows, &f, dot);
    at += block_bytes;
    a += 256;
    if (s.code_sums) s.code_sums += 8;
  }
}

// s = fma((float)dot, d, s)
QG_INLINE void add_scaled(const steps *s, b_f32 d, const int first, const int rows,
                          const b_s32 *dot) {
#pragma unroll
  for (int r = 0; r < rows; r++) {
    float *sum = s->sums[r] + first;
    b_store_f32(sum, b_fma(b_float(dot[r]), d, b_load_f32(sum)));
  }
}

#define QG_ARGUMENTS superblock_args
#include "../lanes/panels.h"

enum { unpacked_rows = 128 };  // whose sums stay in the first cache while a panel's blocks pass

// A block of one register of outputs, unpacked.
typedef struct {
  b_s32 codes[sub_blocks][sub_vectors], scales[sub_blocks];
  b_s32 weights;  // as add_superblock returns it
  factors f;
} unpacked;

QG_INLINE void unpack(const uint8_t *at, const int first, unpacked *u) {
  load_factors(at, &u->f);
  b_s32 weights = b_splat(0);
#pragma nounroll
  for (ptrdiff_t j = 0; j < sub_blocks; j++) {
    b_s32 sum = load_sub_block(at, j, first, &u->f, u->codes[j], &u->scales[j]);
    weights = b_sub(weights, sum);
  }
  u->weights = weights;
}

// Adds block `begin` / 256 of rows m, ..., which lies at `at`, to their sums.
QG_INLINE void multiply_unpacked(const superblock_args *g, const unpacked *u, const uint8_t *at,
                                 ptrdiff_t begin, ptrdiff_t m, const int first, const int rows,
                                 float sums[][QG_PANEL]) {
  const uint8_t *a = g->a + m * g->a_stride + begin;
  b_s32 dot[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) dot[r] = b_splat(0);
  add_zero_points(g->rows + m * g->row_step, g->row_step, rows, u->weights, dot);
#pragma nounroll
  for (ptrdiff_t j = 0; j < sub_blocks; j++) {
    const uint8_t *sub = a + 4 * sub_vectors * j;
    add_sub_block(sub, g->a_stride, rows, rows, u->codes[j], u->scales[j], dot);
  }
  steps s = {.sums_stride = g->k / 32, .sums = sums};
  if (g->code_sums) s.code_sums = g->code_sums + m * s.sums_stride + begin / 32;
  finish_superblock(&s, at, first, rows, &u->f, dot);
}

// Rows [m, m + count) against the panel of output n: each of its blocks is unpacked once for all of
// them. Every output takes the floating steps of `multiply`.
static void run_unpacked(const superblock_args *g, ptrdiff_t m, ptrdiff_t count, ptrdiff_t n) {
  float sums[unpacked_rows][QG_PANEL];
  for (ptrdiff_t r = 0; r < count; r++) v_store(sums[r], v_splat(0));
  ptrdiff_t panel = g->k / 256 * block_bytes;
  const uint8_t *at = g->panels + n / QG_PANEL * panel;
  for (ptrdiff_t begin = 0; begin < g->k; begin += 256) {
    if (m == 0) {
      for (ptrdiff_t i = 0; i < block_bytes; i += 64) __builtin_prefetch(at + panel + i, 0, 2);
    }
#pragma unroll
    for (int first = 0; first < QG_PANEL; first += b_lanes) {
      unpacked u;
      unpack(at, first, &u);
      ptrdiff_t r = 0;
      for (; r + 8 <= count; r += 8) multiply_unpacked(g, &u, at, begin, m + r, first, 8, sums + r);
      for (; r + 4 <= count; r += 4) multiply_unpacked(g, &u, at, begin, m + r, first, 4, sums + r);
      for (; r + 2 <= count; r += 2) multiply_unpacked(g, &u, at, begin, m + r, first, 2, sums + r);
      if (r < count) multiply_unpacked(g, &u, at, begin, m + r, first, 1, sums + r);
    }
    at += block_bytes;
  }
  for (ptrdiff_t r = 0; r < count; r++) finish_row(g, m + r, n, sums[r]);
}

static void run_superblocks(const superblock_args *g) {
  if (g->m <= tile_rows) {
    run_panels(g);
    return;
  }
  ptrdiff_t most = qg_groups(g->m, qg_groups(g->m, unpacked_rows));
  for (ptrdiff_t n = 0; n < g->n; n += QG_PANEL) {
    for (ptrdiff_t m = 0; m < g->m; m += most) run_unpacked(g, m, qg_smaller(most, g->m - m), n);
  }
}

QG_INLINE superblock_args superblocks_of(const qg_gemm_blocks_args *g) {
  assert(g->k % 256 == 0);
  return (superblock_args){.m = g->m, .n = g->n, .k = g->k, .a = g->a, .a_stride = g->a_stride,
                           .rows = g->rows, .row_step = g->row_step, .panels = g->panels,
                           .bias = g->bias, .output = g->output, .bounds = g->bounds};
}
