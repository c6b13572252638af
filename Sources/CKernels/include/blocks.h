#ifndef CKERNELS_BLOCKS_H
#define CKERNELS_BLOCKS_H

// The blocks of GGUF, little-endian; half-precision numbers as their bits.

#include <stdint.h>

// 32 numbers: value = (q - 8) * d, q in 0...15.
typedef struct {
  uint16_t d;
  uint8_t qs[16];  // element i in the low nibble of byte i, i + 16 in the high one
} qg_block_q4_0;

// 32 numbers: value = q * d.
typedef struct {
  uint16_t d;
  int8_t qs[32];
} qg_block_q8_0;

// 256 numbers in 8 sub-blocks of 32: value = d * scale * q - dmin * minimum, q in 0...15.
typedef struct {
  uint16_t d, dmin;
  uint8_t scales[12];  // 8 scales and 8 minimums of 6 bits
  uint8_t qs[128];     // per 64 elements 32 bytes: the first 32 in the low nibbles
} qg_block_q4_k;

// 256 numbers in 16 sub-blocks of 16: value = d * scale * (q - 32), q in 0...63.
typedef struct {
  uint8_t ql[128];
  uint8_t qh[64];
  int8_t scales[16];
  uint16_t d;
} qg_block_q6_k;

// 32 numbers: value = 2^(e - 128) times a doubled FP4 value.
typedef struct {
  uint8_t e;
  uint8_t qs[16];  // as in Q4_0
} qg_block_mxfp4;

_Static_assert(sizeof(qg_block_q4_0) == 18, "a Q4_0 block has 18 bytes");
_Static_assert(sizeof(qg_block_q8_0) == 34, "a Q8_0 block has 34 bytes");
_Static_assert(sizeof(qg_block_q4_k) == 144, "a Q4_K block has 144 bytes");
_Static_assert(sizeof(qg_block_q6_k) == 210, "a Q6_K block has 210 bytes");
_Static_assert(sizeof(qg_block_mxfp4) == 17, "an MXFP4 block has 17 bytes");

#endif
