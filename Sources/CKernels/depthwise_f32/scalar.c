#include "../scalar.h"

static float chain(const qg_depthwise_f32_args *d, qg_taps rows, qg_taps columns, ptrdiff_t c) {
  const qg_window *w = &d->window;
  float sum = 0;
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t in_row = (rows.first + (ky - rows.begin) * rows.step) * w->width;
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      ptrdiff_t at = in_row + columns.first + (kx - columns.begin) * columns.step;
      float weight = d->weights[(ky * w->kernel_width + kx) * w->channels + c];
      sum = __builtin_fmaf(d->in[at * w->channels + c], weight, sum);
    }
  }
  return sum;
}

void qg_depthwise_f32_scalar(const qg_depthwise_f32_args *d) {
  const qg_window *w = &d->window;
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      qg_taps columns = qg_columns_of(w, x);
      float *out = d->out + (y * w->out_width + x) * w->channels;
      for (ptrdiff_t c = 0; c < w->channels; c++) {
        float sum = chain(d, rows, columns, c);
        out[c] = qg_clamp(d->bias ? sum + d->bias[c] : sum, d->bounds);
      }
    }
  }
}
