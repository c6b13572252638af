#ifndef CKERNELS_GROUPS_LAYOUT_H
#define CKERNELS_GROUPS_LAYOUT_H

// Where things lie in the panels of include/groups.h: bytes of one block of 16 outputs, and offsets
// in it. Numbers of outputs lie next to each other, 4-bit codes as qg_pack_u4 has them (the byte at
// lane*4 + j of 64 bytes holds k = j in the low nibble and k = 4 + j in the high one).

#include "../contract.h"

enum {
  // Of a group of gemm_u8u4: scale [16], zero [16], codes [][64]
  u4_zeros = 4 * QG_PANEL,
  u4_codes = 5 * QG_PANEL,
  // d [16], codes [4][64]
  q4_0_codes = 2 * QG_PANEL,
  q4_0_bytes = 18 * QG_PANEL,
  // d [16], codes [8][64]
  q8_0_codes = 2 * QG_PANEL,
  q8_0_bytes = 34 * QG_PANEL,
  // e [16], codes [4][64]
  mxfp4_codes = QG_PANEL,
  mxfp4_bytes = 17 * QG_PANEL,
  // d [16], dmin [16]; low [8][16]: four bits of the scale, then of the minimum, of sub-blocks 0, 2,
  // 4, 6, 1, 3, 5, 7;
  // high [4][16]: from the lowest bit on two bits of the scale and of the minimum of sub-block 2i,
  // then of 2i + 1; codes [8][4][64]
  q4_k_dmin = 2 * QG_PANEL,
  q4_k_low = 4 * QG_PANEL,
  q4_k_high = 12 * QG_PANEL,
  q4_k_codes = 16 * QG_PANEL,
  q4_k_bytes = 144 * QG_PANEL,
  // d [16], scales [16][16]; per sub-block of 16 the low nibbles [2][64], then [64] with the high bits
  // of k = 4i + j in bits 2i and 2i + 1 of byte lane*4 + j
  q6_k_scales = 2 * QG_PANEL,
  q6_k_codes = 18 * QG_PANEL,
  q6_k_sub_bytes = 12 * QG_PANEL,
  q6_k_bytes = 210 * QG_PANEL,
  // absmax [16], codes [8][64]
  nf4_codes = 4 * QG_PANEL,
  nf4_bytes = 36 * QG_PANEL,
};

// A panel holds what the blocks of its outputs hold.
_Static_assert(q4_0_bytes == QG_PANEL * sizeof(qg_block_q4_0), "16 blocks of Q4_0");
_Static_assert(q8_0_bytes == QG_PANEL * sizeof(qg_block_q8_0), "16 blocks of Q8_0");
_Static_assert(mxfp4_bytes == QG_PANEL * sizeof(qg_block_mxfp4), "16 blocks of MXFP4");
_Static_assert(q4_k_bytes == QG_PANEL * sizeof(qg_block_q4_k), "16 blocks of Q4_K");
_Static_assert(q6_k_bytes == QG_PANEL * sizeof(qg_block_q6_k), "16 blocks of Q6_K");
_Static_assert(nf4_bytes == QG_PANEL * (sizeof(float) + 64 / 2), "16 scales and 64 codes of each");

// Levels of the codes of NF4.
static const float nf4_levels[16] = {
    -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
    -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
    0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f};

// Doubled values of the codes of MXFP4.
static const int8_t mxfp4_values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// Bytes of one group of `count` k of gemm_u8u4, and of a whole panel.
static inline ptrdiff_t u4_group_bytes(ptrdiff_t count) {
  return u4_codes + qg_groups(count, 8) * (4 * QG_PANEL);
}

static inline ptrdiff_t u4_panel_bytes(ptrdiff_t k, ptrdiff_t group) {
  ptrdiff_t rest = k % group;
  return k / group * u4_group_bytes(group) + (rest ? u4_group_bytes(rest) : 0);
}

// Bytes of one group of `count` k of gemm_u8s8g, and of a whole panel.
static inline ptrdiff_t s8g_group_bytes(ptrdiff_t count) {
  return 4 * QG_PANEL + qg_groups(count, 8) * (8 * QG_PANEL);
}

static inline ptrdiff_t s8g_panel_bytes(ptrdiff_t k, ptrdiff_t group) {
  ptrdiff_t rest = k % group;
  return k / group * s8g_group_bytes(group) + (rest ? s8g_group_bytes(rest) : 0);
}

#endif
