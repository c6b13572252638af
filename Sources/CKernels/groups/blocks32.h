// Blocks of 32 k of one size: what groups/tile.h asks for of sizes, after block_bytes.

#include "layout.h"

#define QG_ARGUMENTS qg_gemm_blocks_args

QG_INLINE ptrdiff_t panel_bytes(const qg_gemm_blocks_args *g) { return g->k / 32 * block_bytes; }
QG_INLINE ptrdiff_t group_bytes(const qg_gemm_blocks_args *g, ptrdiff_t begin) {
  (void)g, (void)begin;
  return block_bytes;
}
QG_INLINE ptrdiff_t group_blocks(const qg_gemm_blocks_args *g, ptrdiff_t begin) {
  (void)g, (void)begin;
  return 4;
}
