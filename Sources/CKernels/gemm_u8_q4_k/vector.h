// Q4_K weights: d * scale * q - dmin * minimum. The minimums meet sums of activations, which are made
// once for as many rows as fit `scratch`.

#include "../groups/layout.h"
#include "../lanes/finish.h"

#define QG_CENTRED
enum { block_bytes = q4_k_bytes, sub_blocks = 8 };
enum { scratch = 32768 };  // sums; K / 32 of them for a row, so at least 16 rows fit

// The 6-bit scales of the sub-blocks, and their minimums: of those of even number, then of odd.
typedef struct {
  uint8_t scales[8][QG_PANEL], minimums[8][QG_PANEL];
} factors;

QG_INLINE void load_factors(const uint8_t *at, factors *f) {
  b_s32 two = b_splat_byte(0x30), nibble = b_splat_byte(15);
#pragma unroll
  for (int i = 0; i < 4 * QG_PANEL; i += 4 * b_lanes) {
    b_s32 even = b_load(at + q4_k_low + i), odd = b_load(at + q4_k_low + 4 * QG_PANEL + i);
    b_s32 high = b_load(at + q4_k_high + i);
    b_store(f->scales[0] + i, b_or(b_and(even, nibble), b_and(b_shift_left(high, 4), two)));
    b_store(f->scales[4] + i, b_or(b_and(odd, nibble), b_and(high, two)));
    b_store(f->minimums[0] + i, b_or(b_and(b_shift_right(even, 4), nibble),
                                     b_and(b_shift_left(high, 2), two)));
    b_store(f->minimums[4] + i, b_or(b_and(b_shift_right(odd, 4), nibble),
                                     b_and(b_shift_right(high, 2), two)));
  }
}

#include "../groups/superblock.h"

// Without VNNI 16 k fit 16 bits: 4 * 2 * 255 * 15 < 2^15.
QG_INLINE b_s32 load_sub_block(const uint8_t *at, ptrdiff_t j, const int first, const factors *f,
                               b_s32 *w, b_s32 *scale) {
  const uint8_t *codes = at + q4_k_codes + j * (16 * QG_PANEL) + 4 * first;
  b_s32 total = b_splat(0);
#pragma unroll
  for (int block = 0; block < 4; block++) {
    b_s32 pairs = b_load(codes + block * (4 * QG_PANEL));
    w[2 * block] = b_and(pairs, b_splat_byte(15));
    w[2 * block + 1] = b_and(b_shift_right(pairs, 4), b_splat_byte(15));
    total = b_add_bytes(total, b_add_bytes(w[2 * block], w[2 * block + 1]));
  }
  *scale = b_load_u8(f->scales[j / 2 + j % 2 * 4] + first);
  return b_mul(*scale, b_close(b_step(b_open(b_splat(0)), b_splat_byte(1), total), b_splat(0)));
}

// One row with the zero point 128, about which activations are signed bytes: codes, never negative,
// take their place as the unsigned factor, and no zero point is left. 8 * 2 * 128 * 15 < 2^15.
QG_INLINE b_s32 add_centred_row(const uint8_t *codes, const uint8_t *a) {
  b_s32 part[4];
#pragma unroll
  for (int block = 0; block < 4; block++) {
    b_s32 pairs = b_load(codes + block * (4 * QG_PANEL));
    b_s32 low = b_and(pairs, b_splat_byte(15));
    b_s32 high = b_and(b_shift_right(pairs, 4), b_splat_byte(15));
    int32_t first = (int32_t)(v_four(a + 8 * block) ^ 0x80808080u);
    int32_t second = (int32_t)(v_four(a + 8 * block + 4) ^ 0x80808080u);
    part[block] = b_step(b_open(b_splat(0)), low, b_splat(first));
    part[block] = b_close(b_step(part[block], high, b_splat(second)), b_splat(0));
  }
  return b_add(b_add(part[0], part[1]), b_add(part[2], part[3]));
}

QG_INLINE b_s32 add_centred_superblock(const uint8_t *at, const uint8_t *a, const int first,
                                       factors *f) {
  load_factors(at, f);
  b_s32 dot = b_splat(0);
#pragma unroll
  for (int j = 0; j < 8; j++) {
    const uint8_t *codes = at + q4_k_codes + j * (16 * QG_PANEL) + 4 * first;
    b_s32 sub = add_centred_row(codes, a + 32 * j);
    dot = b_add(dot, b_mul(b_load_u8(f->scales[j / 2 + j % 2 * 4] + first), sub));
  }
  return dot;
}

QG_INLINE void finish_superblock(const steps *s, const uint8_t *at, const int first, const int rows,
                                 const factors *f, const b_s32 *dot) {
  add_scaled(s, b_load_f16(at + 2 * first), first, rows, dot);
  b_s32 sums[tile_rows];
#pragma unroll
  for (int r = 0; r < rows; r++) sums[r] = b_splat(0);
  for (ptrdiff_t j = 0; j < 8; j += 2) {
    b_s32 even = b_load_u8(f->minimums[j / 2] + first);
    b_s32 odd = b_load_u8(f->minimums[j / 2 + 4] + first);
    b_s32 minimums = b_or(even, b_high_half(odd));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      const int16_t *codes = s->code_sums + r * s->sums_stride + j;
      uint32_t pair = v_four((const uint8_t *)codes);
      sums[r] = b_add_pairs(sums[r], minimums, b_splat((int32_t)pair));
    }
  }
  add_scaled(s, b_negate(b_load_f16(at + q4_k_dmin + 2 * first)), first, rows, sums);
}

// Sums of x over every 32 k of one row.
static void sum_codes(const uint8_t *a, ptrdiff_t k, int32_t zero_point, int16_t *sums) {
  for (ptrdiff_t i = 0; i < k / 32; i++) {
    int32_t sum = 0;
    for (ptrdiff_t j = 0; j < 32; j++) sum += a[32 * i + j];
    sums[i] = (int16_t)(sum - 32 * zero_point);
  }
}

void QG_NAME(gemm_u8_q4_k)(const qg_gemm_blocks_args *g) {
  superblock_args part = superblocks_of(g);
  assert(g->k / 32 <= scratch / tile_rows);
  int16_t sums[scratch];
  ptrdiff_t per_row = g->k / 32;
  ptrdiff_t most = per_row == 0 ? g->m : scratch / per_row;
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
      sum_codes(part.a + r * g->a_stride, g->k, zero_point, sums + r * per_row);
    }
    run_superblocks(&part);
  }
}
