// Q4_0 weights: d * (q - 8).

#include "../groups/layout.h"

enum { block_bytes = q4_0_bytes, open_blocks = 4 };  // 8 * 2 * 255 * 8 < 2^15

#include "../groups/blocks32.h"

QG_INLINE b_f32 load_scale(const uint8_t *at, const int first) { return b_load_f16(at + 2 * first); }

QG_INLINE void load_block(const uint8_t *at, ptrdiff_t block, const int first, b_s32 w[2]) {
  b_s32 pairs = b_load(at + q4_0_codes + block * (4 * QG_PANEL) + 4 * first);
  w[0] = b_sub_bytes(b_and(pairs, b_splat_byte(15)), b_splat_byte(8));
  w[1] = b_sub_bytes(b_and(b_shift_right(pairs, 4), b_splat_byte(15)), b_splat_byte(8));
}

#include "../groups/tile.h"

void QG_NAME(gemm_u8_q4_0)(const qg_gemm_blocks_args *g) {
  assert(g->k % 32 == 0);
  run_panels(g);
}
