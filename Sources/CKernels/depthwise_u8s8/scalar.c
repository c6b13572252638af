#include "../scalar.h"

static int32_t dot(const qg_depthwise_u8s8_args *d, qg_taps rows, qg_taps columns, ptrdiff_t c) {
  const qg_window *w = &d->window;
  int32_t weight_zero = d->weight_zero ? d->weight_zero[c] : 0;
  int32_t sum = 0;
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t in_row = (rows.first + (ky - rows.begin) * rows.step) * w->width;
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      ptrdiff_t at = in_row + columns.first + (kx - columns.begin) * columns.step;
      int32_t weight = d->weights[(ky * w->kernel_width + kx) * w->channels + c] - weight_zero;
      int32_t value = d->in[at * w->channels + c] - d->in_affine.zero_point;
      sum = qg_wrapping_sum(sum, qg_wrapping_product(value, weight));
    }
  }
  return sum;
}

void qg_depthwise_u8s8_scalar(const qg_depthwise_u8s8_args *d) {
  const qg_window *w = &d->window;
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      qg_taps columns = qg_columns_of(w, x);
      ptrdiff_t at = (y * w->out_width + x) * w->channels;
      for (ptrdiff_t c = 0; c < w->channels; c++) {
        float scale = d->in_affine.scale * d->weight_scale[c];
        float value = qg_scaled(dot(d, rows, columns, c), scale, d->bias, c);
        qg_store(&d->output, at + c, value, d->bounds);
      }
    }
  }
}
