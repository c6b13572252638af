#ifndef CKERNELS_GROUPS_H
#define CKERNELS_GROUPS_H

// Products of uint8 activations with weights that carry a scale per group or block: int8 groups and
// the block formats of GGUF, repacked once into panels of 16 outputs. A panel holds the same bytes as
// the 16 rows of blocks it comes from, in the order in which a kernel reads them, and panels follow
// each other: outputs [n0, n1), n0 a multiple of 16, are the same call with panels advanced by
// n0 / 16 * qg_packed_<format>_bytes(16, k). Of rows past N every byte is 0.

#include "CKernels.h"
#include "blocks.h"

// With x[k] = A[m,k] - rows[m].zero_point, an exact integer:
//   y = fma(s, rows[m].scale, bias[n])   (bias NULL: the product alone)
// and C[m,n] = y clamped to bounds, then stored as fp32 or quantized. s starts from +0 and takes one
// step per block of k, in ascending order, by the format:
//   Q4_0   s = fma((float)dot, d, s),   dot = sum over 32 of x * (q - 8)
//   Q8_0   s = fma((float)dot, d, s),   dot = sum over 32 of x * q
//   MXFP4  s = fma((float)dot, 2^(e - 128), s),   dot = sum over 32 of x * v, v the doubled value
//          0 1 2 3 4 6 8 12 0 -1 -2 -3 -4 -6 -8 -12 of the code (e = 0 and 1 are subnormal scales,
//          e = 255 is 2^127, as ggml has it)
//   Q4_K   s = fma((float)dot, d, s), then s = fma((float)sums, -dmin, s),
//          dot = sum over 8 sub-blocks of 32 of scale * sum of x * q; sums = of minimum * sum of x
//   Q6_K   s = fma((float)dot, d, s),
//          dot = sum over 16 sub-blocks of 16 of scale * sum of x * (q - 32)
// d, dmin are the half-precision numbers of the block, widened exactly. Every integer fits int32.
// K is a multiple of the block: 32, or 256 for the K formats. Rows of A are read up to K.
typedef struct {
  ptrdiff_t m, n, k;
  const uint8_t *a;
  ptrdiff_t a_stride;
  const qg_affine *rows;  // [m] when row_step is 1, one for all when it is 0
  ptrdiff_t row_step;
  const uint8_t *panels;
  const float *bias;  // [N padded to 16] or NULL
  qg_output output;
  qg_bounds bounds;
} qg_gemm_blocks_args;

// NF4 weights (gemm_u8_nf4, the same arguments): levels, not integers, so the sums are floating ones.
// K is a multiple of 64; s starts from +0 and takes one step per block of 64 k:
//   d = fma-chain over the block, from +0, of (float)x * level[code];   s = fma(d, absmax, s)
// with the 16 levels of bitsandbytes. `panels`: for every 16 outputs and block 64 bytes of absmax, then
// 8 times 64 bytes of codes, as qg_pack_u4 has them (qg_pack_nf4).

// Group-scaled int8 weights: groups of `group` consecutive k (a multiple of 8; the last one may be
// ragged):
//   dot_g = sum over k in g of (A[m,k] - rows[m].zero_point) * (W[n,k] - zero[g][n])   exact, int32
//   s     = fma-chain over g of (float)dot_g * scale[g][n];  y as above
// With zeros, groups stay below 33,026, so that a sum fits int32.
// `panels`: for every 16 outputs and group 64 bytes of scales, then for every 8 k, rounded up, twice
// 64 bytes: four k of each output (qg_pack_s8g). Rows of A may be read up to ceil(K/8)*8 elements;
// what lies past K does not matter.
typedef struct {
  ptrdiff_t m, n, k, group;
  const uint8_t *a;
  ptrdiff_t a_stride;
  const qg_affine *rows;
  ptrdiff_t row_step;
  const uint8_t *panels;
  const int8_t *zeros;  // [ceil(N/16)][ceil(K/group)][16] (qg_pack_zeros), or NULL for all zero
  const float *bias;
  qg_output output;
  qg_bounds bounds;
} qg_gemm_u8s8g_args;

size_t qg_packed_q4_0_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_q8_0_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_q4_k_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_q6_k_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_mxfp4_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_nf4_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_s8g_bytes(ptrdiff_t n, ptrdiff_t k, ptrdiff_t group);
size_t qg_packed_zeros_bytes(ptrdiff_t n, ptrdiff_t groups);

// `blocks`: the rows of a GGUF tensor [n, k], one after another, of any alignment.
void qg_pack_q4_0(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels);
void qg_pack_q8_0(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels);
void qg_pack_q4_k(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels);
void qg_pack_q6_k(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels);
void qg_pack_mxfp4(const uint8_t *blocks, ptrdiff_t n, ptrdiff_t k, uint8_t *panels);
// pairs: [n, k / 2] as bitsandbytes stores them, the first code of a byte in its high nibble;
// absmax: [n][k / 64].
void qg_pack_nf4(const uint8_t *pairs, const float *absmax, ptrdiff_t n, ptrdiff_t k,
                 uint8_t *panels);
// w: [n, k]; scale: [n][G].
void qg_pack_s8g(const int8_t *w, const float *scale, ptrdiff_t n, ptrdiff_t k, ptrdiff_t group,
                 uint8_t *panels);
// zero: [n][groups].
void qg_pack_zeros(const int8_t *zero, ptrdiff_t n, ptrdiff_t groups, int8_t *zeros);

#endif
