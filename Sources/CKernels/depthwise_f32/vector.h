// Sixteen channels at a time, of several outputs of a row where no tap of theirs leaves the image on
// the left or right; after lanes/<isa>.h. Every output's chain has the same order either way.

#include "../lanes/finish.h"

#if QG_REGISTERS == 32
enum { run_length = 8 };
#else
enum { run_length = 4 };
#endif

QG_INLINE void store_channels(const qg_depthwise_f32_args *d, v_f32 sum, ptrdiff_t c, ptrdiff_t n,
                              float *out) {
  if (d->bias) sum = v_add(sum, v_load_some(d->bias + c, n));
  v_store_some(out + c, v_clamp(sum, d->bounds), n);
}

QG_INLINE void channels_at(const qg_depthwise_f32_args *d, qg_taps rows, qg_taps columns,
                           ptrdiff_t c, ptrdiff_t n, float *out) {
  const qg_window *w = &d->window;
  v_f32 sum = v_splat(0);
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t at = (rows.first + (ky - rows.begin) * rows.step) * w->width + columns.first;
    const float *in = d->in + at * w->channels + c;
    const float *weights = d->weights + (ky * w->kernel_width + columns.begin) * w->channels + c;
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      sum = v_fma(v_load_some(in, n), v_load_some(weights, n), sum);
      in += columns.step * w->channels;
      weights += w->channels;
    }
  }
  store_channels(d, sum, c, n, out);
}

// The taps of one kernel row, three wide, of a run at stride 1: outputs share image columns.
QG_INLINE void add_three(const float *in, const float *weights, ptrdiff_t pixel,
                         v_f32 sums[run_length]) {
  v_f32 taps[3] = {v_load(weights), v_load(weights + pixel), v_load(weights + 2 * pixel)};
#pragma unroll
  for (int column = 0; column < run_length + 2; column++) {
    v_f32 value = v_load(in + column * pixel);
#pragma unroll
    for (int kx = 2; kx >= 0; kx--) {
      int i = column - kx;
      if (i >= 0 && i < run_length) sums[i] = v_fma(value, taps[kx], sums[i]);
    }
  }
}

// Sixteen channels of run_length outputs that begin at kernel column 0 of image column x_in.
QG_INLINE void run_at(const qg_depthwise_f32_args *d, qg_taps rows, ptrdiff_t x_in, ptrdiff_t c,
                      float *out) {
  const qg_window *w = &d->window;
  v_f32 sums[run_length];
#pragma unroll
  for (int i = 0; i < run_length; i++) sums[i] = v_splat(0);
  for (ptrdiff_t ky = rows.begin; ky < rows.end; ky++) {
    ptrdiff_t at = (rows.first + (ky - rows.begin) * rows.step) * w->width + x_in;
    const float *in = d->in + at * w->channels + c;
    const float *weights = d->weights + ky * w->kernel_width * w->channels + c;
    if (w->stride_width == 1 && w->dilation_width == 1 && w->kernel_width == 3) {
      add_three(in, weights, w->channels, sums);
      continue;
    }
    for (ptrdiff_t kx = 0; kx < w->kernel_width; kx++) {
      v_f32 tap = v_load(weights + kx * w->channels);
#pragma unroll
      for (int i = 0; i < run_length; i++) {
        ptrdiff_t column = i * w->stride_width + kx * w->dilation_width;
        sums[i] = v_fma(v_load(in + column * w->channels), tap, sums[i]);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < run_length; i++) store_channels(d, sums[i], c, QG_PANEL, out + i * w->channels);
}

void QG_NAME(depthwise_f32)(const qg_depthwise_f32_args *d) {
  const qg_window *w = &d->window;
  // Runs may begin at outputs [first, last].
  ptrdiff_t first = qg_groups(w->padding_left, w->stride_width);
  ptrdiff_t reach = (w->kernel_width - 1) * w->dilation_width + 1;
  ptrdiff_t seeing = (w->width + w->padding_left - reach) / w->stride_width + 1;
  ptrdiff_t last = qg_smaller(w->out_width, seeing) - run_length;
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width;) {
      // What is left of the middle is computed as a whole run, some of it again.
      if (first <= last && x > last && x < last + run_length) x = last;
      float *out = d->out + (y * w->out_width + x) * w->channels;
      ptrdiff_t x_in = x * w->stride_width - w->padding_left;
      int is_run = x >= first && x <= last;
      int count = is_run ? run_length : 1;
      ptrdiff_t c = 0;
      for (; c + QG_PANEL <= w->channels; c += QG_PANEL) {
        if (is_run) {
          run_at(d, rows, x_in, c, out);
        } else {
          channels_at(d, rows, qg_columns_of(w, x), c, QG_PANEL, out);
        }
      }
      for (int i = 0; c < w->channels && i < count; i++) {
        channels_at(d, rows, qg_columns_of(w, x + i), c, w->channels - c, out + i * w->channels);
      }
      x += count;
    }
  }
}
