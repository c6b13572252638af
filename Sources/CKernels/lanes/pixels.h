// Covers a direct convolution with tiles of output pixels × panels, after QG_ARGUMENTS, tile_rows,
// tile_panels and `tile(g, pixel, n, rows, panels, inside)`. Panels are the outer loop: they stay in
// the cache while pixels pass.

// Whether one output pixel sees the image alone, `slack` elements after every kernel row included.
static inline int sees_inside(const qg_window *w, ptrdiff_t pixel, ptrdiff_t slack) {
  ptrdiff_t y = pixel / w->out_width * w->stride_height - w->padding_top;
  ptrdiff_t x = pixel % w->out_width * w->stride_width - w->padding_left;
  if (y < 0 || x < 0 || y + w->kernel_height > w->height || x + w->kernel_width > w->width) return 0;
  ptrdiff_t end = (y + w->kernel_height - 1) * w->width + x + w->kernel_width;
  return end * w->channels + slack <= w->height * w->width * w->channels;
}

// Pixels alike in this respect from `pixel` on, at most `most`; those inside share an output row.
static ptrdiff_t run_length(const qg_window *w, ptrdiff_t pixel, ptrdiff_t most, ptrdiff_t slack) {
  int inside = sees_inside(w, pixel, slack);
  ptrdiff_t count = 1;
  while (count < most && sees_inside(w, pixel + count, slack) == inside &&
         !(inside && (pixel + count) % w->out_width == 0)) {
    count++;
  }
  return count;
}

QG_INLINE void some_pixels(const QG_ARGUMENTS *g, ptrdiff_t pixel, ptrdiff_t n, ptrdiff_t run,
                           const int panels, const int inside) {
  if (run == tile_rows) return tile(g, pixel, n, tile_rows, panels, inside);
  if (tile_rows > 4 && run >= 4) {
    tile(g, pixel, n, 4, panels, inside);
    pixel += 4;
    run -= 4;
  }
  if (run >= 2) {
    tile(g, pixel, n, 2, panels, inside);
    pixel += 2;
    run -= 2;
  }
  if (run) tile(g, pixel, n, 1, panels, inside);
}

QG_INLINE void run_pixels(const QG_ARGUMENTS *g, ptrdiff_t n, ptrdiff_t slack, const int panels) {
  const qg_window *w = &g->window;
  ptrdiff_t end = w->row_end * w->out_width;
  for (ptrdiff_t pixel = w->row_begin * w->out_width; pixel < end;) {
    ptrdiff_t run = run_length(w, pixel, qg_smaller(tile_rows, end - pixel), slack);
    if (sees_inside(w, pixel, slack)) {
      some_pixels(g, pixel, n, run, panels, 1);
    } else {
      some_pixels(g, pixel, n, run, panels, 0);
    }
    pixel += run;
  }
}

static void run_convolution(const QG_ARGUMENTS *g, ptrdiff_t slack) {
  ptrdiff_t n = 0;
  for (; n + (tile_panels - 1) * QG_PANEL < g->outputs; n += tile_panels * QG_PANEL) {
    run_pixels(g, n, slack, tile_panels);
  }
  for (; tile_panels > 1 && n < g->outputs; n += QG_PANEL) run_pixels(g, n, slack, 1);
}
