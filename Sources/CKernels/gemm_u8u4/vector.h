// The product on tiles of rows × panels; after lanes/<isa>.h. The group's zero is taken from the codes
// of the weights, which is a subtraction per block and panel, not per row:
//   sum (a - za) * (w - zw) = sum a * (w - zw) - za * (sum w - count * zw)

#include "../lanes/finish.h"

#if QG_REGISTERS == 32
enum { tile_rows = 4, tile_panels = 2, row_panels = 4 };
#else
enum { tile_rows = 4, tile_panels = 1, row_panels = 2 };
#endif

// One group of a tile: its panels' blocks, and what scales them.
typedef struct {
  ptrdiff_t index, first, count;  // of k
} span;

// Adds the codes of blocks [begin, end) to `dot`; `keep` masks the codes of the low and high words.
QG_INLINE void add_blocks(const qg_gemm_u8u4_args *g, ptrdiff_t m, ptrdiff_t n, const int rows,
                          const int panels, ptrdiff_t begin, ptrdiff_t end, const v_s32 *zeros,
                          uint64_t keep, v_s32 dot[tile_rows][row_panels]) {
  ptrdiff_t blocks = qg_groups(g->k, 8);
  const uint8_t *a = g->a + m * g->a_stride;
  const uint8_t *b = g->panels + n * blocks * 4;
  for (ptrdiff_t block = begin; block < end; block++) {
    v_nibbles w[row_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) {
      w[p] = v_load_nibbles(b + (p * blocks + block) * (4 * QG_PANEL), zeros[p]);
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const uint8_t *codes = a + r * g->a_stride + 8 * block;
      uint32_t low = v_four(codes) & (uint32_t)keep;
      uint32_t high = v_four(codes + 4) & (uint32_t)(keep >> 32);
#pragma unroll
      for (int p = 0; p < panels; p++) dot[r][p] = v_dot_nibbles(dot[r][p], low, high, w[p]);
    }
  }
}

// sum += dot of the group * its scale.
QG_INLINE void add_group(const qg_gemm_u8u4_args *g, ptrdiff_t m, ptrdiff_t n, const int rows,
                         const int panels, span group, v_f32 sum[tile_rows][row_panels]) {
  v_s32 dot[tile_rows][row_panels];
  v_s32 zeros[row_panels];
  ptrdiff_t at = group.index * qg_groups(g->n, QG_PANEL) * QG_PANEL + n;
#pragma unroll
  for (int p = 0; p < panels; p++) {
    zeros[p] = v_load_u8(g->zero + at + p * QG_PANEL);
    zeros[p] = v_mul_s32(zeros[p], v_splat_s32(0x01010101));
#pragma unroll
    for (int r = 0; r < rows; r++) dot[r][p] = v_splat_s32(0);
  }
  ptrdiff_t begin = group.first / 8;
  ptrdiff_t whole = begin + group.count / 8;
  add_blocks(g, m, n, rows, panels, begin, whole, zeros, UINT64_MAX, dot);
  if (group.count % 8) {  // a code past K would meet a nibble of 0 minus the zero
    uint64_t keep = ((uint64_t)1 << group.count % 8 * 8) - 1;
    add_blocks(g, m, n, rows, panels, whole, whole + 1, zeros, keep, dot);
  }
#pragma unroll
  for (int p = 0; p < panels; p++) {
    ptrdiff_t here = at + p * QG_PANEL;
    v_s32 weights = v_load_s32(g->code_sums + here);
    v_s32 zero = v_mul_s32(v_load_u8(g->zero + here), v_splat_s32((int32_t)group.count));
    weights = v_sub_s32(weights, zero);
    v_f32 scale = v_load(g->scale + here);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_s32 offset = v_splat_s32(g->rows[(m + r) * g->row_step].zero_point);
      v_s32 exact = v_sub_s32(dot[r][p], v_mul_s32(offset, weights));
      sum[r][p] = v_fma(v_from_s32(exact), scale, sum[r][p]);
    }
  }
}

QG_INLINE void tile(const qg_gemm_u8u4_args *g, ptrdiff_t m, ptrdiff_t n, const int rows,
                    const int panels) {
  v_f32 sum[tile_rows][row_panels];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sum[r][p] = v_splat(0);
  }
  span group = {0, 0, 0};
  for (; group.first < g->k; group.index++, group.first += g->group) {
    group.count = qg_smaller(g->group, g->k - group.first);
    add_group(g, m, n, rows, panels, group, sum);
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
    v_f32 scale = v_splat(g->rows[(m + r) * g->row_step].scale);
#pragma unroll
    for (int p = 0; p < panels; p++) {
      ptrdiff_t first = n + p * QG_PANEL;
      ptrdiff_t lanes = g->n - first;
      v_f32 y = g->bias ? v_fma(sum[r][p], scale, v_load_some(g->bias + first, lanes))
                        : v_mul(sum[r][p], scale);
      v_output(&g->output, (m + r) * g->output.stride + first, y, lanes, g->bounds);
    }
  }
}

#define QG_ARGUMENTS qg_gemm_u8u4_args
#include "../lanes/tiles.h"

void QG_NAME(gemm_u8u4)(const qg_gemm_u8u4_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  run_tiles(g);
}
