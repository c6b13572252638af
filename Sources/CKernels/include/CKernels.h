#ifndef CKERNELS_H
#define CKERNELS_H

// The micro-kernels, behind one table of function pointers per instruction set.
//
// Every path gives the same bits. Integer sums are exact (int32; callers keep K < 65,536). A
// floating sum is one fused-multiply-add chain in ascending order of the summation index, starting
// from +0. int32 → float rounds to nearest even. Quantizing is
//   q = clamp(round_half_even(x / scale) + zero_point, lower, upper)
// with an IEEE division; lower and upper are 0 and 255 where nothing else is said. Nothing
// allocates; nothing reads the environment inside a kernel.
//
// Clamping is y = lower > y ? lower : y, then upper < y ? upper : y. So bounds of ∓inf pass
// everything through, a -0 is not moved by a bound of +0, and a NaN stays a NaN. Every NaN that a
// kernel stores is 0x7fc00000 (dequantize_u8, with its finite scale, stores none). Quantizing a NaN
// gives the zero point.
//
// Preconditions, asserted where that is cheap: scales are finite and positive, bounds are no NaN and
// lower <= upper, zero points of uint8 codes lie in 0...255, weight zeros of int8 in -128...127. With
// weight zeros K stays below 33,026, so that a sum fits int32 (it wraps otherwise, alike everywhere).
//
// Threads: every output element depends on its own row of A and its own column of W alone, so any
// split gives the same bits. Rows [m0, m1) of a product are the same call with a, rows and output
// advanced and m = m1 - m0. Outputs [n0, n1), n0 a multiple of 16, are the same call with panels,
// bias, sums, zeros, scales and output advanced by n0 outputs and n = n1 - n0.
// Windows are split by row_begin and row_end, elementwise kernels by elements, softmax by rows;
// range_f32 of parts is combined by minimum and maximum (a NaN wins).

#include <stddef.h>
#include <stdint.h>

#include "encode.h"
#include "functions.h"

#define QG_PANEL 16

typedef enum {
  QG_ISA_SCALAR = 0,
  QG_ISA_AVX2 = 1,         // AVX2 + FMA + F16C
  QG_ISA_AVX512 = 2,       // F, BW, DQ, VL
  QG_ISA_AVX512_VNNI = 3,  // the above + VNNI
  QG_ISA_NEON = 4,
  QG_ISA_NEON_DOTPROD = 5,  // NEON + the dot products of ARMv8.2
} qg_isa;

// What clamps a floating result before it is stored or quantized.
typedef struct {
  float lower;
  float upper;
} qg_bounds;

// Affine quantization of one tensor: value = (q - zero_point) * scale.
typedef struct {
  float scale;
  int32_t zero_point;
} qg_affine;

// C[m, n] = clamp(fma-chain over k of A[m, k] * B[n, k]  + bias[n]).
// `panels`: [ceil(N/16)][K][16] (qg_pack_f32). `bias` may be NULL (+0 is then not added).
typedef struct {
  ptrdiff_t m, n, k;
  const float *a;
  ptrdiff_t a_stride;  // elements between rows of A
  const float *panels;
  const float *bias;
  float *c;
  ptrdiff_t c_stride;
  qg_bounds bounds;
} qg_gemm_f32_args;

// Where an integer product goes: fp32 values, or uint8 codes of `quantize`.
typedef struct {
  float *f32;       // used when not NULL
  uint8_t *u8;      // used otherwise
  ptrdiff_t stride; // elements between rows
  qg_affine quantize;
} qg_output;

// dot   = sum over k of (A[m,k] - rows[m].zero_point) * (W[n,k] - weight_zero[n])   exact, int32
// y     = fma((float)dot, rows[m].scale * weight_scale[n], bias[n])   (bias NULL: the product alone)
// C[m,n] = y clamped to bounds, then stored as fp32 or quantized.
// `panels`: [ceil(N/16)][ceil(K/4)][16][4] int8 (qg_pack_s8), zero where k >= K.
// Rows of A may be read up to ceil(K/4)*4 elements; what lies there does not matter.
typedef struct {
  ptrdiff_t m, n, k;
  const uint8_t *a;
  ptrdiff_t a_stride;
  const qg_affine *rows;  // [m] when row_step is 1, one for all when it is 0
  ptrdiff_t row_step;
  const int8_t *panels;
  const int32_t *weight_sums;  // [N padded to 16]: sum over k of W[n, k]
  const int32_t *weight_zero;  // [N padded to 16] or NULL for all zero
  const float *weight_scale;   // [N padded to 16]
  const float *bias;           // [N padded to 16] or NULL
  qg_output output;
  qg_bounds bounds;
} qg_gemm_u8s8_args;

