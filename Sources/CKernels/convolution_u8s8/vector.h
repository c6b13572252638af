// The convolution on tiles of output pixels × panels; after lanes/<isa>.h. Outside the image lies the
// zero point, so that, over a whole patch of K codes,
//   sum (a - za) * (w - zw) = sum a * w - za * (sum w - K * zw) - zw * sum a

#include "../lanes/border.h"
#include "../lanes/finish.h"

#if QG_REGISTERS == 32
enum { tile_rows = 8, tile_panels = 2 };
#else
enum { tile_rows = 4, tile_panels = 1 };
#endif
enum { chunk = 256 };  // codes of a kernel row that are gathered at once at the image's border

// The sum of one patch's codes.
static int32_t sum_of_patch(const qg_convolution_u8s8_args *g, ptrdiff_t pixel) {
  const qg_window *w = &g->window;
  qg_taps rows = qg_rows_of(w, pixel / w->out_width);
  qg_taps columns = qg_columns_of(w, pixel % w->out_width);
  ptrdiff_t inside = (columns.end - columns.begin) * w->channels;
  uint32_t sum = 0;
  for (ptrdiff_t row = 0; row < rows.end - rows.begin; row++) {
    const uint8_t *in = g->in + ((rows.first + row) * w->width + columns.first) * w->channels;
    for (ptrdiff_t i = 0; i < inside; i++) sum += in[i];
  }
  ptrdiff_t outside = w->kernel_height * w->kernel_width * w->channels -
                      (rows.end - rows.begin) * inside;
  return (int32_t)(sum + (uint32_t)outside * (uint32_t)g->in_affine.zero_point);
}

QG_INLINE void finish(const qg_convolution_u8s8_args *g, ptrdiff_t pixel, ptrdiff_t first,
                      v_s32 dot) {
  const qg_window *w = &g->window;
  ptrdiff_t lanes = g->outputs - first;
  v_s32 sums = v_load_some_s32(g->weight_sums + first, lanes);
  if (g->weight_zero) {
    v_s32 zeros = v_load_some_s32(g->weight_zero + first, lanes);
    int32_t length = (int32_t)(w->kernel_height * w->kernel_width * w->channels);
    sums = v_sub_s32(sums, v_mul_s32(v_splat_s32(length), zeros));
    dot = v_sub_s32(dot, v_mul_s32(v_splat_s32(sum_of_patch(g, pixel)), zeros));
  }
  dot = v_sub_s32(dot, v_mul_s32(v_splat_s32(g->in_affine.zero_point), sums));
  v_f32 scale = v_mul(v_splat(g->in_affine.scale), v_load_some(g->weight_scale + first, lanes));
  v_f32 y = v_scaled(dot, scale, g->bias, first, lanes);
  v_output(&g->output, pixel * g->output.stride + first, y, lanes, g->bounds);
}

// `count` quads of a[r * a_stride + ...] against weights b.
QG_INLINE void add_quads(v_s32 sum[tile_rows][tile_panels], const uint8_t *a, ptrdiff_t a_stride,
                         const int8_t *b, ptrdiff_t panel, ptrdiff_t count, const int rows,
                         const int panels) {
  for (ptrdiff_t k = 0; k < count; k++) {
    v_bytes w[tile_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) w[p] = v_load_weights(b + p * panel + k * (4 * QG_PANEL));
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_codes x = v_splat_codes(v_four(a + r * a_stride + 4 * k));
#pragma unroll
      for (int p = 0; p < panels; p++) sum[r][p] = v_dot(sum[r][p], x, w[p]);
    }
  }
}

QG_INLINE void tile(const qg_convolution_u8s8_args *g, ptrdiff_t pixel, ptrdiff_t n, const int rows,
                    const int panels, const int inside) {
  const qg_window *w = &g->window;
  v_s32 sum[tile_rows][tile_panels];
  ptrdiff_t quads = qg_groups(w->kernel_width * w->channels, 4);
  ptrdiff_t panel = w->kernel_height * quads * (4 * QG_PANEL);
  const int8_t *b = g->panels + n / QG_PANEL * panel;
  ptrdiff_t y = pixel / w->out_width * w->stride_height - w->padding_top;
  ptrdiff_t x = pixel % w->out_width * w->stride_width - w->padding_left;
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sum[r][p] = v_splat_s32(0);
  }
  for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++) {
    if (inside) {
      const uint8_t *a = g->in + ((y + ky) * w->width + x) * w->channels;
      add_quads(sum, a, w->stride_width * w->channels, b, panel, quads, rows, panels);
      b += quads * (4 * QG_PANEL);
      continue;
    }
    for (ptrdiff_t from = 0; from < quads * 4; from += chunk) {
      uint8_t a[tile_rows][chunk];
      ptrdiff_t count = qg_smaller(chunk, quads * 4 - from);
      for (int r = 0; r < rows; r++) {
        gather(w, g->in, 1, pixel + r, ky, from, count, g->in_affine.zero_point, a[r]);
      }
      add_quads(sum, a[0], chunk, b, panel, count / 4, rows, panels);
      b += count * QG_PANEL;
    }
  }
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) finish(g, pixel + r, n + p * QG_PANEL, sum[r][p]);
  }
}

#define QG_ARGUMENTS qg_convolution_u8s8_args
#include "../lanes/pixels.h"

void QG_NAME(convolution_u8s8)(const qg_convolution_u8s8_args *g) {
  // The last quad of a kernel row may reach past it.
  ptrdiff_t length = g->window.kernel_width * g->window.channels;
  run_convolution(g, qg_groups(length, 4) * 4 - length);
}
