// int8_product.h where one instruction multiplies four codes with four weights. The values of a tile
// are finished while the next tile is summed: other units than the multipliers' do most of that.

enum { tile_rows = 6 };

typedef struct {
  const QG_ARGUMENTS *g;
  endings needs;
  ptrdiff_t m, n;          // the first output
  ptrdiff_t panels;
  ptrdiff_t next, count;   // of the sums: finished, and in all
  ptrdiff_t row, panel;    // of the next sum
  v_s32 *sum;              // [row][panel], one of the buffers
  v_s32 buffers[2][tile_rows * tile_panels];
} unfinished;

// Finishes one sum of a tile whose outputs all exist.
QG_INLINE void finish_next(const QG_ARGUMENTS *g, unfinished *u) {
  finish(g, u->needs, u->m + u->row, u->n + u->panel * QG_PANEL, u->sum[u->next], QG_PANEL);
  u->next++;
  u->panel++;
  if (u->panel == u->panels) {
    u->panel = 0;
    u->row++;
  }
}

static __attribute__((noinline)) void finish_all(unfinished *u) {
  const QG_ARGUMENTS *g = u->g;
  if (u->n + u->panels * QG_PANEL <= g->n) {
    while (u->next < u->count) finish_next(g, u);
    return;
  }
  for (ptrdiff_t i = 0; i < u->count; i++) {
    ptrdiff_t n = u->n + i % u->panels * QG_PANEL;
    finish(g, u->needs, u->m + i / u->panels, n, u->sum[i], g->n - n);
  }
  u->next = u->count;
}

QG_INLINE v_s32 splat_codes(const uint8_t *a) {
  v_s32 codes = v_splat_s32((int32_t)v_four(a));
  return QG_FLIP ? _mm512_xor_si512(codes, _mm512_set1_epi8((char)128)) : codes;
}

// Brings the cache lines of outputs that the next tile will store; to the second level, because a fetch
// to the first starts the processor's own fetching, which runs on for eight lines into outputs that
// another thread stores. On cores without a common cache that takes a tenth of a short product.
QG_INLINE void fetch_outputs(const qg_output *output, ptrdiff_t at, const int panels) {
  if (output->f32) {
#pragma unroll
    for (int p = 0; p < panels; p++) {
      _mm_prefetch((const char *)(output->f32 + at + p * QG_PANEL), _MM_HINT_T1);
    }
  } else {
    _mm_prefetch((const char *)(output->u8 + at), _MM_HINT_T1);
  }
}

QG_INLINE void tile(unfinished *u, ptrdiff_t m, ptrdiff_t n, const int rows, const int panels) {
  const QG_ARGUMENTS *g = u->g;
  v_s32 sum[tile_rows][tile_panels];
  const ptrdiff_t quads = qg_groups(g->k, 4), stride = g->a_stride;
  const uint8_t *a = (const uint8_t *)g->a + m * stride;
  const int8_t *b = g->panels + n * quads * 4;
#pragma unroll
  for (int p = 0; p < panels; p++) {
    ptrdiff_t first = n + p * QG_PANEL;
#pragma unroll
    for (int r = 0; r < rows; r++) sum[r][p] = row_start(g, m + r, first, g->n - first);
  }
  ptrdiff_t line = 0;  // of the tile's outputs, fetched before they are stored
  ptrdiff_t step = quads / (tile_rows * tile_panels);
  if (step == 0) step = 1;
  for (ptrdiff_t k = 0; k < quads;) {
    ptrdiff_t end = qg_smaller(k + step, quads);
    for (; k < end; k++) {
      v_s32 w[tile_panels];
#pragma unroll
      for (int p = 0; p < panels; p++) {
        w[p] = _mm512_loadu_si512(b + (p * quads + k) * (4 * QG_PANEL));
      }
#pragma unroll
      for (int r = 0; r < rows; r++) {
        v_s32 x = splat_codes(a + r * stride + 4 * k);
#pragma unroll
        for (int p = 0; p < panels; p++) sum[r][p] = _mm512_dpbusd_epi32(sum[r][p], x, w[p]);
      }
    }
    if (u->next < u->count) finish_next(g, u);
    if (line < rows) fetch_outputs(&g->output, (m + line) * g->output.stride + n, panels);
    line++;
  }
  v_s32 *sums = u->buffers[u->sum == u->buffers[0]];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sums[r * panels + p] = sum[r][p];
  }
  if (u->next < u->count) finish_all(u);
  u->sum = sums;
  u->m = m;
  u->n = n;
  u->panels = panels;
  u->next = u->row = u->panel = 0;
  u->count = rows * panels;
  if (n + panels * QG_PANEL > g->n) finish_all(u);
}

#define QG_WORK unfinished
#include "cover.h"

// One row against `panels` panels. Little is left to do while sums are finished, so nothing is put off;
// each sum has two chains of products, which wait for each other.
QG_INLINE void multiply_row(const QG_ARGUMENTS *g, ptrdiff_t n, const int panels) {
  v_s32 even[row_panels], odd[row_panels];
  const ptrdiff_t quads = qg_groups(g->k, 4);
  const uint8_t *a = (const uint8_t *)g->a;
  const int8_t *b = g->panels + n * quads * 4;
#pragma unroll
  for (int p = 0; p < panels; p++) even[p] = odd[p] = v_splat_s32(0);
  ptrdiff_t k = 0;
  for (; k + 2 <= quads; k += 2) {
    v_s32 x = splat_codes(a + 4 * k), y = splat_codes(a + 4 * k + 4);
#pragma unroll
    for (int p = 0; p < panels; p++) {
      const int8_t *w = b + (p * quads + k) * (4 * QG_PANEL);
      even[p] = _mm512_dpbusd_epi32(even[p], x, _mm512_loadu_si512(w));
      odd[p] = _mm512_dpbusd_epi32(odd[p], y, _mm512_loadu_si512(w + 4 * QG_PANEL));
    }
  }
  if (k < quads) {
    v_s32 x = splat_codes(a + 4 * k);
#pragma unroll
    for (int p = 0; p < panels; p++) {
      even[p] = _mm512_dpbusd_epi32(
          even[p], x, _mm512_loadu_si512(b + (p * quads + k) * (4 * QG_PANEL)));
    }
  }
#pragma unroll
  for (int p = 0; p < panels; p++) {
    ptrdiff_t first = n + p * QG_PANEL;
    v_s32 sum = v_add_s32(row_start(g, 0, first, g->n - first), v_add_s32(even[p], odd[p]));
    finish(g, (endings){1, 1, 1}, 0, first, sum, g->n - first);
  }
}

static void run_row(const QG_ARGUMENTS *g) {
  ptrdiff_t n = 0;
  for (; n + row_panels * QG_PANEL <= g->n; n += row_panels * QG_PANEL) {
    multiply_row(g, n, row_panels);
  }
  for (; n < g->n; n += QG_PANEL) multiply_row(g, n, 1);
}

static void run(const QG_ARGUMENTS *g) {
  if (g->m == 1) {
    run_row(g);
    return;
  }
  unfinished u;
  u.g = g;
  u.needs = endings_of(g);
  u.next = u.count = 0;
  u.sum = u.buffers[0];
  cover(&u, g->m, g->n);
  if (u.next < u.count) finish_all(&u);
}
