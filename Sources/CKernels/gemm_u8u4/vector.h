// The product on tiles of rows × one panel; after lanes/<isa>.h and lanes/bytes_<isa>.h. The group's
// zero is taken from the codes of the weights, which is a subtraction per block and panel, not per row:
//   sum (a - za) * (w - zw) = sum a * (w - zw) - za * (sum w - count * zw)

#include "../groups/layout.h"
#include "../lanes/finish.h"
#include "../lanes/parts.h"

enum { tile_rows = b_lanes == 16 ? 10 : 8 };

// One group of a panel.
typedef struct {
  const uint8_t *codes;  // its first block, at the first output of the tile
  const uint8_t *a;      // the codes of the tile's first row
  ptrdiff_t a_stride;
  b_s32 zeros;  // of the weights, in every byte
} span;

// The weights of block `block`; adds their codes to `total`.
QG_INLINE void load_weights(const span *s, ptrdiff_t block, b_s32 *total, b_s32 w[2]) {
  b_s32 pairs = b_load(s->codes + block * (4 * QG_PANEL));
  w[0] = b_and(pairs, b_splat_byte(15));
  w[1] = b_and(b_shift_right(pairs, 4), b_splat_byte(15));
  *total = b_add_bytes(*total, b_add_bytes(w[0], w[1]));
  w[0] = b_sub_bytes(w[0], s->zeros);
  w[1] = b_sub_bytes(w[1], s->zeros);
}

// sum + the bytes of `total`, each at most 127, of every lane.
QG_INLINE b_s32 add_total(b_s32 sum, b_s32 total) {
  return b_close(b_step(b_open(sum), b_splat_byte(1), total), sum);
}

// Adds `blocks` blocks of 8 k from `block` on to `dot` and their codes to `sum`, `keep` masking the
// activations; at most 4, so that the codes of a lane's byte, at most 8 * 15, fit it. Without VNNI by
// way of 16-bit sums, where two blocks of weights of -15...15 fit (4 * 2 * 255 * 15 < 2^15), or half a
// block of any others.
QG_INLINE void add_blocks(const span *s, const int rows, ptrdiff_t block, ptrdiff_t blocks,
                          uint64_t keep, const int small, b_s32 *dot, b_s32 *sum) {
  b_s32 part[tile_rows], total = b_splat(0);
  b_open_parts(part, dot, rows);
#pragma nounroll
  for (ptrdiff_t i = 0; i < blocks; i++) {
    b_s32 w[2];
    load_weights(s, block + i, &total, w);
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
      for (int r = 0; r < rows; r++) {
        uint32_t codes = v_four(s->a + r * s->a_stride + 8 * (block + i) + 4 * half);
        codes &= (uint32_t)(keep >> 32 * half);
        part[r] = b_step(part[r], b_splat((int32_t)codes), w[half]);
      }
      if (!small) b_reopen_parts(part, dot, rows);
    }
    if (QG_PART_BITS == 16 && small && i % 2) b_reopen_parts(part, dot, rows);
  }
  b_close_parts(part, dot, rows);
  *sum = add_total(*sum, total);
}

// Four blocks of one row, with weights of -15...15 where sums have 16 bits: short chains of products,
// which a single row has not enough others of to hide their latency.
QG_INLINE void add_row(const span *s, ptrdiff_t block, b_s32 *dot, b_s32 *sum) {
  b_s32 part[4], total = b_splat(0);
#pragma unroll
  for (int i = 0; i < 4; i++) {
    b_s32 w[2];
    load_weights(s, block + i, &total, w);
    const uint8_t *a = s->a + 8 * (block + i);
    part[i] = b_step(b_open(b_splat(0)), b_splat((int32_t)v_four(a)), w[0]);
    part[i] = b_step(part[i], b_splat((int32_t)v_four(a + 4)), w[1]);
    part[i] = b_close(part[i], b_splat(0));
  }
  *sum = add_total(*sum, total);
  *dot = b_add(*dot, b_add(b_add(part[0], part[1]), b_add(part[2], part[3])));
}

QG_INLINE void add_group(const span *s, const int rows, ptrdiff_t count, const int small,
                         b_s32 *dot, b_s32 *sum) {
  ptrdiff_t block = 0, whole = count / 8;
  for (; block + 4 <= whole; block += 4) {
    if (rows == 1 && small) {
      add_row(s, block, dot, sum);
    } else {
      add_blocks(s, rows, block, 4, UINT64_MAX, small, dot, sum);
    }
  }
#pragma nounroll
  for (; block < whole; block++) add_blocks(s, rows, block, 1, UINT64_MAX, small, dot, sum);
  if (count % 8) {  // a code past K would meet a nibble of 0 minus the zero
    uint64_t keep = ((uint64_t)1 << count % 8 * 8) - 1;
    add_blocks(s, rows, whole, 1, keep, small, dot, sum);
  }
}

#if defined(QG_VNNI)
// A single row with short groups multiplies its zero point with the weights, like a code: fewer steps
// than adding up codes and correcting the sum of every group, which are most of the time where the
// weights lie in a cache.
enum { short_group = 32 };

typedef struct {
  b_s32 dot, offset;
} row_sums;

