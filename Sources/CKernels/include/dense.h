#ifndef CKERNELS_DENSE_H
#define CKERNELS_DENSE_H

// Dense products beside the first two of CKernels.h, which includes this file and defines the types
// used here. What it says of bits, bounds, NaNs and threads holds here too.

// C[m, n] = clamp(fma-chain over k of A[m, k] * (float)B[n, k] + bias[n]), where B is bf16: the upper
// half of an fp32, widened exactly (subnormals, infinities and NaNs included).
// `panels`: [ceil(N/16)][K][16] (qg_pack_bf16). `bias` may be NULL (+0 is then not added).
// Outputs [n0, n1) start at panels + n0 * K.
typedef struct {
  ptrdiff_t m, n, k;
  const float *a;
  ptrdiff_t a_stride;  // elements between rows of A
  const uint16_t *panels;
  const float *bias;   // [N] or NULL
  float *c;
  ptrdiff_t c_stride;
  qg_bounds bounds;
} qg_gemm_bf16_args;

// dot    = sum over k of A[m,k] * W[n,k]     exact, int32; all 256 codes are allowed on both sides
// y      = fma((float)dot, row_scale[m] * weight_scale[n], bias[n])   (bias NULL: the product alone)
// C[m,n] = y clamped to bounds, then stored as fp32 or quantized.
// `panels` and `weight_sums` as in qg_gemm_u8s8_args. K is below 65,536: with unsigned codes, sums of
// up to 255 * 128 * K are passed through.
// Rows of A may be read up to ceil(K/4)*4 elements; what lies there does not matter.
typedef struct {
  ptrdiff_t m, n, k;
  const int8_t *a;
  ptrdiff_t a_stride;
  const float *row_scale;      // [m] when row_step is 1, one for all when it is 0
  ptrdiff_t row_step;
  const int8_t *panels;
  const int32_t *weight_sums;  // [N padded to 16]: sum over k of W[n, k]
  const float *weight_scale;   // [N padded to 16]
  const float *bias;           // [N padded to 16] or NULL
  qg_output output;
  qg_bounds bounds;
} qg_gemm_s8s8_args;

// Elements of the packed form.
size_t qg_packed_bf16_count(ptrdiff_t n, ptrdiff_t k);
// b[n, k] at b[n * n_stride + k * k_stride]; outputs past n are +0.
void qg_pack_bf16(const uint16_t *b, ptrdiff_t n, ptrdiff_t k, ptrdiff_t n_stride,
                  ptrdiff_t k_stride, uint16_t *panels);

#endif
