// Q6_K weights: d * scale * (q - 32), a scale for every 16 k.

#include "../groups/layout.h"

enum { block_bytes = q6_k_bytes, sub_blocks = 16 };

typedef struct {
  char none;  // scales are read where they lie
} factors;

QG_INLINE void load_factors(const uint8_t *at, factors *f) { (void)at, (void)f; }

#include "../groups/superblock.h"

// The weights of 8 of the 16 k of a sub-block: `pairs` their low nibbles, `high` the high bits of the
// first four at bits 4 and 5, those of the next four two bits further up.
QG_INLINE void join(b_s32 pairs, b_s32 high, b_s32 next, b_s32 w[2]) {
  b_s32 nibble = b_splat_byte(15), two = b_splat_byte(0x30), offset = b_splat_byte(32);
  w[0] = b_sub_bytes(b_or(b_and(pairs, nibble), b_and(high, two)), offset);
  w[1] = b_sub_bytes(b_or(b_and(b_shift_right(pairs, 4), nibble), b_and(next, two)), offset);
}

// Without VNNI 8 k just fit 16 bits: 2 * 2 * 255 * 32 < 2^15.
QG_INLINE b_s32 load_sub_block(const uint8_t *at, ptrdiff_t j, const int first, const factors *f,
                               b_s32 *w, b_s32 *scale) {
  (void)f;
  const uint8_t *codes = at + q6_k_codes + j * q6_k_sub_bytes + 4 * first;
  b_s32 high = b_load(codes + 8 * QG_PANEL);
  join(b_load(codes), b_shift_left(high, 4), b_shift_left(high, 2), w);
  join(b_load(codes + 4 * QG_PANEL), high, b_shift_right(high, 2), w + 2);
  b_s32 total = b_add_bytes(b_add_bytes(w[0], w[1]), b_add_bytes(w[2], w[3]));
  *scale = b_load_s8(at + q6_k_scales + j * QG_PANEL + first);
  return b_mul(*scale, b_close(b_step(b_open(b_splat(0)), b_splat_byte(1), total), b_splat(0)));
}

QG_INLINE void finish_superblock(const steps *s, const uint8_t *at, const int first, const int rows,
                                 const factors *f, const b_s32 *dot) {
  (void)f;
  add_scaled(s, b_load_f16(at + 2 * first), first, rows, dot);
}

void QG_NAME(gemm_u8_q6_k)(const qg_gemm_blocks_args *g) {
  superblock_args blocks = superblocks_of(g);
  run_superblocks(&blocks);
}
