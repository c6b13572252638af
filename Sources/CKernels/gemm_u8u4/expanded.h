// Many rows: the weights of a panel are unpacked once, a stretch of k at a time, and not by every tile.

// k of a stretch at most, k of one whose weights and rows stay in the first-level cache where groups
// are short enough, and rows it meets.
enum { longest = 2048, usual = 512, most_rows = 128 };

typedef struct {
  int8_t weights[longest * QG_PANEL];  // W - zero, 0 past K, in quads of k
  int32_t totals[longest / 8 * QG_PANEL];  // minus their sum over each group
  float scales[longest / 8 * QG_PANEL];
  int small;  // all within -15...15
} stretch;

QG_INLINE void expand_group(const uint8_t *at, ptrdiff_t count, const int first, int8_t *weights,
                            int32_t *totals, int *small) {
  b_s32 zeros = b_mul(b_load_u8(at + u4_zeros + first), b_splat(0x01010101));
  if (QG_PART_BITS == 16 && b_any_above(zeros, 15)) *small = 0;
  b_s32 ones = b_splat_byte(1), sum = b_splat(0);
  at += u4_codes + 4 * first;
  weights += 4 * first;
  for (ptrdiff_t i = 0; i < count; i += 8, at += 4 * QG_PANEL, weights += 8 * QG_PANEL) {
    b_s32 pairs = b_load(at);
    b_s32 low = b_sub_bytes(b_and(pairs, b_splat_byte(15)), zeros);
    b_s32 high = b_sub_bytes(b_and(b_shift_right(pairs, 4), b_splat_byte(15)), zeros);
    if (count - i < 8) {  // nibbles of 0 minus the zero
      uint64_t keep = ((uint64_t)1 << 8 * (count - i)) - 1;
      low = b_and(low, b_splat((int32_t)(uint32_t)keep));
      high = b_and(high, b_splat((int32_t)(uint32_t)(keep >> 32)));
    }
    b_store(weights, low);
    b_store(weights + 4 * QG_PANEL, high);
    sum = b_close(b_step(b_step(b_open(sum), ones, low), ones, high), sum);
  }
  b_store(totals + first, b_sub(b_splat(0), sum));
}

// Expands the groups of k from `begin` to `end`, and fetches what lies `ahead` bytes further on.
QG_INLINE void expand(const qg_gemm_u8u4_args *g, const uint8_t *at, ptrdiff_t begin, ptrdiff_t end,
                      ptrdiff_t ahead, stretch *s) {
  int8_t *weights = s->weights;
  int32_t *totals = s->totals;
  s->small = 1;
  for (; begin < end; begin += g->group) {
    ptrdiff_t count = qg_smaller(g->group, end - begin);
    ptrdiff_t bytes = u4_group_bytes(count);
    for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + ahead + i, 0, 2);
#pragma unroll
    for (int first = 0; first < QG_PANEL; first += b_lanes) {
      expand_group(at, count, first, weights, totals, &s->small);
    }
    __builtin_memcpy(s->scales + (totals - s->totals), at, sizeof(float[QG_PANEL]));
    at += bytes;
    weights += qg_groups(count, 8) * (8 * QG_PANEL);
    totals += QG_PANEL;
  }
}

// Adds `blocks` blocks of 8 k to `dot`.
QG_INLINE void add_expanded(const int8_t *weights, const uint8_t *a, ptrdiff_t a_stride,
                            const int rows, ptrdiff_t blocks, const int small, b_s32 *dot) {
  b_s32 part[tile_rows];
  b_open_parts(part, dot, rows);
#pragma nounroll
  for (ptrdiff_t i = 0; i < blocks; i++, a += 8, weights += 8 * QG_PANEL) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      b_s32 w = b_load(weights + half * (4 * QG_PANEL));
#pragma unroll
      for (int r = 0; r < rows; r++) {
        part[r] = b_step(part[r], b_splat((int32_t)v_four(a + r * a_stride + 4 * half)), w);
      }
      if (!small) b_reopen_parts(part, dot, rows);
    }
  }
  b_close_parts(part, dot, rows);
}

QG_INLINE void add_expanded_group(const int8_t *weights, const uint8_t *a, ptrdiff_t a_stride,
                                  const int rows, ptrdiff_t blocks, int small, b_s32 *dot) {
  if (QG_PART_BITS == 32) {
    if (blocks == 4) {  // the usual group: no loop for its few blocks
#pragma unroll
      for (int i = 0; i < 4; i++) {
        add_expanded(weights + i * (8 * QG_PANEL), a + 8 * i, a_stride, rows, 1, 1, dot);
      }
    } else {
      add_expanded(weights, a, a_stride, rows, blocks, 1, dot);
    }
    return;
  }
  // Two blocks of small weights fit 16 bits: 4 * 2 * 255 * 15 < 2^15.
  for (ptrdiff_t i = 0; i < blocks; i += 2, a += 16, weights += 16 * QG_PANEL) {
    ptrdiff_t some = qg_smaller(2, blocks - i);
    if (small) {
      add_expanded(weights, a, a_stride, rows, some, 1, dot);
    } else {
      add_expanded(weights, a, a_stride, rows, some, 0, dot);
    }
  }
}

