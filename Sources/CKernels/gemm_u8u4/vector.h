// The product on tiles of rows × one panel; after lanes/<isa>.h and lanes/bytes_<isa>.h. The group's
// zero is taken from the codes of the weights, which is a subtraction per block and panel, not per row:
//   sum (a - za) * (w - zw) = sum a * (w - zw) - za * (sum w - count * zw)

#include "../lanes/finish.h"
#include "../lanes/parts.h"

enum { tile_rows = b_lanes == 16 ? 10 : 8 };

// One group of a panel: its blocks of 8 k, and what all its rows share.
typedef struct {
  const uint8_t *panel;  // its first block, at the first output of the tile
  const uint8_t *a;      // the codes of the tile's first row
  ptrdiff_t a_stride;
  ptrdiff_t count;  // of k
  b_s32 zeros;      // in every byte
} span;

// Adds `blocks` blocks from `block` on to `dot`, `keep` masking the codes; without VNNI by way of
// 16-bit sums, where four products of weights of -15...15 fit (4 * 2 * 255 * 15 < 2^15), or one of
// any others.
QG_INLINE void add_blocks(const span *s, const int rows, ptrdiff_t block, ptrdiff_t blocks,
                          uint64_t keep, const int small, b_s32 *dot) {
  b_s32 mask = b_splat_byte(15);
  b_s32 part[tile_rows];
  b_open_parts(part, dot, rows);
  const uint8_t *a = s->a + 8 * block;
  const uint8_t *panel = s->panel + block * (4 * QG_PANEL);
#pragma nounroll
  for (ptrdiff_t i = 0; i < blocks; i++, a += 8, panel += 4 * QG_PANEL) {
    b_s32 pairs = b_load(panel);
    b_s32 low = b_sub_bytes(b_and(pairs, mask), s->zeros);
    b_s32 high = b_sub_bytes(b_and(b_shift_right(pairs, 4), mask), s->zeros);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      uint32_t codes = v_four(a + r * s->a_stride) & (uint32_t)keep;
      part[r] = b_step(part[r], b_splat((int32_t)codes), low);
    }
    if (!small) b_reopen_parts(part, dot, rows);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      uint32_t codes = v_four(a + r * s->a_stride + 4) & (uint32_t)(keep >> 32);
      part[r] = b_step(part[r], b_splat((int32_t)codes), high);
    }
    if (!small) b_reopen_parts(part, dot, rows);
  }
  b_close_parts(part, dot, rows);
}

QG_INLINE void add_group(const span *s, const int rows, const int small, b_s32 *dot) {
  ptrdiff_t block = 0, whole = s->count / 8;
  if (QG_PART_BITS == 32) {
    add_blocks(s, rows, 0, whole, UINT64_MAX, 1, dot);
  } else {
    for (; block + 2 <= whole; block += 2) add_blocks(s, rows, block, 2, UINT64_MAX, small, dot);
    if (block < whole) add_blocks(s, rows, block, 1, UINT64_MAX, small, dot);
  }
  if (s->count % 8) {  // a code past K would meet a nibble of 0 minus the zero
    uint64_t keep = ((uint64_t)1 << s->count % 8 * 8) - 1;
    add_blocks(s, rows, whole, 1, keep, small, dot);
  }
}

// What all rows share in one group.
typedef struct {
  b_s32 zeros;    // of the weights, in every byte
  b_s32 weights;  // minus their sum
} shared;

QG_INLINE shared shared_of(const qg_gemm_u8u4_args *g, ptrdiff_t begin, ptrdiff_t at) {
  b_s32 zero = b_load_u8(g->zero + at);
  b_s32 count = b_splat((int32_t)qg_smaller(g->group, g->k - begin));
  return (shared){.zeros = b_mul(zero, b_splat(0x01010101)),
                  .weights = b_sub(b_mul(zero, count), b_load(g->code_sums + at))};
}

QG_INLINE void multiply(const qg_gemm_u8u4_args *g, ptrdiff_t m, ptrdiff_t n, const int first,
                        const int rows, float sums[][QG_PANEL]) {
  b_f32 sum[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = b_float(b_splat(0));
  ptrdiff_t padded = qg_groups(g->n, QG_PANEL) * QG_PANEL;
  ptrdiff_t at = n + first;
  span s = {.panel = g->panels + n * qg_groups(g->k, 8) * 4 + first * 4,
            .a = g->a + m * g->a_stride,
            .a_stride = g->a_stride};
  const qg_affine *affine = g->rows + m * g->row_step;
  // The first tile of a panel fetches the next panel into the cache.
  // A few rows are bound by memory, which the processor's own prefetching fills best.
  ptrdiff_t panel_ahead = m == 0 && g->m >= 4 ? qg_groups(g->k, 8) * (4 * QG_PANEL) : 0;
  shared next = {b_splat(0), b_splat(0)};
  if (g->k > 0) next = shared_of(g, 0, at);
  for (ptrdiff_t begin = 0; begin < g->k; begin += g->group, at += padded) {
    s.count = qg_smaller(g->group, g->k - begin);
    s.zeros = next.zeros;
    b_s32 dot[tile_rows];
    if (g->row_step == 0) {
      b_s32 offset = b_mul(next.weights, b_splat(affine->zero_point));
#pragma unroll
      for (int r = 0; r < rows; r++) dot[r] = offset;
    } else {
#pragma unroll
      for (int r = 0; r < rows; r++) {
        dot[r] = b_mul(next.weights, b_splat(affine[r * g->row_step].zero_point));
      }
    }
    if (begin + g->group < g->k) next = shared_of(g, begin + g->group, at + padded);
    if (panel_ahead) {
      const uint8_t *later = s.panel + panel_ahead;
      for (int i = 0; i < 4; i++) __builtin_prefetch(later + 64 * i, 0, 2);
      __builtin_prefetch(g->scale + at + QG_PANEL, 0, 2);
      __builtin_prefetch(g->code_sums + at + QG_PANEL, 0, 2);
      __builtin_prefetch(g->zero + at + QG_PANEL, 0, 2);
    }
    if (QG_PART_BITS == 32 || !b_any_above(s.zeros, 15)) {
      add_group(&s, rows, 1, dot);
    } else {
      add_group(&s, rows, 0, dot);
    }
    b_f32 scale = b_load_f32(g->scale + at);
#pragma unroll
    for (int r = 0; r < rows; r++) sum[r] = b_fma(b_float(dot[r]), scale, sum[r]);
    s.a += g->group;
    s.panel += g->group * (QG_PANEL / 2);
  }
#pragma unroll
  for (int r = 0; r < rows; r++) b_store_f32(sums[r] + first, sum[r]);
}

#define QG_ARGUMENTS qg_gemm_u8u4_args
#include "../lanes/panels.h"

void QG_NAME(gemm_u8u4)(const qg_gemm_u8u4_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  run_panels(g);
}
