// Covers a product with tiles of up to six rows, after `tile(work, m, n, rows, panels)`, QG_WORK,
// tile_panels and row_panels. Panels are the outer loop: they stay in the cache while rows pass.

// `count` rows, at most six, against `panels` panels.
QG_INLINE void cover_some(QG_WORK *work, ptrdiff_t m, ptrdiff_t n, ptrdiff_t count,
                          const int panels) {
  switch (count) {
    case 1: tile(work, m, n, 1, panels); break;
    case 2: tile(work, m, n, 2, panels); break;
    case 3: tile(work, m, n, 3, panels); break;
    case 4: tile(work, m, n, 4, panels); break;
    case 5: tile(work, m, n, 5, panels); break;
    default: tile(work, m, n, 6, panels); break;
  }
}

QG_INLINE void cover_rows(QG_WORK *work, ptrdiff_t rows, ptrdiff_t n, const int panels) {
  for (ptrdiff_t m = 0; m < rows;) {
    ptrdiff_t left = rows - m;
    // Two tiles of nearly equal height at the end rather than a low one, which would wait for loads.
    ptrdiff_t count = left >= 12 ? 6 : left > 6 ? (left + 1) / 2 : left;
    cover_some(work, m, n, count, panels);
    m += count;
  }
}

static void cover(QG_WORK *work, ptrdiff_t rows, ptrdiff_t outputs) {
  ptrdiff_t n = 0;
  if (row_panels > tile_panels && rows == 1) {
    for (; n + row_panels * QG_PANEL <= outputs; n += row_panels * QG_PANEL) {
      tile(work, 0, n, 1, row_panels);
    }
  }
  for (; n + (tile_panels - 1) * QG_PANEL < outputs; n += tile_panels * QG_PANEL) {
    cover_rows(work, rows, n, tile_panels);
  }
  for (; tile_panels > 1 && n < outputs; n += QG_PANEL) cover_rows(work, rows, n, 1);
}
