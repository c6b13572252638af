// Rows of GGUF blocks to panels; groups/layout.h says where everything goes.

#include <string.h>

#include "../groups/layout.h"

static size_t panel_blocks(ptrdiff_t n, ptrdiff_t k, ptrdiff_t block) {
  assert(k % block == 0);
  return (size_t)(qg_groups(n, QG_PANEL) * (k / block));
}

size_t qg_packed_q4_0_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panel_blocks(n, k, 32) * q4_0_bytes;
}

size_t qg_packed_q8_0_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panel_blocks(n, k, 32) * q8_0_bytes;
}

size_t qg_packed_mxfp4_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panel_blocks(n, k, 32) * mxfp4_bytes;
}

size_t qg_packed_q4_k_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panel_blocks(n, k, 256) * q4_k_bytes;
}

size_t qg_packed_q6_k_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panel_blocks(n, k, 256) * q6_k_bytes;
}

size_t qg_packed_s8g_bytes(ptrdiff_t n, ptrdiff_t k, ptrdiff_t group) {
  return (size_t)(qg_groups(n, QG_PANEL) * s8g_panel_bytes(k, group));
}

size_t qg_packed_zeros_bytes(ptrdiff_t n, ptrdiff_t groups) {
  return (size_t)(qg_groups(n, QG_PANEL) * groups * QG_PANEL);
}

size_t qg_packed_nf4_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panel_blocks(n, k, 64) * nf4_bytes;
}

// Puts code i of one output into `codes`, which are 0 before.
static void put_nibble(uint8_t *codes, ptrdiff_t lane, ptrdiff_t i, unsigned code) {
  codes[i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4] |= (uint8_t)(i % 8 < 4 ? code : code << 4);
}

// 32 codes of which element i lies in the low nibble of byte i, element i + 16 in the high one.
static void put_halves(uint8_t *codes, ptrdiff_t lane, const uint8_t *qs) {
  for (ptrdiff_t i = 0; i < 16; i++) {
    put_nibble(codes, lane, i, qs[i] & 15);
    put_nibble(codes, lane, i + 16, qs[i] >> 4);
  }
}

static void put_q4_0(const uint8_t *block, ptrdiff_t lane, uint8_t *at) {
  qg_block_q4_0 b;
  memcpy(&b, block, sizeof b);
  memcpy(at + 2 * lane, &b.d, sizeof b.d);
  put_halves(at + q4_0_codes, lane, b.qs);
}

static void put_q8_0(const uint8_t *block, ptrdiff_t lane, uint8_t *at) {
  qg_block_q8_0 b;
  memcpy(&b, block, sizeof b);
  memcpy(at + 2 * lane, &b.d, sizeof b.d);
  for (ptrdiff_t i = 0; i < 32; i += 4) {
    memcpy(at + q8_0_codes + i * QG_PANEL + lane * 4, b.qs + i, 4);
  }
}

static void put_mxfp4(const uint8_t *block, ptrdiff_t lane, uint8_t *at) {
  qg_block_mxfp4 b;
  memcpy(&b, block, sizeof b);
  at[lane] = b.e;
  put_halves(at + mxfp4_codes, lane, b.qs);
}

static void put_q4_k(const uint8_t *block, ptrdiff_t lane, uint8_t *at) {
  qg_block_q4_k b;
  memcpy(&b, block, sizeof b);
  memcpy(at + 2 * lane, &b.d, sizeof b.d);
  memcpy(at + q4_k_dmin + 2 * lane, &b.dmin, sizeof b.dmin);
  const uint8_t *p = b.scales;
  for (ptrdiff_t j = 0; j < 8; j++) {
    unsigned scale = j < 4 ? p[j] & 63u : (p[j + 4] & 15u) | (p[j - 4] >> 6 << 4);
    unsigned minimum = j < 4 ? p[j + 4] & 63u : p[j + 4] >> 4 | (p[j] >> 6 << 4);
    at[q4_k_low + (j / 2 + j % 2 * 4) * QG_PANEL + lane] = (uint8_t)((scale & 15) | (minimum & 15) << 4);
    unsigned high = scale >> 4 | minimum >> 4 << 2;
    at[q4_k_high + j / 2 * QG_PANEL + lane] |= (uint8_t)(high << 4 * (j % 2));
    const uint8_t *qs = b.qs + j / 2 * 32;
    uint8_t *codes = at + q4_k_codes + j * (16 * QG_PANEL);
    for (ptrdiff_t i = 0; i < 32; i++) put_nibble(codes, lane, i, j % 2 ? qs[i] >> 4 : qs[i] & 15);
  }
}