// Group-scaled 4-bit weights: groups of `group` consecutive k (a multiple of 8; the last one may be
// ragged). Codes are 0...15. With g = k / group:
// dot_g = sum over k in g of (A[m,k] - rows[m].zero_point) * (W[n,k] - zero[g][n])    exact, int32
// s     = fma-chain over g of (float)dot_g * scale[g][n]
// y     = fma(s, rows[m].scale, bias[n])   (bias NULL: the product alone)
// `panels` (qg_pack_u4): for every 16 outputs and group 64 bytes of scales and 16 of zeros, then for
// every 8 k of the group, rounded up, 64 bytes: the byte at lane*4 + j of block b holds k = 8b + j in
// its low nibble and k = 8b + 4 + j in its high one; nibbles past K are 0. Panels follow each other:
// that of output n begins at n / 16 * qg_packed_u4_bytes(16, k, group). zero is at most 64 (so that
// 2 * 255 * 64 fits the 16-bit step of AVX2).
// Rows of A may be read up to ceil(K/8)*8 elements; what lies past K does not matter.
typedef struct {
  ptrdiff_t m, n, k, group;
  const uint8_t *a;
  ptrdiff_t a_stride;
  const qg_affine *rows;
  ptrdiff_t row_step;
  const uint8_t *panels;
  const float *bias;
  qg_output output;
  qg_bounds bounds;
} qg_gemm_u8u4_args;

// A sliding window over one image [height, width, channels] (channels last, contiguous). Tap (ky, kx) of
// output (y, x) reads row y * stride_height - padding_top + ky * dilation_height, and columns alike; what
// is padded at the bottom and on the right shows in the extents of the result. Direct convolutions take
// dilations of 1 alone.
typedef struct {
  ptrdiff_t height, width, channels;
  ptrdiff_t kernel_height, kernel_width;
  ptrdiff_t stride_height, stride_width;
  ptrdiff_t padding_top, padding_left;
  ptrdiff_t dilation_height, dilation_width;
  ptrdiff_t out_height, out_width;
  ptrdiff_t row_begin, row_end;  // output rows to compute: threads split these
} qg_window;

// Depthwise: out[y, x, c] = clamp(fma-chain over taps, row-major, of in * weight[tap][c] + bias[c]);
// taps outside the image are left out of the chain.
typedef struct {
  qg_window window;
  const float *in;
  const float *weights;  // [kernel_height * kernel_width][channels]
  const float *bias;     // [channels] or NULL
  float *out;
  qg_bounds bounds;
} qg_depthwise_f32_args;

// dot = sum over taps of (in - in_affine.zero_point) * (weight[tap][c] - weight_zero[c]); then as in
// qg_gemm_u8s8_args. Taps outside the image add nothing.
typedef struct {
  qg_window window;
  const uint8_t *in;
  qg_affine in_affine;
  const int8_t *weights;        // [taps][channels]
  const int32_t *weight_zero;   // [channels] or NULL
  const float *weight_scale;    // [channels]
  const float *bias;            // [channels] or NULL
  qg_output output;             // stride is ignored: the result is contiguous
  qg_bounds bounds;
} qg_depthwise_u8s8_args;

// Patches of an image as rows: out[(y*out_width + x)*out_stride + (ky*kernel_width + kx)*channels + c].
// Positions outside the image become `fill` (+0 for fp32, the zero point for uint8). Elements of a row
// past kernel_height*kernel_width*channels are not written.
// Transposed: tap (ky, kx) of output (y, x) reads row (y + padding_top - ky * dilation_height) /
// stride_height where that is a whole number of a row of the image, and columns alike; `fill` elsewhere.
typedef struct {
  qg_window window;
  const void *in;
  void *out;
  ptrdiff_t out_stride;  // elements
  uint8_t fill;          // uint8 only
  int transposed;        // strides are those of the image in the result
} qg_patches_args;

