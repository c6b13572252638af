#include "../scalar.h"

// The dot product of one output; panels are [panel][kernel row][quad][16][4].
static int32_t dot(const qg_convolution_u8s8_args *g, ptrdiff_t y, ptrdiff_t x, ptrdiff_t n) {
  const qg_window *w = &g->window;
  ptrdiff_t quads = qg_groups(w->kernel_width * w->channels, 4);
  const int8_t *panel = g->panels + n / QG_PANEL * (w->kernel_height * quads * 4 * QG_PANEL);
  int32_t weight_zero = g->weight_zero ? g->weight_zero[n] : 0;
  qg_taps rows = qg_rows_of(w, y);
  qg_taps columns = qg_columns_of(w, x);
  int32_t sum = 0;
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t in_row = (rows.first + ky - rows.begin) * w->width;
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      ptrdiff_t at = (in_row + columns.first + kx - columns.begin) * w->channels;
      for (ptrdiff_t c = 0; c < w->channels; c++) {
        ptrdiff_t i = kx * w->channels + c;
        int8_t weight = panel[(ky * quads + i / 4) * (4 * QG_PANEL) + n % QG_PANEL * 4 + i % 4];
        int32_t product =
            qg_wrapping_product(g->in[at + c] - g->in_affine.zero_point, weight - weight_zero);
        sum = qg_wrapping_sum(sum, product);
      }
    }
  }
  return sum;
}

void qg_convolution_u8s8_scalar(const qg_convolution_u8s8_args *g) {
  const qg_window *w = &g->window;
  assert(w->dilation_height == 1 && w->dilation_width == 1);
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      ptrdiff_t at = (y * w->out_width + x) * g->output.stride;
      for (ptrdiff_t n = 0; n < g->outputs; n++) {
        float scale = g->in_affine.scale * g->weight_scale[n];
        qg_store(&g->output, at + n, qg_scaled(dot(g, y, x, n), scale, g->bias, n), g->bounds);
      }
    }
  }
}
