// groups/tile.h where bytes are multiplied as 16-bit words: of many rows, codes and weights are widened
// once for as many of the others as share them, and read from there. After groups/tile.h.

enum {
  wide_tile = b_lanes == 16 ? 8 : 4,  // rows
  wide_rows = 64,                     // whose sums are kept
  wide_panels = 2,
  wide_blocks = 32,  // of 8 k, in whole groups
  wide_registers = QG_PANEL / b_lanes,
};

// The words of one row of codes minus its zero point: k of 0 and 2, then of 1 and 3, of each four.
typedef struct {
  uint32_t even[2 * wide_blocks], odd[2 * wide_blocks];
} wide_codes;

// Some groups of one panel.
typedef struct {
  b_weights weights[2 * wide_blocks][wide_registers];
  b_f32 scale[wide_blocks][wide_registers];
} wide_panel;

// The groups from k `begin` on, the first of them group `index`.
typedef struct {
  ptrdiff_t begin, index, groups, blocks;
  ptrdiff_t ends[wide_blocks];  // the block behind each
} wide_run;

QG_INLINE wide_run next_run(const QG_ARGUMENTS *g, ptrdiff_t begin, ptrdiff_t index) {
  wide_run run = {.begin = begin, .index = index};
  while (begin + 8 * run.blocks < g->k) {
    ptrdiff_t blocks = group_blocks(g, begin + 8 * run.blocks);
    if (run.blocks + blocks > wide_blocks) break;
    run.blocks += blocks;
    run.ends[run.groups++] = run.blocks;
  }
  return run;
}

// x - y for both words of x, 0...255 each, as signed words.
QG_INLINE uint32_t lower_words(uint32_t x, uint32_t y) {
  return (x + 0x80008000u - y * 0x00010001u) ^ 0x80008000u;
}

QG_INLINE void widen_codes(const uint8_t *a, int32_t zero_point, ptrdiff_t blocks,
                           wide_codes *codes) {
  for (ptrdiff_t i = 0; i < 2 * blocks; i++) {
    uint32_t four = v_four(a + 4 * i);
    codes->even[i] = lower_words(four & 0x00ff00ffu, (uint32_t)zero_point);
    codes->odd[i] = lower_words(four >> 8 & 0x00ff00ffu, (uint32_t)zero_point);
  }
}

// Widens the groups at `at`; returns what follows them.
QG_INLINE const uint8_t *widen_panel(const QG_ARGUMENTS *g, const wide_run *run, const uint8_t *at,
                                     wide_panel *panel) {
  for (ptrdiff_t i = 0, start = 0; i < run->groups; start = run->ends[i++]) {
#pragma unroll
    for (int part = 0; part < wide_registers; part++) {
      panel->scale[i][part] = load_scale(at, part * b_lanes);
#pragma nounroll
      for (ptrdiff_t block = start; block < run->ends[i]; block++) {
        b_s32 w[2];
        load_block(at, block - start, part * b_lanes, w);
        panel->weights[2 * block][part] = b_widen(w[0]);
        panel->weights[2 * block + 1][part] = b_widen(w[1]);
      }
    }
    at += group_bytes(g, run->begin + 8 * start);
  }
  return at;
}

// Takes the floating steps of `multiply` for the groups of a run.
QG_INLINE void multiply_widened(const QG_ARGUMENTS *g, const wide_run *run, const wide_codes *codes,
                                const wide_panel *panel, ptrdiff_t m, ptrdiff_t n, const int rows,
                                float sums[][QG_PANEL]) {
  (void)g, (void)m, (void)n;  // read where groups have zeros
  ptrdiff_t i = 0;
  for (ptrdiff_t group = 0; group < run->groups; group++) {
    b_s32 dot[wide_registers][wide_tile];
#pragma unroll
    for (int part = 0; part < wide_registers; part++) {
#pragma unroll
      for (int r = 0; r < rows; r++) dot[part][r] = b_splat(0);
    }
#pragma nounroll
    for (; i < 2 * run->ends[group]; i++) {
#pragma unroll
      for (int r = 0; r < rows; r++) {
        b_s32 even = b_splat((int32_t)codes[r].even[i]);
        b_s32 odd = b_splat((int32_t)codes[r].odd[i]);
#pragma unroll
        for (int part = 0; part < wide_registers; part++) {
          dot[part][r] = b_add_pairs(dot[part][r], even, panel->weights[i][part].even);
          dot[part][r] = b_add_pairs(dot[part][r], odd, panel->weights[i][part].odd);
        }
      }
    }
#pragma unroll
    for (int part = 0; part < wide_registers; part++) {
#if defined(QG_GROUP_ZEROS)
      if (g->zeros) subtract_zeros(g, run->index + group, m, n, part * b_lanes, rows, dot[part]);
#endif
#pragma unroll
      for (int r = 0; r < rows; r++) {
        float *sum = sums[r] + part * b_lanes;
        b_f32 value = b_float(dot[part][r]);
        b_store_f32(sum, b_fma(value, panel->scale[group][part], b_load_f32(sum)));
      }
    }
  }
}

