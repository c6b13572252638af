#ifndef CKERNELS_ENCODE_H
#define CKERNELS_ENCODE_H

// Encoders of weights in GGUF's block formats, with the bits of ggml's reference quantizers compiled
// without contraction: products and sums are rounded one by one, in ascending order of the elements of
// a block. Included by CKernels.h.
//
// Each takes `blocks` whole blocks of fp32 numbers and returns how many blocks it encoded: fewer when
// the next one holds a NaN or an infinity, or asks for a scale beyond fp16. The bytes after those are
// then unspecified.

#include <stddef.h>
#include <stdint.h>

// 32 numbers: value = (q - 8) * d, q in 0...15.
typedef struct {
  uint16_t d;      // fp16: the element of largest magnitude / -8
  uint8_t qs[16];  // element j in the low half of byte j, j + 16 in the high half
} qg_block_q4_0;
_Static_assert(sizeof(qg_block_q4_0) == 18, "GGUF stores Q4_0 in 18 bytes");

// 32 numbers: value = q * d, q in -127...127.
typedef struct {
  uint16_t d;  // fp16: the largest magnitude / 127
  int8_t qs[32];
} qg_block_q8_0;
_Static_assert(sizeof(qg_block_q8_0) == 34, "GGUF stores Q8_0 in 34 bytes");

// 256 numbers in 8 sub-blocks of 32: value = d * scale * q - dmin * min, q in 0...15.
typedef struct {
  uint16_t d, dmin;    // fp16
  uint8_t scales[12];  // 6 bits each: eight scales and eight minima
  uint8_t qs[128];     // of 64 elements: j in the low halves of 32 bytes, j + 32 in the high ones
} qg_block_q4_k;
_Static_assert(sizeof(qg_block_q4_k) == 144, "GGUF stores Q4_K in 144 bytes");

#endif
