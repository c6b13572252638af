// The convolution on tiles of output pixels × panels; after lanes/<isa>.h.

#include "../lanes/border.h"
#include "../lanes/finish.h"

#if QG_REGISTERS == 32
enum { tile_rows = 8, tile_panels = 2 };
#else
enum { tile_rows = 6, tile_panels = 1 };
#endif
enum { chunk = 64 };  // elements of a kernel row that are gathered at once at the image's border

// `count` steps of the chains: a[r * a_stride + k] against weights b.
QG_INLINE void add_steps(v_f32 sum[tile_rows][tile_panels], const float *a, ptrdiff_t a_stride,
                         const float *b, ptrdiff_t panel, ptrdiff_t count, const int rows,
                         const int panels) {
  for (ptrdiff_t k = 0; k < count; k++) {
    v_f32 w[tile_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) w[p] = v_load(b + p * panel + k * QG_PANEL);
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_f32 x = v_splat(a[r * a_stride + k]);
#pragma unroll
      for (int p = 0; p < panels; p++) sum[r][p] = v_fma(x, w[p], sum[r][p]);
    }
  }
}

QG_INLINE void tile(const qg_convolution_f32_args *g, ptrdiff_t pixel, ptrdiff_t n, const int rows,
                    const int panels, const int inside) {
  const qg_window *w = &g->window;
  v_f32 sum[tile_rows][tile_panels];
  ptrdiff_t length = w->kernel_width * w->channels;
  ptrdiff_t panel = w->kernel_height * length * QG_PANEL;
  const float *b = g->panels + n / QG_PANEL * panel;
  ptrdiff_t y = pixel / w->out_width * w->stride_height - w->padding_top;
  ptrdiff_t x = pixel % w->out_width * w->stride_width - w->padding_left;
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sum[r][p] = v_splat(0);
  }
  for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++) {
    if (inside) {
      const float *a = g->in + ((y + ky) * w->width + x) * w->channels;
      add_steps(sum, a, w->stride_width * w->channels, b, panel, length, rows, panels);
      b += length * QG_PANEL;
      continue;
    }
    for (ptrdiff_t from = 0; from < length; from += chunk) {
      float a[tile_rows][chunk];
      ptrdiff_t count = qg_smaller(chunk, length - from);
      for (int r = 0; r < rows; r++) {
        gather(w, g->in, sizeof(float), pixel + r, ky, from, count, 0, (uint8_t *)a[r]);
      }
      add_steps(sum, a[0], chunk, b, panel, count, rows, panels);
      b += count * QG_PANEL;
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) {
      ptrdiff_t first = n + p * QG_PANEL;
      ptrdiff_t lanes = g->outputs - first;
      v_f32 out = sum[r][p];
      if (g->bias) out = v_add(out, v_load_some(g->bias + first, lanes));
      v_store_some(g->out + (pixel + r) * g->out_stride + first, v_clamp(out, g->bounds), lanes);
    }
  }
}

#define QG_ARGUMENTS qg_convolution_f32_args
#include "../lanes/pixels.h"

void QG_NAME(convolution_f32)(const qg_convolution_f32_args *g) { run_convolution(g, 0); }