QG_INLINE row_sums add_row_block(const span *s, ptrdiff_t block, b_s32 point, row_sums sums) {
  b_s32 pairs = b_load(s->codes + block * (4 * QG_PANEL));
  b_s32 low = b_sub_bytes(b_and(pairs, b_splat_byte(15)), s->zeros);
  b_s32 high = b_sub_bytes(b_and(b_shift_right(pairs, 4), b_splat_byte(15)), s->zeros);
  const uint8_t *a = s->a + 8 * block;
  sums.dot = b_step(sums.dot, b_splat((int32_t)v_four(a)), low);
  sums.dot = b_step(sums.dot, b_splat((int32_t)v_four(a + 4)), high);
  // Two weights of -64...15 add up within a byte.
  sums.offset = b_step(sums.offset, point, b_add_bytes(low, high));
  return sums;
}

// Whole groups of `blocks` blocks.
QG_INLINE void multiply_row_of(const qg_gemm_u8u4_args *g, ptrdiff_t n, const int first,
                               const ptrdiff_t blocks, float *sums) {
  b_s32 point = b_splat_byte((int8_t)g->rows->zero_point);
  const uint8_t *at = g->panels + n / QG_PANEL * u4_panel_bytes(g->k, g->group);
  const ptrdiff_t bytes = u4_group_bytes(8 * blocks);
  span s = {.a = g->a};
  b_f32 sum = b_float(b_splat(0));
  for (ptrdiff_t left = g->k / g->group; left > 0; left--) {
    s.zeros = b_load_spread(at + u4_zeros + first);
    s.codes = at + u4_codes + 4 * first;
    row_sums all = {b_splat(0), b_splat(0)};
    for (ptrdiff_t i = 0; i < blocks; i++) all = add_row_block(&s, i, point, all);
    b_f32 scale = b_load_f32((const float *)(const void *)at + first);
    sum = b_fma(b_float(b_sub(all.dot, all.offset)), scale, sum);
    s.a += 8 * blocks;
    at += bytes;
  }
  b_store_f32(sums + first, sum);
}

// The usual sizes have no loop over their blocks.
QG_INLINE void multiply_row(const qg_gemm_u8u4_args *g, ptrdiff_t n, const int first, float *sums) {
  switch (g->group) {
    case 16: multiply_row_of(g, n, first, 2, sums); break;
    case 32: multiply_row_of(g, n, first, 4, sums); break;
    default: multiply_row_of(g, n, first, g->group / 8, sums); break;
  }
}
#endif

typedef struct {
  char none;
} panel_state;

QG_INLINE void multiply(const qg_gemm_u8u4_args *g, ptrdiff_t m, ptrdiff_t n, const int first,
                        const int rows, panel_state *state, float sums[][QG_PANEL]) {
  (void)state;
#if defined(QG_VNNI)
  if (rows == 1 && g->m == 1 && g->group <= short_group && g->k % g->group == 0) {
    multiply_row(g, n, first, sums[0]);
    return;
  }
#endif
  b_f32 sum[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = b_float(b_splat(0));
  ptrdiff_t panel_bytes = u4_panel_bytes(g->k, g->group);
  const uint8_t *at = g->panels + n / QG_PANEL * panel_bytes;
  span s = {.a = g->a + m * g->a_stride, .a_stride = g->a_stride};
  const qg_affine *affine = g->rows + m * g->row_step;
  // The first tile of a panel fetches the next panel into the cache. A few rows are bound by memory,
  // which the processor's own prefetching of a plain sequence fills best.
  ptrdiff_t ahead = m == 0 && g->m >= 4 ? panel_bytes : 0;
  for (ptrdiff_t begin = 0; begin < g->k; begin += g->group) {
    ptrdiff_t count = qg_smaller(g->group, g->k - begin);
    ptrdiff_t bytes = u4_group_bytes(count);
    if (ahead) {
      for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + ahead + i, 0, 2);
    }
    b_s32 zero = b_load_u8(at + u4_zeros + first);
    s.zeros = b_mul(zero, b_splat(0x01010101));
    s.codes = at + u4_codes + 4 * first;
    b_s32 dot[tile_rows], codes = b_splat(0);
#pragma unroll
    for (int r = 0; r < rows; r++) dot[r] = b_splat(0);
    if (QG_PART_BITS == 32 || !b_any_above(s.zeros, 15)) {
      add_group(&s, rows, count, 1, dot, &codes);
    } else {
      add_group(&s, rows, count, 0, dot, &codes);
    }
    b_s32 weights = b_sub(b_mul(zero, b_splat((int32_t)count)), codes);
    b_f32 scale = b_load_f32((const float *)(const void *)at + first);
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
#pragma unroll
    for (int r = 0; r < rows; r++) sum[r] = b_fma(b_float(dot[r]), scale, sum[r]);
    s.a += g->group;
    at += bytes;
  }
#pragma unroll
  for (int r = 0; r < rows; r++) b_store_f32(sums[r] + first, sum[r]);
}

#define QG_ARGUMENTS qg_gemm_u8u4_args
#include "../lanes/panels.h"
#include "expanded.h"

void QG_NAME(gemm_u8u4)(const qg_gemm_u8u4_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  if (g->m > tile_rows && g->group <= longest) {
    run_expanded(g);
  } else {
    run_panels(g);
  }
}
