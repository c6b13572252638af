#ifndef CKERNELS_BLOCKS_H
#define CKERNELS_BLOCKS_H

// The blocks of every format that has them, as they are stored: little-endian, half-precision numbers as
// their bits. Swift's formats take the size of a block from here, so that each is asserted when this is
// compiled, and stated once. (NVFP4 of NVIDIA and the formats with a codebook keep codes and scales in
// arrays of their own; they have no blocks.)

#include <stdint.h>

// 32 numbers: value = (q - 8) * d, q in 0...15.
typedef struct {
  uint16_t d;
  uint8_t qs[16];  // element i in the low nibble of byte i, i + 16 in the high one
} qg_block_q4_0;

// 32 numbers: value = q * d + m.
typedef struct {
  uint16_t d, m;
  uint8_t qs[16];  // as in Q4_0
} qg_block_q4_1;

// 32 numbers: value = (q - 16) * d, q in 0...31.
typedef struct {
  uint16_t d;
  uint8_t qh[4];  // bit i is the fifth of element i
  uint8_t qs[16];
} qg_block_q5_0;

// 32 numbers: value = q * d + m.
typedef struct {
  uint16_t d, m;
  uint8_t qh[4];
  uint8_t qs[16];
} qg_block_q5_1;

// 32 numbers: value = q * d.
typedef struct {
  uint16_t d;
  int8_t qs[32];
} qg_block_q8_0;

// As Q8_0, with s = d * sum of q.
typedef struct {
  uint16_t d, s;
  int8_t qs[32];
} qg_block_q8_1;

// 256 numbers in 16 sub-blocks of 16: value = d * scale * q - dmin * minimum, q in 0...3.
typedef struct {
  uint8_t scales[16];  // the scale in the low nibble, the minimum in the high one
  uint8_t qs[64];
  uint16_t d, dmin;
} qg_block_q2_k;

// 256 numbers in 16 sub-blocks of 16: value = d * (scale - 32) * (q - 4), q in 0...7.
typedef struct {
  uint8_t hmask[32];
  uint8_t qs[64];
  uint8_t scales[12];
  uint16_t d;
} qg_block_q3_k;

// 256 numbers in 8 sub-blocks of 32: value = d * scale * q - dmin * minimum, q in 0...15.
typedef struct {
  uint16_t d, dmin;
  uint8_t scales[12];  // 8 scales and 8 minimums of 6 bits
  uint8_t qs[128];     // per 64 elements 32 bytes: the first 32 in the low nibbles
} qg_block_q4_k;

// As Q4_K, q in 0...31.
typedef struct {
  uint16_t d, dmin;
  uint8_t scales[12];
  uint8_t qh[32];
  uint8_t qs[128];
} qg_block_q5_k;

// 256 numbers in 16 sub-blocks of 16: value = d * scale * (q - 32), q in 0...63.
typedef struct {
  uint8_t ql[128];
  uint8_t qh[64];
  int8_t scales[16];
  uint16_t d;
} qg_block_q6_k;

// 256 numbers: value = q * d; sums of every 16 codes.
typedef struct {
  float d;
  int8_t qs[256];
  int16_t bsums[16];
} qg_block_q8_k;

// 32 numbers: value = d * one of 16 levels.
typedef struct {
  uint16_t d;
  uint8_t qs[16];
} qg_block_iq4_nl;

// 256 numbers in 8 sub-blocks of 32: value = d * (scale - 32) * one of 16 levels.
typedef struct {
  uint16_t d, scales_h;
  uint8_t scales_l[4];
  uint8_t qs[128];
} qg_block_iq4_xs;

// 256 numbers: value = d * (q - 1), q in 0...2, five to a byte, then four.
typedef struct {
  uint8_t qs[48], qh[4];
  uint16_t d;
} qg_block_tq1_0;

// As TQ1_0, four to a byte.
typedef struct {
  uint8_t qs[64];
  uint16_t d;
} qg_block_tq2_0;

// MXFP4 in ggml's order. 32 numbers: value = 2^(e - 128) times a doubled FP4 value.
typedef struct {
  uint8_t e;
  uint8_t qs[16];  // as in Q4_0
} qg_block_mxfp4;

// NVFP4 in ggml's order. 64 numbers, a scale for every 16.
typedef struct {
  uint8_t d[4];
  uint8_t qs[32];
} qg_block_nvfp4;

// The microscaling formats of OCP. 32 elements of 4, 6 or 8 bits.
typedef struct {
  uint8_t scale;
  uint8_t elements[16];
} qg_block_mx4;

typedef struct {
  uint8_t scale;
  uint8_t elements[24];
} qg_block_mx6;

typedef struct {
  uint8_t scale;
  uint8_t elements[32];
} qg_block_mx8;

_Static_assert(sizeof(qg_block_q4_0) == 18, "a Q4_0 block has 18 bytes");
_Static_assert(sizeof(qg_block_q4_1) == 20, "a Q4_1 block has 20 bytes");
_Static_assert(sizeof(qg_block_q5_0) == 22, "a Q5_0 block has 22 bytes");
_Static_assert(sizeof(qg_block_q5_1) == 24, "a Q5_1 block has 24 bytes");
_Static_assert(sizeof(qg_block_q8_0) == 34, "a Q8_0 block has 34 bytes");
_Static_assert(sizeof(qg_block_q8_1) == 36, "a Q8_1 block has 36 bytes");
_Static_assert(sizeof(qg_block_q2_k) == 84, "a Q2_K block has 84 bytes");
_Static_assert(sizeof(qg_block_q3_k) == 110, "a Q3_K block has 110 bytes");
_Static_assert(sizeof(qg_block_q4_k) == 144, "a Q4_K block has 144 bytes");
_Static_assert(sizeof(qg_block_q5_k) == 176, "a Q5_K block has 176 bytes");
_Static_assert(sizeof(qg_block_q6_k) == 210, "a Q6_K block has 210 bytes");
_Static_assert(sizeof(qg_block_q8_k) == 292, "a Q8_K block has 292 bytes");
_Static_assert(sizeof(qg_block_iq4_nl) == 18, "an IQ4_NL block has 18 bytes");
_Static_assert(sizeof(qg_block_iq4_xs) == 136, "an IQ4_XS block has 136 bytes");
_Static_assert(sizeof(qg_block_tq1_0) == 54, "a TQ1_0 block has 54 bytes");
_Static_assert(sizeof(qg_block_tq2_0) == 66, "a TQ2_0 block has 66 bytes");
_Static_assert(sizeof(qg_block_mxfp4) == 17, "an MXFP4 block has 17 bytes");
_Static_assert(sizeof(qg_block_nvfp4) == 36, "an NVFP4 block has 36 bytes");
_Static_assert(sizeof(qg_block_mx4) == 17, "a block of 4-bit elements has 17 bytes");
_Static_assert(sizeof(qg_block_mx6) == 25, "a block of 6-bit elements has 25 bytes");
_Static_assert(sizeof(qg_block_mx8) == 33, "a block of 8-bit elements has 33 bytes");

#endif
