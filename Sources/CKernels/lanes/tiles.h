// Covers a product with tiles, after `tile(g, m, n, rows, panels)`, QG_ARGUMENTS, tile_rows,
// tile_panels and row_panels. Panels are the outer loop: they stay in the cache while rows pass.

// All rows against `panels` panels.
QG_INLINE void run_rows(const QG_ARGUMENTS *g, ptrdiff_t n, const int panels) {
  ptrdiff_t m = 0;
  for (; m + tile_rows <= g->m; m += tile_rows) tile(g, m, n, tile_rows, panels);
  for (; tile_rows > 4 && m + 4 <= g->m; m += 4) tile(g, m, n, 4, panels);
  for (; m + 2 <= g->m; m += 2) tile(g, m, n, 2, panels);
  if (m < g->m) tile(g, m, n, 1, panels);
}

static void run_tiles(const QG_ARGUMENTS *g) {
  ptrdiff_t n = 0;
  if (g->m == 1) {
    for (; n + row_panels * QG_PANEL <= g->n; n += row_panels * QG_PANEL) {
      tile(g, 0, n, 1, row_panels);
    }
  }
  for (; n + (tile_panels - 1) * QG_PANEL < g->n; n += tile_panels * QG_PANEL) {
    run_rows(g, n, tile_panels);
  }
  for (; tile_panels > 1 && n < g->n; n += QG_PANEL) run_rows(g, n, 1);
}
