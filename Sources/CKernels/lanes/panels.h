// Covers a product with tiles of rows × one panel, after QG_ARGUMENTS, panel_state, what the tiles of one
// panel share, and
//   multiply(g, m, n, first, rows, state, sums)
// which adds up outputs n + first ... n + first + b_lanes - 1 of `rows` rows into columns first... of
// sums. A panel's outputs are one register or two; many rows share each unpacked weight. Panels are
// the outer loop: they stay in the cache while rows pass.

// Scales, stores row m of the outputs from n on.
QG_INLINE void finish_row(const QG_ARGUMENTS *g, ptrdiff_t m, ptrdiff_t n, const float *sums) {
  ptrdiff_t lanes = g->n - n;
  v_f32 scale = v_splat(g->rows[m * g->row_step].scale);
  v_f32 sum = v_load(sums);
  v_f32 y = g->bias ? v_fma(sum, scale, v_load_some(g->bias + n, lanes)) : v_mul(sum, scale);
  v_output(&g->output, m * g->output.stride + n, y, lanes, g->bounds);
}

QG_INLINE void tile(const QG_ARGUMENTS *g, ptrdiff_t m, ptrdiff_t n, const int rows,
                    panel_state *state) {
  float sums[tile_rows][QG_PANEL];
#pragma unroll
  for (int first = 0; first < QG_PANEL; first += b_lanes) {
    multiply(g, m, n, first, rows, state, sums);
  }
  for (int r = 0; r < rows; r++) finish_row(g, m + r, n, sums[r]);
}

static void run_panels(const QG_ARGUMENTS *g) {
  panel_state state;
  for (ptrdiff_t n = 0; n < g->n; n += QG_PANEL) {
    ptrdiff_t m = 0;
    for (; m + tile_rows <= g->m; m += tile_rows) tile(g, m, n, tile_rows, &state);
    for (; tile_rows > 8 && m + 8 <= g->m; m += 8) tile(g, m, n, 8, &state);
    for (; m + 4 <= g->m; m += 4) tile(g, m, n, 4, &state);
    for (; m + 2 <= g->m; m += 2) tile(g, m, n, 2, &state);
    if (m < g->m) tile(g, m, n, 1, &state);
  }
}
