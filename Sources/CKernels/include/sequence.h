#ifndef CKERNELS_SEQUENCE_H
#define CKERNELS_SEQUENCE_H

// Argument structs of the kernels for sequence models; CKernels.h, which includes this, has the rules
// that hold for all kernels. A sum "in 16 lanes" adds element i to lane i % 16, ascending, from +0, and
// combines lanes 8 apart, then 4, 2, 1. Threads split rows, tokens, elements, or pairs of attention.

#include <stddef.h>
#include <stdint.h>

// How numbers of a table or cache are stored. f16 and bf16 are read exactly and rounded half to even.
typedef enum {
  QG_F32 = 0,
  QG_F16 = 1,   // IEEE 754 binary16
  QG_BF16 = 2,  // the upper half of an fp32
  QG_S8 = 3,    // int8 codes, value = code * scale
} qg_storage;

// For each of `rows` vectors of `count` values:
// RMS:   r = 1 / sqrt(S / count + epsilon), S = sum in 16 lanes by fma of x * x;
//        y = (x * r) * weight
// layer: mean = (sum in 16 lanes of x) / count, d = x - mean,
//        r = 1 / sqrt(V / count + epsilon), V = sum in 16 lanes by fma of d * d;
//        y = fma(d * r, weight, bias)
// NULL weight: no multiplication by it. NULL bias: none is added (y = (d * r) * weight). RMS adds its
// bias, where there is one, in the same way: fma(x * r, weight, bias). bias needs weight. out may be x.
typedef struct {
  ptrdiff_t rows, count;
  const float *x;
  ptrdiff_t x_stride;  // elements between rows
  float epsilon;
  const float *weight;  // [count] or NULL
  const float *bias;    // [count] or NULL
  float *out;
  ptrdiff_t out_stride;
} qg_norm_args;

// Which elements of a head are turned together: pair i of rotary / 2.
typedef enum {
  QG_ROPE_INTERLEAVED = 0,  // 2 i and 2 i + 1: GPT-J, Llama's own checkpoints, GGUF "norm"
  QG_ROPE_HALVES = 1,       // i and i + rotary / 2: GPT-NeoX, Hugging Face
} qg_rope_pairing;

// Turns the first `rotary` (even, at most head_dim) elements of every head of every token; the rest is
// copied. With c and s of row positions[token] of the tables:
//   a' = fma(a, c, -(b * s));  b' = fma(b, c, a * s)
// out may be x.
typedef struct {
  ptrdiff_t tokens, heads, head_dim, rotary;
  qg_rope_pairing pairing;
  const int32_t *positions;  // [tokens], 0..<table_rows
  ptrdiff_t table_rows;
  const float *cosines, *sines;  // [table_rows][rotary / 2]
  const float *x;                // heads of a token are contiguous
  ptrdiff_t x_stride;            // elements between tokens
  float *out;
  ptrdiff_t out_stride;
} qg_rope_args;

// What the tables hold: for position p of [first, first + rows) and pair i of rotary / 2, in double,
//   angle  = p * position_scale * (base ^ (-2 i / rotary) / frequency_divisors[i])
//   cosine = (float)(cos(angle) * magnitude), sine alike
// with cm_pow, cm_cos and cm_sin. Linear scaling by f has position_scale 1 / f; Llama 3, LongRoPE and
// YaRN are frequency_divisors, and YaRN's and LongRoPE's attention factor is the magnitude.
typedef struct {
  ptrdiff_t first, rows, rotary;
  double base;
  double position_scale;             // 1: none
  const double *frequency_divisors;  // [rotary / 2] or NULL for 1
  double magnitude;                  // 1: none
} qg_rope_table_args;

// cosines, sines: [rows][rotary / 2].
void qg_rope_tables(const qg_rope_table_args *t, float *cosines, float *sines);

// GELU(x) = x Phi(x). Both are fp32 formulas with the steps of cm_expf:
// tanh form: u = fma(0.044715f * x, x * x, x);
//            y = x / (1 + expf(-2 sqrt(2/pi) * u)), which equals x (1 + tanh(sqrt(2/pi) u)) / 2
// erf form:  a = min(|x|, 15); y = max(x, 0) - a * (tail of the normal distribution beyond a), by the
//            steps in activations/gelu.h; within 7 ulp, in the negative tail too.
// The erf form of -inf is +0; the tanh form and SiLU of -inf are NaN (-inf / inf).
typedef enum {
  QG_GELU_ERF = 0,
  QG_GELU_TANH = 1,
} qg_gelu_form;

