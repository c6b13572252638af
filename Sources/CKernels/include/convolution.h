#ifndef CKERNELS_CONVOLUTION_H
#define CKERNELS_CONVOLUTION_H

// Dense convolutions that read the image where it lies: the bits of patches followed by a product,
// without the patches. Included by CKernels.h.

// out[y, x, n] = clamp(fma-chain over kernel rows, columns, then channels of in * w + bias[n]);
// positions outside the image take part as +0.
// `panels`: qg_pack_f32 with k = kernel_height * kernel_width * channels.
typedef struct {
  qg_window window;
  const float *in;
  ptrdiff_t outputs;
  const float *panels;
  const float *bias;     // [outputs] or NULL
  float *out;
  ptrdiff_t out_stride;  // elements between pixels of the result
  qg_bounds bounds;
} qg_convolution_f32_args;

// dot = sum over taps and channels of (in - in_affine.zero_point) * (w - weight_zero[n]), taps outside
// the image adding nothing; then as in qg_gemm_u8s8_args.
// `panels`: qg_pack_convolution_s8. Everything per output is padded as for qg_gemm_u8s8_args.
typedef struct {
  qg_window window;
  const uint8_t *in;
  qg_affine in_affine;
  ptrdiff_t outputs;
  const int8_t *panels;
  const int32_t *weight_sums;
  const int32_t *weight_zero;  // or NULL for all zero
  const float *weight_scale;
  const float *bias;           // or NULL
  qg_output output;            // stride: elements between pixels of the result
  qg_bounds bounds;
} qg_convolution_u8s8_args;

// Panels [ceil(N/16)][kernel_height][ceil(kernel_width * channels / 4)][16][4]: those of qg_pack_s8
// with every kernel row filled up to whole quads of zeros.
size_t qg_packed_convolution_s8_bytes(ptrdiff_t n, const qg_window *window);
// `w`: [n, kernel_height, kernel_width, channels].
void qg_pack_convolution_s8(const int8_t *w, ptrdiff_t n, const qg_window *window, int8_t *panels,
                            int32_t *weight_sums);

#endif
