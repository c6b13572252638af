// Q8_0 weights: d * q.

#include "../groups/layout.h"

enum { block_bytes = q8_0_bytes, open_blocks = 0 };

#include "../groups/blocks32.h"

QG_INLINE b_f32 load_scale(const uint8_t *at, const int first) { return b_load_f16(at + 2 * first); }

QG_INLINE void load_block(const uint8_t *at, ptrdiff_t block, const int first, b_s32 w[2]) {
  const uint8_t *codes = at + q8_0_codes + block * (8 * QG_PANEL) + 4 * first;
  w[0] = b_load(codes);
  w[1] = b_load(codes + 4 * QG_PANEL);
}

#include "../groups/tile.h"
#if defined(QG_WORDS)
#include "../groups/widened.h"
#endif

void QG_NAME(gemm_u8_q8_0)(const qg_gemm_blocks_args *g) {
  assert(g->k % 32 == 0);
#if defined(QG_WORDS)
  if (g->m > tile_rows) {
    run_many(g);
    return;
  }
#endif
  run_panels(g);
}
