// Sixteen channels at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

QG_INLINE void channels_at(const qg_depthwise_f32_args *d, qg_taps rows, qg_taps columns,
                           ptrdiff_t c, ptrdiff_t n, float *out) {
  const qg_window *w = &d->window;
  v_f32 sum = v_splat(0);
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t at = (rows.first + ky - rows.begin) * w->width + columns.first;
    const float *in = d->in + at * w->channels + c;
    const float *weights = d->weights + (ky * w->kernel_width + columns.begin) * w->channels + c;
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      sum = v_fma(v_load_some(in, n), v_load_some(weights, n), sum);
      in += w->channels;
      weights += w->channels;
    }
  }
  if (d->bias) sum = v_add(sum, v_load_some(d->bias + c, n));
  v_store_some(out + c, v_clamp(sum, d->bounds), n);
}

void QG_NAME(depthwise_f32)(const qg_depthwise_f32_args *d) {
  const qg_window *w = &d->window;
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      qg_taps columns = qg_columns_of(w, x);
      float *out = d->out + (y * w->out_width + x) * w->channels;
      ptrdiff_t c = 0;
      for (; c + QG_PANEL <= w->channels; c += QG_PANEL) {
        channels_at(d, rows, columns, c, QG_PANEL, out);
      }
      if (c < w->channels) channels_at(d, rows, columns, c, w->channels - c, out);
    }
  }
}