// At most wide_tile rows.
QG_INLINE void multiply_tile(const QG_ARGUMENTS *g, const wide_run *run, const wide_codes *codes,
                             const wide_panel *panel, ptrdiff_t m, ptrdiff_t rows, ptrdiff_t n,
                             float sums[][QG_PANEL]) {
  ptrdiff_t r = 0;
  if (wide_tile > 4 && rows == wide_tile) {
    multiply_widened(g, run, codes, panel, m, n, wide_tile, sums);
    return;
  }
  for (; r + 4 <= rows; r += 4) {
    multiply_widened(g, run, codes + r, panel, m + r, n, 4, sums + r);
  }
  for (; r < rows; r++) multiply_widened(g, run, codes + r, panel, m + r, n, 1, sums + r);
}

// Rows [m, m + rows) against the panels of outputs n, ..., of which there are at most wide_panels.
static void run_widened(const QG_ARGUMENTS *g, ptrdiff_t m, ptrdiff_t rows, ptrdiff_t n) {
  float sums[wide_panels][wide_rows][QG_PANEL];
  wide_panel panel[wide_panels];
  wide_codes codes[wide_tile];
  const uint8_t *at[wide_panels];
  ptrdiff_t panels = qg_smaller(wide_panels, qg_groups(g->n - n, QG_PANEL));
  for (ptrdiff_t p = 0; p < panels; p++) {
    for (ptrdiff_t r = 0; r < rows; r++) v_store(sums[p][r], v_splat(0));
    at[p] = g->panels + (n / QG_PANEL + p) * panel_bytes(g);
  }
  ptrdiff_t index = 0;
  for (ptrdiff_t begin = 0; begin < g->k;) {
    wide_run run = next_run(g, begin, index);
    for (ptrdiff_t p = 0; p < panels; p++) at[p] = widen_panel(g, &run, at[p], &panel[p]);
    for (ptrdiff_t r = 0; r < rows; r += wide_tile) {
      ptrdiff_t some = qg_smaller(wide_tile, rows - r);
      for (ptrdiff_t i = 0; i < some; i++) {
        ptrdiff_t row = m + r + i;
        int32_t zero_point = g->rows[row * g->row_step].zero_point;
        assert(zero_point >= 0 && zero_point <= 255);
        widen_codes(g->a + row * g->a_stride + begin, zero_point, run.blocks, &codes[i]);
      }
      for (ptrdiff_t p = 0; p < panels; p++) {
        multiply_tile(g, &run, codes, &panel[p], m + r, some, n + p * QG_PANEL, sums[p] + r);
      }
    }
    begin += 8 * run.blocks;
    index += run.groups;
  }
  for (ptrdiff_t p = 0; p < panels; p++) {
    for (ptrdiff_t r = 0; r < rows; r++) finish_row(g, m + r, n + p * QG_PANEL, sums[p][r]);
  }
}

static void run_many(const QG_ARGUMENTS *g) {
  for (ptrdiff_t n = 0; n < g->n; n += wide_panels * QG_PANEL) {
    for (ptrdiff_t m = 0; m < g->m; m += wide_rows) {
      run_widened(g, m, qg_smaller(wide_rows, g->m - m), n);
    }
  }
}
