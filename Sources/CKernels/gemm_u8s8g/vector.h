// Int8 weights in groups. Zeros of the weights meet sums of activations, which are made once for as many
// rows as fit `scratch`:
//   sum (a - za) * (w - zw) = sum (a - za) * w - zw * sum (a - za)

#include "../groups/layout.h"

#define QG_GROUP_ZEROS
enum { open_blocks = 0 };
enum { scratch = 16384 };  // sums; at most 8192 of them for a row

typedef struct {
  ptrdiff_t m, n, k, group, groups;
  const uint8_t *a;
  ptrdiff_t a_stride;
  const qg_affine *rows;
  ptrdiff_t row_step;
  const uint8_t *panels;
  const int8_t *zeros;
  const float *bias;
  qg_output output;
  qg_bounds bounds;
  const int32_t *code_sums;  // [m][groups]; read with zeros alone
} grouped_args;

#define QG_ARGUMENTS grouped_args

QG_INLINE ptrdiff_t panel_bytes(const grouped_args *g) { return s8g_panel_bytes(g->k, g->group); }
QG_INLINE ptrdiff_t group_bytes(const grouped_args *g, ptrdiff_t begin) {
  return s8g_group_bytes(qg_smaller(g->group, g->k - begin));
}
QG_INLINE ptrdiff_t group_blocks(const grouped_args *g, ptrdiff_t begin) {
  return qg_groups(qg_smaller(g->group, g->k - begin), 8);
}

QG_INLINE b_f32 load_scale(const uint8_t *at, const int first) {
  return b_load_f32((const float *)(const void *)at + first);
}

QG_INLINE void load_block(const uint8_t *at, ptrdiff_t block, const int first, b_s32 w[2]) {
  const uint8_t *codes = at + 4 * QG_PANEL + block * (8 * QG_PANEL) + 4 * first;
  w[0] = b_load(codes);
  w[1] = b_load(codes + 4 * QG_PANEL);
}

QG_INLINE void subtract_zeros(const grouped_args *g, ptrdiff_t index, ptrdiff_t m, ptrdiff_t n,
                              const int first, const int rows, b_s32 *dot) {
  b_s32 zero = b_load_s8(g->zeros + (n / QG_PANEL * g->groups + index) * QG_PANEL + first);
#pragma unroll
  for (int r = 0; r < rows; r++) {
    b_s32 codes = b_splat(g->code_sums[(m + r) * g->groups + index]);
    dot[r] = b_sub(dot[r], b_mul(zero, codes));
  }
}

#include "../groups/tile.h"
#if defined(QG_WORDS)
#include "../groups/widened.h"
#endif

// Sums of x over every group of one row.
static void sum_codes(const grouped_args *g, const uint8_t *a, int32_t zero_point, int32_t *sums) {
  for (ptrdiff_t begin = 0; begin < g->k; begin += g->group) {
    ptrdiff_t count = qg_smaller(g->group, g->k - begin);
    int32_t sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += a[begin + i];
    *sums++ = sum - (int32_t)count * zero_point;
  }
}

static void run_groups(const grouped_args *g) {
#if defined(QG_WORDS)
  if (g->m > tile_rows && g->group <= 8 * wide_blocks) {
    run_many(g);
    return;
  }
#endif
  run_panels(g);
}

static void run_with_zeros(const grouped_args *g) {
  assert(g->groups <= scratch / 2);
  int32_t sums[scratch];
  grouped_args part = *g;
  ptrdiff_t most = g->groups == 0 ? g->m : scratch / g->groups;
  if (most > tile_rows) most -= most % tile_rows;
  part.code_sums = sums;
  for (ptrdiff_t m = 0; m < g->m; m += most) {
    part.m = qg_smaller(most, g->m - m);
    part.a = g->a + m * g->a_stride;
    part.rows = g->rows + m * g->row_step;
    if (g->output.f32) {
      part.output.f32 = g->output.f32 + m * g->output.stride;
    } else {
      part.output.u8 = g->output.u8 + m * g->output.stride;
    }
    for (ptrdiff_t r = 0; r < part.m; r++) {
      int32_t zero_point = part.rows[r * g->row_step].zero_point;
      sum_codes(g, part.a + r * g->a_stride, zero_point, sums + r * g->groups);
    }
    run_groups(&part);
  }
}

void QG_NAME(gemm_u8s8g)(const qg_gemm_u8s8g_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  grouped_args all = {.m = g->m, .n = g->n, .k = g->k, .group = g->group,
                      .groups = qg_groups(g->k, g->group), .a = g->a, .a_stride = g->a_stride,
                      .rows = g->rows, .row_step = g->row_step, .panels = g->panels,
                      .zeros = g->zeros, .bias = g->bias, .output = g->output,
                      .bounds = g->bounds};
  if (g->zeros) {
    run_with_zeros(&all);
  } else {
    run_groups(&all);
  }
}