static void put_q6_k(const uint8_t *block, ptrdiff_t lane, uint8_t *at) {
  qg_block_q6_k b;
  memcpy(&b, block, sizeof b);
  memcpy(at + 2 * lane, &b.d, sizeof b.d);
  for (ptrdiff_t i = 0; i < 256; i++) {
    // 128 elements: four times 32, sharing 32 bytes of high bits and, in pairs, of low nibbles.
    ptrdiff_t part = i / 128, quarter = i / 32 % 4, within = i % 32;
    unsigned low = b.ql[part * 64 + quarter % 2 * 32 + within] >> (quarter < 2 ? 0 : 4) & 15;
    unsigned high = b.qh[part * 32 + within] >> 2 * quarter & 3;
    uint8_t *sub = at + q6_k_codes + i / 16 * q6_k_sub_bytes;
    put_nibble(sub, lane, i % 16, low);
    sub[8 * QG_PANEL + lane * 4 + i % 4] |= (uint8_t)(high << i % 16 / 4 * 2);
  }
  for (ptrdiff_t j = 0; j < 16; j++) {
    at[q6_k_scales + j * QG_PANEL + lane] = (uint8_t)b.scales[j];
  }
}

// Calls `put` with every block of n rows of `per_row`, and its place in zeroed panels.
static void pack(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t per_row, ptrdiff_t packed_bytes,
                 void (*put)(const uint8_t *, ptrdiff_t, uint8_t *), uint8_t *panels) {
  memset(panels, 0, (size_t)(qg_groups(n, QG_PANEL) * per_row * packed_bytes));
  for (ptrdiff_t row = 0; row < n; row++) {
    uint8_t *panel = panels + row / QG_PANEL * per_row * packed_bytes;
    for (ptrdiff_t i = 0; i < per_row; i++) {
      put(blocks, row % QG_PANEL, panel + i * packed_bytes);
      blocks += packed_bytes / QG_PANEL;
    }
  }
}

void qg_pack_q4_0(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels) {
  pack(blocks, n, k / 32, q4_0_bytes, put_q4_0, panels);
}

void qg_pack_q8_0(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels) {
  pack(blocks, n, k / 32, q8_0_bytes, put_q8_0, panels);
}

void qg_pack_mxfp4(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels) {
  pack(blocks, n, k / 32, mxfp4_bytes, put_mxfp4, panels);
}

void qg_pack_q4_k(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels) {
  pack(blocks, n, k / 256, q4_k_bytes, put_q4_k, panels);
}

void qg_pack_q6_k(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels) {
  pack(blocks, n, k / 256, q6_k_bytes, put_q6_k, panels);
}

void qg_pack_s8g(const int8_t *w, const float *scale, ptrdiff_t n, ptrdiff_t k, ptrdiff_t group,
                 uint8_t *panels) {
  assert(group > 0 && group % 8 == 0);
  memset(panels, 0, qg_packed_s8g_bytes(n, k, group));
  ptrdiff_t groups = qg_groups(k, group);
  for (ptrdiff_t row = 0; row < n; row++) {
    ptrdiff_t lane = row % QG_PANEL;
    uint8_t *panel = panels + row / QG_PANEL * s8g_panel_bytes(k, group);
    for (ptrdiff_t j = 0; j < groups; j++) {
      uint8_t *at = panel + j * s8g_group_bytes(group);
      memcpy(at + 4 * lane, scale + row * groups + j, sizeof *scale);
      for (ptrdiff_t i = j * group; i < qg_smaller((j + 1) * group, k); i++) {
        ptrdiff_t within = i - j * group;
        at[4 * QG_PANEL + within / 4 * (4 * QG_PANEL) + lane * 4 + within % 4] =
            (uint8_t)w[row * k + i];
      }
    }
  }
}

void qg_pack_zeros(const int8_t *zero, ptrdiff_t n, ptrdiff_t groups, int8_t *zeros) {
  memset(zeros, 0, qg_packed_zeros_bytes(n, groups));
  for (ptrdiff_t row = 0; row < n; row++) {
    int8_t *lane = zeros + row / QG_PANEL * groups * QG_PANEL + row % QG_PANEL;
    for (ptrdiff_t j = 0; j < groups; j++) lane[j * QG_PANEL] = *zero++;
  }
}

void qg_pack_nf4(const uint8_t *pairs, const float *absmax, ptrdiff_t n, ptrdiff_t k,
                 uint8_t *panels) {
  memset(panels, 0, qg_packed_nf4_bytes(n, k));
  for (ptrdiff_t row = 0; row < n; row++) {
    ptrdiff_t lane = row % QG_PANEL;
    uint8_t *at = panels + row / QG_PANEL * (k / 64) * nf4_bytes;
    for (ptrdiff_t begin = 0; begin < k; begin += 64, at += nf4_bytes) {
      memcpy(at + 4 * lane, absmax++, sizeof *absmax);
      for (ptrdiff_t i = 0; i < 64; i += 2) {
        uint8_t pair = *pairs++;
        put_nibble(at + nf4_codes, lane, i, pair >> 4);
        put_nibble(at + nf4_codes, lane, i + 1, pair & 15);
      }
    }
  }
}