#include "sequence.h"
#include "cells.h"
#include "dense.h"
#include "groups.h"
#include "convolution.h"

typedef struct {
  qg_isa isa;
  void (*gemm_f32)(const qg_gemm_f32_args *);
  void (*gemm_u8s8)(const qg_gemm_u8s8_args *);
  void (*gemm_u8u4)(const qg_gemm_u8u4_args *);
  void (*depthwise_f32)(const qg_depthwise_f32_args *);
  void (*depthwise_u8s8)(const qg_depthwise_u8s8_args *);
  void (*patches_f32)(const qg_patches_args *);
  void (*patches_u8)(const qg_patches_args *);
  // out[i] = quantized x[i], clamped to 0...255.
  void (*quantize_u8)(const float *x, ptrdiff_t count, qg_affine affine, uint8_t *out);
  // out[i] = (float)(q[i] - zero_point) * scale.
  void (*dequantize_u8)(const uint8_t *q, ptrdiff_t count, qg_affine affine, float *out);
  // minimum and maximum of x; both are +0 when count is 0. Any NaN makes both NaN; a zero is +0.
  void (*range_f32)(const float *x, ptrdiff_t count, float *minimum, float *maximum);
  // out[i] = clamp(a[i] + b[i]).
  void (*add_f32)(const float *a, const float *b, ptrdiff_t count, qg_bounds bounds, float *out);
  // y = fma((float)(a - za), sa, (float)(b - zb) * sb), clamped, quantized with `out_affine`.
  void (*add_u8)(const uint8_t *a, qg_affine a_affine, const uint8_t *b, qg_affine b_affine,
                 ptrdiff_t count, qg_bounds bounds, qg_affine out_affine, uint8_t *out);
  // out[i] = clamp(a[i] * b[i]).
  void (*multiply_f32)(const float *a, const float *b, ptrdiff_t count, qg_bounds bounds,
                       float *out);
  // y = (float)((a - za) * (b - zb)) * (sa * sb), clamped, quantized with `out_affine`.
  void (*multiply_u8)(const uint8_t *a, qg_affine a_affine, const uint8_t *b, qg_affine b_affine,
                      ptrdiff_t count, qg_bounds bounds, qg_affine out_affine, uint8_t *out);
  // out[i] = function(x[i]): functions.h. out may be x.
  void (*apply_f32)(const float *x, ptrdiff_t count, qg_function function, float *out);
  // out[i] = clamp(x[i]).
  void (*clamp_f32)(const float *x, ptrdiff_t count, qg_bounds bounds, float *out);
  void (*clamp_u8)(const uint8_t *x, ptrdiff_t count, uint8_t lower, uint8_t upper, uint8_t *out);
  // Largest value per window and channel; positions outside the image are ignored (none inside: -inf,
  // or code 0). A NaN inside the window gives NaN; of two equal zeros the first stays.
  void (*max_pool_f32)(const qg_window *window, const float *in, float *out);
  void (*max_pool_u8)(const qg_window *window, const uint8_t *in, uint8_t *out);
  // Sum in row-major order of the positions inside the image (plain additions from +0), divided by
  // their number (none inside: NaN).
  void (*average_pool_f32)(const qg_window *window, const float *in, float *out);
  // y = ((float)sum of (in - zero_point) * scale) / number of positions, quantized with `out_affine`.
  void (*average_pool_u8)(const qg_window *window, const uint8_t *in, qg_affine in_affine,
                          qg_affine out_affine, uint8_t *out);
  // Softmax of `rows` vectors of `count` values: subtract the maximum, cm_expf, sum in 16 lanes
  // (element i goes to lane i % 16, ascending) combined as lanes 8 apart, then 4, 2, 1; divide.
  // A row with a NaN or +inf, or of -inf alone, becomes NaN throughout. out may be x.
  void (*softmax_f32)(const float *x, ptrdiff_t rows, ptrdiff_t count, float *out);

  // Encoders: encode.h.
  ptrdiff_t (*encode_q4_0)(const float *x, ptrdiff_t blocks, qg_block_q4_0 *out);
  ptrdiff_t (*encode_q8_0)(const float *x, ptrdiff_t blocks, qg_block_q8_0 *out);
  ptrdiff_t (*encode_q4_k)(const float *x, ptrdiff_t blocks, qg_block_q4_k *out);

  // Sequence models: contracts in sequence.h.
  void (*rms_norm_f32)(const qg_norm_args *);
  void (*layer_norm_f32)(const qg_norm_args *);
  void (*rope_f32)(const qg_rope_args *);
  void (*gelu_f32)(const float *x, ptrdiff_t count, qg_gelu_form form, float *out);
  // out[i] = x[i] / (1 + cm_expf(-x[i])).
  void (*silu_f32)(const float *x, ptrdiff_t count, float *out);
  // out[i] = silu(gate[i]) * up[i]: the gate of SwiGLU.
  void (*silu_times_f32)(const float *gate, const float *up, ptrdiff_t count, float *out);
  void (*embedding)(const qg_embedding_args *);
  void (*quantize_rows_u8)(const qg_quantize_rows_args *);
  // Half to even; beyond the largest number infinity; NaN is 0x7e00, 0x7fc0.
  void (*encode_f16)(const float *x, ptrdiff_t count, uint16_t *out);
  void (*encode_bf16)(const float *x, ptrdiff_t count, uint16_t *out);
  void (*decode_f16)(const uint16_t *codes, ptrdiff_t count, float *out);
  void (*decode_bf16)(const uint16_t *codes, ptrdiff_t count, float *out);
  void (*kv_append)(const qg_kv_append_args *);
  void (*attention)(const qg_attention_args *);

  // Recurrent layers: cells.h.
  void (*lstm_cell_f32)(const qg_cell_args *);
  void (*gru_cell_f32)(const qg_cell_args *);

  // Dense products: dense.h.
  void (*gemm_bf16)(const qg_gemm_bf16_args *);
  void (*gemm_s8s8)(const qg_gemm_s8s8_args *);

  // Group-scaled weights: groups.h.
  void (*gemm_u8s8g)(const qg_gemm_u8s8g_args *);
  void (*gemm_u8_q4_0)(const qg_gemm_blocks_args *);
  void (*gemm_u8_q8_0)(const qg_gemm_blocks_args *);
  void (*gemm_u8_mxfp4)(const qg_gemm_blocks_args *);
  void (*gemm_u8_q4_k)(const qg_gemm_blocks_args *);
  void (*gemm_u8_q6_k)(const qg_gemm_blocks_args *);
  void (*gemm_u8_nf4)(const qg_gemm_blocks_args *);

  // Direct convolutions: convolution.h.
  void (*convolution_f32)(const qg_convolution_f32_args *);
  void (*convolution_u8s8)(const qg_convolution_u8s8_args *);
} qg_kernels;

