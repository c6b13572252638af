#ifndef CKERNELS_CONTRACT_H
#define CKERNELS_CONTRACT_H

// What every kernel file starts from: the public contract, and names of the form qg_<kernel>_<isa>,
// which the table in dispatch.c declares.

#include <assert.h>

#include "include/CKernels.h"

#pragma STDC FP_CONTRACT OFF

#define QG_JOIN_(kernel, isa) qg_##kernel##_##isa
#define QG_JOIN(kernel, isa) QG_JOIN_(kernel, isa)

#define QG_KERNEL(name, avx2, avx512, avx512_vnni, neon, neon_dotprod) \
  __typeof__(*((qg_kernels *)0)->name) QG_JOIN(name, scalar);          \
  __typeof__(*((qg_kernels *)0)->name) QG_JOIN(name, avx2);            \
  __typeof__(*((qg_kernels *)0)->name) QG_JOIN(name, avx512);          \
  __typeof__(*((qg_kernels *)0)->name) QG_JOIN(name, avx512_vnni);     \
  __typeof__(*((qg_kernels *)0)->name) QG_JOIN(name, neon);            \
  __typeof__(*((qg_kernels *)0)->name) QG_JOIN(name, neon_dotprod);
#include "kernels.inc"
#undef QG_KERNEL

// Integer sums wrap instead of overflowing: the correction terms of a zero point may pass 2^31 on
// the way to a sum that fits.
static inline int32_t qg_wrapping_sum(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t qg_wrapping_product(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a * (uint32_t)b);
}

static inline ptrdiff_t qg_smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

static inline ptrdiff_t qg_groups(ptrdiff_t count, ptrdiff_t size) {
  return (count + size - 1) / size;
}

// The positions of one window axis that lie inside the image: taps [begin, end), the first of which
// reads image position `first`, and each further one `step` positions on.
typedef struct {
  ptrdiff_t begin, end, first, step;
} qg_taps;

static inline qg_taps qg_taps_of(ptrdiff_t origin, ptrdiff_t step, ptrdiff_t kernel,
                                 ptrdiff_t extent) {
  ptrdiff_t begin = origin < 0 ? qg_groups(-origin, step) : 0;
  ptrdiff_t end = origin < extent ? qg_smaller(kernel, qg_groups(extent - origin, step)) : 0;
  if (begin > end) begin = end = 0;
  return (qg_taps){begin, end, origin + begin * step, step};
}

static inline qg_taps qg_rows_of(const qg_window *w, ptrdiff_t y) {
  return qg_taps_of(y * w->stride_height - w->padding_top, w->dilation_height, w->kernel_height,
                    w->height);
}

static inline qg_taps qg_columns_of(const qg_window *w, ptrdiff_t x) {
  return qg_taps_of(x * w->stride_width - w->padding_left, w->dilation_width, w->kernel_width,
                    w->width);
}

#endif
