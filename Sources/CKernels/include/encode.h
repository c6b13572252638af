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

#include "blocks.h"

#endif