// The best instruction set this processor and operating system support, within the limit.
qg_isa qg_isa_detect(void);
// Makes `isa` the best set of this process; 0 when the processor lacks it. For the start of a program,
// before it has threads.
int qg_isa_limit(qg_isa isa);
// Its name: "scalar", "avx2", "avx512", "avx512-vnni", "neon", "neon-dotprod".
const char *qg_isa_name(qg_isa isa);
// 1 and the set called `name`, or 0 for an unknown name.
int qg_isa_named(const char *name, qg_isa *isa);
// The kernels of one set; 0 when the processor lacks it.
int qg_kernels_for(qg_isa isa, qg_kernels *kernels);
// The name of the table's member `index`, in the order of kernels.inc; NULL beyond the last one.
const char *qg_kernel_name(size_t index);

// Packing. Sizes in elements/bytes of the packed form; [N padded] means rounded up to QG_PANEL.
size_t qg_packed_f32_count(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_s8_bytes(ptrdiff_t n, ptrdiff_t k);
size_t qg_packed_u4_bytes(ptrdiff_t n, ptrdiff_t k, ptrdiff_t group);
// b[n, k] at b[n * n_stride + k * k_stride].
void qg_pack_f32(const float *b, ptrdiff_t n, ptrdiff_t k, ptrdiff_t n_stride, ptrdiff_t k_stride,
                 float *panels);
void qg_pack_s8(const int8_t *w, ptrdiff_t n, ptrdiff_t k, int8_t *panels, int32_t *weight_sums);
// `codes` [n, k] hold 0...15. scale, zero: [n][G].
void qg_pack_u4(const uint8_t *codes, const float *scale, const uint8_t *zero, ptrdiff_t n,
                ptrdiff_t k, ptrdiff_t group, uint8_t *panels);

#include "limits.h"

#endif
