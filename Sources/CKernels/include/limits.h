#ifndef CKERNELS_LIMITS_H
#define CKERNELS_LIMITS_H

// What the machine can do at most: the loops that kernels are compared with. Each does nothing but
// the work it counts, keeps its results alive and returns how much it did. None allocates.

#include "CKernels.h"

typedef struct {
  qg_isa isa;
  // `rounds` rounds of u8 × s8 multiply-adds into int32 on registers, in the fewest instructions of
  // this set that give exact sums of products: vpdpbusd with VNNI; without it
  // vpmaddubsw, vpmaddwd and vpaddd; sdot, or smull, smlal and sadalp; one multiplication and one
  // addition in scalar code. Returns
  // operations: two a multiply-add.
  uint64_t (*multiply_bytes)(uint64_t rounds);
  // `rounds` rounds of fused fp32 multiply-adds on registers. Returns operations: two each.
  uint64_t (*multiply_floats)(uint64_t rounds);
  // Reads `bytes` (rounded down to a multiple of 256) at `memory`, 64-byte aligned, once, ascending.
  // Returns the bytes read.
  uint64_t (*read)(const void *memory, size_t bytes);
} qg_limits;

// The limits of one set; 0 when the processor lacks it.
int qg_limits_for(qg_isa isa, qg_limits *limits);

#endif
