// MXFP4 weights: a power of two times a doubled value.

#include "../groups/layout.h"

enum { block_bytes = mxfp4_bytes, open_blocks = 2 };  // 4 * 2 * 255 * 12 < 2^15

#include "../groups/blocks32.h"

QG_INLINE b_f32 load_scale(const uint8_t *at, const int first) { return b_load_power(at + first); }

QG_INLINE void load_block(const uint8_t *at, ptrdiff_t block, const int first, b_s32 w[2]) {
  b_s32 pairs = b_load(at + mxfp4_codes + block * (4 * QG_PANEL) + 4 * first);
  w[0] = b_lookup(mxfp4_values, b_and(pairs, b_splat_byte(15)));
  w[1] = b_lookup(mxfp4_values, b_and(b_shift_right(pairs, 4), b_splat_byte(15)));
}

#include "../groups/tile.h"

void QG_NAME(gemm_u8_mxfp4)(const qg_gemm_blocks_args *g) {
  assert(g->k % 32 == 0);
  run_panels(g);
}