// out[i] = values of row ids[i]; every id is in 0..<rows (asserted).
typedef struct {
  qg_storage storage;
  const void *table;  // [rows][columns]
  ptrdiff_t rows, columns;
  const float *row_scale;  // [rows], QG_S8 only: value = (float)code * scale
  const int32_t *ids;      // [count]
  ptrdiff_t count;
  float *out;
  ptrdiff_t out_stride;
} qg_embedding_args;

// Dynamic quantization: every row gets the affine of its own range (range_f32), then quantize_u8.
//   symmetric:  scale = max(-minimum, maximum) / 127, zero point 128
//   asymmetric: low = min(minimum, 0), high = max(maximum, 0); scale = (high - low) / 255, or
//               high / 255 - low / 255 where high - low overflows;
//               zero point = round_half_even(-low / scale), clamped to 0...255
// A scale below FLT_MIN is raised to it; a row of zeros has the scale 1 (zero point 128 or 0). Where the
// range is not finite, the scale is NaN, the zero point 0 and every code 0: sums over such a row are NaN.
// The same parameters as CodeRange.uint8.parameters of the module NumberFormats gives.
typedef struct {
  ptrdiff_t rows, count;
  const float *x;
  ptrdiff_t x_stride;
  int symmetric;
  qg_affine *affines;  // [rows]
  uint8_t *codes;
  ptrdiff_t codes_stride;  // codes past count are not written
} qg_quantize_rows_args;

// Keys and values of past tokens, of one layer and one sequence. storage is fp32, f16 or int8.
//   keys:   [kv_heads][capacity / 16][head_dim][16], so that scores vectorise over positions:
//           element d of position p is at ((p / 16) * head_dim + d) * 16 + p % 16 of its head
//   values: [kv_heads][capacity][head_dim]
//   scales: [kv_heads][capacity], QG_S8 only: one per token and head
// capacity is a multiple of 16. What lies at positions not yet appended does not matter.
typedef struct {
  qg_storage storage;
  ptrdiff_t kv_heads, head_dim, capacity;
  void *keys, *values;
  float *key_scales, *value_scales;
} qg_kv_cache;

// Bytes of keys, or of values.
size_t qg_kv_cache_bytes(const qg_kv_cache *cache);

// Writes `tokens` tokens from `position` on. int8: scale = (max |x|) / 127, or 1 where that is 0; code
// = round_half_even(x / scale), within -127...127. A vector with a NaN or an infinity has the scale NaN
// and codes 0. Threads split tokens.
typedef struct {
  const qg_kv_cache *cache;
  ptrdiff_t position, tokens;
  const float *keys, *values;  // [tokens][kv_heads][head_dim]
  ptrdiff_t stride;            // elements between tokens, of both
} qg_kv_append_args;

// Attention of `queries` x `heads` query vectors over the first `positions` positions of a cache.
// Query head h reads head h / (heads / kv_heads). Query i stands at position offset + i and sees
// [begin, end): end = positions, or, when causal, at most its own position + 1; begin = 0, or, with a
// window of w > 0 (causal only), its own position - w + 1. One that sees nothing gives +0.
//   score[p] = (fma-chain over d ascending of query[d] * key[p][d]) * scale
//              int8: chain over codes, then * key_scale[p], then * scale
//   e[p]     = cm_expf(score[p] - largest score); weight[p] = e[p] / (sum of e in 16 lanes, position p
//              in lane p % 16); int8: then * value_scale[p]
//   out[d]   = fma-chain over p ascending of weight[p] * value[p][d]
// A visible score that is NaN or +inf, or all of them -inf, makes the whole output NaN.
// Pairs are numbered (kv_head * queries + query) * group + head in group, so that neighbours share
// keys; a call computes [pair_begin, pair_end). Each thread has its own scratch.
typedef struct {
  const qg_kv_cache *cache;
  ptrdiff_t positions;  // filled, at most the capacity
  ptrdiff_t queries, heads;
  ptrdiff_t offset;  // position of query 0; offset + i >= 0
  int causal;
  ptrdiff_t window;  // 0: unlimited
  float scale;
  const float *query;  // [queries][heads][head_dim]
  ptrdiff_t query_stride;  // elements between queries
  float *out;              // [queries][heads][head_dim]
  ptrdiff_t out_stride;
  ptrdiff_t pair_begin, pair_end;  // of queries * heads
  float *scratch;                  // qg_attention_scratch(positions) floats
} qg_attention_args;

// Floats of scratch: 8 rows of scores, each `positions` rounded up to 16.
size_t qg_attention_scratch(ptrdiff_t positions);

#endif
