// Windows of any size, sixteen channels at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

QG_INLINE void channels_at(const qg_depthwise_u8s8_args *d, qg_taps rows, qg_taps columns,
                           ptrdiff_t c, ptrdiff_t n, ptrdiff_t out) {
  const qg_window *w = &d->window;
  v_s32 zero_point = v_splat_s32(d->in_affine.zero_point);
  v_s32 weight_zero = d->weight_zero ? v_load_some_s32(d->weight_zero + c, n) : v_splat_s32(0);
  v_s32 dot = v_splat_s32(0);
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t at = (rows.first + (ky - rows.begin) * rows.step) * w->width + columns.first;
    const uint8_t *in = d->in + at * w->channels + c;
    const int8_t *weights = d->weights + (ky * w->kernel_width + columns.begin) * w->channels + c;
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      v_s32 value = v_sub_s32(v_load_some_u8(in, n), zero_point);
      v_s32 weight = v_sub_s32(v_load_some_s8(weights, n), weight_zero);
      dot = v_add_s32(dot, v_mul_s32(value, weight));
      in += columns.step * w->channels;
      weights += w->channels;
    }
  }
  v_f32 scale = v_mul(v_splat(d->in_affine.scale), v_load_some(d->weight_scale + c, n));
  v_output(&d->output, out + c, v_scaled(dot, scale, d->bias, c, n), n, d->bounds);
}

static void run_anyhow(const qg_depthwise_u8s8_args *d) {
  const qg_window *w = &d->window;
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      qg_taps columns = qg_columns_of(w, x);
      ptrdiff_t out = (y * w->out_width + x) * w->channels;
      ptrdiff_t c = 0;
      for (; c + QG_PANEL <= w->channels; c += QG_PANEL) {
        channels_at(d, rows, columns, c, QG_PANEL, out);
      }
      if (c < w->channels) channels_at(d, rows, columns, c, w->channels - c, out);
    }
  }
}