// Adds the groups of k from `begin` to `end` to the sums of rows m, ….
QG_INLINE void tile_expanded(const qg_gemm_u8u4_args *g, const stretch *s, ptrdiff_t m,
                             ptrdiff_t begin, ptrdiff_t end, const int first, const int rows,
                             float sums[][QG_PANEL]) {
  b_f32 sum[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sum[r] = b_load_f32(sums[r] + first);
  const int8_t *weights = s->weights + 4 * first;
  const int32_t *totals = s->totals + first;
  const qg_affine *affine = g->rows + m * g->row_step;
  const uint8_t *a = g->a + m * g->a_stride + begin;
  int alike = 1;  // one zero point for all rows: a product fewer for each of them
  for (int r = 0; r < rows; r++) {
    alike &= affine[r * g->row_step].zero_point == affine->zero_point;
  }
  for (; begin < end; begin += g->group, totals += QG_PANEL) {
    ptrdiff_t blocks = qg_groups(qg_smaller(g->group, end - begin), 8);
    b_s32 dot[tile_rows], total = b_load(totals);
    if (alike) {
      b_s32 offset = b_mul(total, b_splat(affine->zero_point));
#pragma unroll
      for (int r = 0; r < rows; r++) dot[r] = offset;
    } else {
#pragma unroll
      for (int r = 0; r < rows; r++) dot[r] = b_mul(total, b_splat(affine[r].zero_point));
    }
    add_expanded_group(weights, a, g->a_stride, rows, blocks, s->small, dot);
    b_f32 scale = b_load_f32(s->scales + (totals - s->totals));
#pragma unroll
    for (int r = 0; r < rows; r++) sum[r] = b_fma(b_float(dot[r]), scale, sum[r]);
    a += 8 * blocks;
    weights += blocks * (8 * QG_PANEL);
  }
#pragma unroll
  for (int r = 0; r < rows; r++) b_store_f32(sums[r] + first, sum[r]);
}

QG_INLINE void tile_panel(const qg_gemm_u8u4_args *g, const stretch *s, ptrdiff_t m, ptrdiff_t begin,
                          ptrdiff_t end, const int rows, float sums[][QG_PANEL]) {
#pragma unroll
  for (int first = 0; first < QG_PANEL; first += b_lanes) {
    tile_expanded(g, s, m, begin, end, first, rows, sums);
  }
}

static void tiles_expanded(const qg_gemm_u8u4_args *g, const stretch *s, ptrdiff_t m, ptrdiff_t last,
                           ptrdiff_t begin, ptrdiff_t end, float sums[][QG_PANEL]) {
  ptrdiff_t top = m;
  for (; m + tile_rows <= last; m += tile_rows) {
    tile_panel(g, s, m, begin, end, tile_rows, sums + (m - top));
  }
  for (; tile_rows > 8 && m + 8 <= last; m += 8) {
    tile_panel(g, s, m, begin, end, 8, sums + (m - top));
  }
  for (; m + 4 <= last; m += 4) tile_panel(g, s, m, begin, end, 4, sums + (m - top));
  for (; m < last; m++) tile_panel(g, s, m, begin, end, 1, sums + (m - top));
}

static void run_expanded(const qg_gemm_u8u4_args *g) {
  stretch s;
  float sums[most_rows][QG_PANEL];
  ptrdiff_t panel_bytes = u4_panel_bytes(g->k, g->group);
  ptrdiff_t length = (g->group <= usual ? usual : longest) / g->group * g->group;
  for (ptrdiff_t n = 0; n < g->n; n += QG_PANEL) {
    const uint8_t *panel = g->panels + n / QG_PANEL * panel_bytes;
    for (ptrdiff_t m = 0; m < g->m; m += most_rows) {
      ptrdiff_t rows = qg_smaller(most_rows, g->m - m);
      __builtin_memset(sums, 0, (size_t)rows * sizeof *sums);
      for (ptrdiff_t begin = 0; begin < g->k; begin += length) {
        ptrdiff_t end = qg_smaller(begin + length, g->k);
        expand(g, panel + begin / g->group * u4_group_bytes(g->group), begin, end, panel_bytes, &s);
        tiles_expanded(g, &s, m, m + rows, begin, end, sums);
      }
      for (ptrdiff_t r = 0; r < rows; r++) finish_row(g, m + r, n, sums[r]);
    }
  }
}
