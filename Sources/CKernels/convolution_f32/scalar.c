#include "../scalar.h"

// The chain of one output; panels are [panel][kernel row, column, channel][16].
static float chain(const qg_convolution_f32_args *g, ptrdiff_t y, ptrdiff_t x, ptrdiff_t n) {
  const qg_window *w = &g->window;
  ptrdiff_t length = w->kernel_height * w->kernel_width * w->channels;
  const float *weight = g->panels + n / QG_PANEL * length * QG_PANEL + n % QG_PANEL;
  float sum = 0;
  for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++) {
    for (ptrdiff_t kx = 0; kx < w->kernel_width; kx++) {
      ptrdiff_t in_y = y * w->stride_height - w->padding_top + ky;
      ptrdiff_t in_x = x * w->stride_width - w->padding_left + kx;
      int inside = in_y >= 0 && in_y < w->height && in_x >= 0 && in_x < w->width;
      for (ptrdiff_t c = 0; c < w->channels; c++, weight += QG_PANEL) {
        float value = inside ? g->in[(in_y * w->width + in_x) * w->channels + c] : 0;
        sum = __builtin_fmaf(value, *weight, sum);
      }
    }
  }
  return sum;
}

void qg_convolution_f32_scalar(const qg_convolution_f32_args *g) {
  const qg_window *w = &g->window;
  assert(w->dilation_height == 1 && w->dilation_width == 1);
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      float *out = g->out + (y * w->out_width + x) * g->out_stride;
      for (ptrdiff_t n = 0; n < g->outputs; n++) {
        float sum = chain(g, y, x, n);
        out[n] = qg_clamp(g->bias ? sum + g->bias[n] : sum, g->bounds);
      }
    }
  }
}
