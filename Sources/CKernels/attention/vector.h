// Tiles of query vectors that share a head of the cache; after lanes/<isa>.h and lanes/half_<isa>.h.

#include "../lanes/finish.h"

#include "../lanes/exponential.h"
#include "../lanes/storage.h"
#include "../reduce.h"
#include "layout.h"

#if QG_REGISTERS == 32
enum { tile_rows = 8, tile_sums = 16 };
#else
enum { tile_rows = 4, tile_sums = 4 };
#endif
enum { most_panels = 4, most_chunks = 8 };

// Scores of `rows` query vectors with `panels` panels of keys.
QG_INLINE void score_tile(const qg_attention_args *g, const qg_attention_row *row, ptrdiff_t panel,
                          const int rows, const int panels, const qg_storage storage) {
  const qg_kv_cache *cache = g->cache;
  ptrdiff_t first = panel * QG_PANEL;
  ptrdiff_t keys = qg_key_at(cache, row->kv_head, first);
  v_f32 sum[tile_rows][most_panels];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int p = 0; p < panels; p++) sum[r][p] = v_splat(0);
  }
  for (ptrdiff_t d = 0; d < cache->head_dim; d++) {
    v_f32 key[most_panels];
#pragma unroll
    for (int p = 0; p < panels; p++) {
      ptrdiff_t at = keys + (p * cache->head_dim + d) * QG_PANEL;
      key[p] = v_load_stored(cache->keys, at, QG_PANEL, storage);
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_f32 x = v_splat(row[r].query[d]);
#pragma unroll
      for (int p = 0; p < panels; p++) sum[r][p] = v_fma(x, key[p], sum[r][p]);
    }
  }
#pragma unroll
  for (int p = 0; p < panels; p++) {
    ptrdiff_t position = first + p * QG_PANEL;
    v_f32 key_scale = v_splat(1);
    if (storage == QG_S8) {
      key_scale = v_load(cache->key_scales + row->kv_head * cache->capacity + position);
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_f32 y = storage == QG_S8 ? v_mul(sum[r][p], key_scale) : sum[r][p];
      v_store(row[r].scores + position, v_mul(y, v_splat(g->scale)));
    }
  }
}

// All panels that any of the rows sees.
QG_INLINE void score_rows(const qg_attention_args *g, const qg_attention_row *row, const int rows,
                          const qg_storage storage) {
  ptrdiff_t begin = row[0].begin;
  ptrdiff_t end = row[0].end;
  for (int r = 1; r < rows; r++) {
    begin = qg_smaller(begin, row[r].begin);
    end = row[r].end > end ? row[r].end : end;
  }
  const int panels = tile_sums / rows < most_panels ? tile_sums / rows : most_panels;
  ptrdiff_t panel = begin / QG_PANEL;
  ptrdiff_t last = qg_groups(end, QG_PANEL);
  for (; panel + panels <= last; panel += panels) {
    score_tile(g, row, panel, rows, panels, storage);
  }
  for (; panel < last; panel++) score_tile(g, row, panel, rows, 1, storage);
}

// Scores outside the visible range, in its first and last panel, become -inf: they weigh 0.
static void hide(const qg_attention_row *row) {
  ptrdiff_t first = row->begin / QG_PANEL * QG_PANEL;
  ptrdiff_t last = qg_groups(row->end, QG_PANEL) * QG_PANEL;
  for (ptrdiff_t p = first; p < row->begin; p++) row->scores[p] = -__builtin_inff();
  for (ptrdiff_t p = row->end; p < last; p++) row->scores[p] = -__builtin_inff();
}

// NaN scores are passed over: they turn the sum into NaN anyway.
static float largest(const qg_attention_row *row) {
  float best[QG_PANEL];
  v_f32 top = v_splat(-__builtin_inff());
  for (ptrdiff_t p = row->begin / QG_PANEL * QG_PANEL; p < row->end; p += QG_PANEL) {
    v_f32 y = v_load(row->scores + p);
    top = v_at_least(v_where_nan(y, v_splat(-__builtin_inff()), y), top);
  }
  v_store(best, top);
  for (int lane = 1; lane < QG_PANEL; lane++) best[0] = best[lane] > best[0] ? best[lane] : best[0];
  return best[0];
}

// Scores to weights.
static void weigh(const qg_attention_args *g, const qg_attention_row *row) {
  const qg_kv_cache *cache = g->cache;
  if (row->begin == row->end) return;
  hide(row);
  v_f32 top = v_splat(largest(row));
  v_f32 sum = v_splat(0);
  ptrdiff_t first = row->begin / QG_PANEL * QG_PANEL;
  for (ptrdiff_t p = first; p < row->end; p += QG_PANEL) {
    v_f32 y = exponential(v_sub(v_load(row->scores + p), top));
    v_store(row->scores + p, y);
    sum = v_add(sum, y);
  }
  float lanes[QG_PANEL];
  v_store(lanes, sum);
  v_f32 total = v_splat(qg_sum_of_lanes(lanes));
  for (ptrdiff_t p = first; p < row->end; p += QG_PANEL) {
    v_f32 y = v_div(v_load(row->scores + p), total);
    if (cache->storage == QG_S8) {
      y = v_mul(y, v_load(cache->value_scales + row->kv_head * cache->capacity + p));
    }
    v_store(row->scores + p, y);
  }
}

// Adds the positions [begin, end) to the sums of `rows` rows; values start at this chunk.
QG_INLINE void add_values(const qg_kv_cache *cache, const qg_attention_row *row, ptrdiff_t values,
                          ptrdiff_t begin, ptrdiff_t end, ptrdiff_t lanes, const int rows,
                          const int chunks, const qg_storage storage,
                          v_f32 sum[][most_chunks]) {
  for (ptrdiff_t p = begin; p < end; p++) {
    ptrdiff_t at = values + p * cache->head_dim;
    v_f32 value[most_chunks];
#pragma unroll
    for (int c = 0; c < chunks; c++) {
      value[c] = v_load_stored(cache->values, at + c * QG_PANEL, lanes, storage);
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
      v_f32 w = v_splat(row[r].scores[p]);
#pragma unroll
      for (int c = 0; c < chunks; c++) sum[r][c] = v_fma(w, value[c], sum[r][c]);
    }
  }
}

// `chunks` vectors of the results of `rows` rows, from element `first` on; one of `lanes` lanes.
// The rows share the positions [begin, end); before and after, each has its own.
QG_INLINE void value_tile(const qg_attention_args *g, const qg_attention_row *row, ptrdiff_t first,
                          ptrdiff_t begin, ptrdiff_t end, ptrdiff_t lanes, const int rows,
                          const int chunks, const qg_storage storage) {
  const qg_kv_cache *cache = g->cache;
  ptrdiff_t values = qg_value_at(cache, row->kv_head, 0) + first;
  v_f32 sum[tile_rows][most_chunks];
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int c = 0; c < chunks; c++) sum[r][c] = v_splat(0);
    add_values(cache, row + r, values, row[r].begin, begin, lanes, 1, chunks, storage, sum + r);
  }
  add_values(cache, row, values, begin, end, lanes, rows, chunks, storage, sum);
#pragma unroll
  for (int r = 0; r < rows; r++) {
    add_values(cache, row + r, values, end, row[r].end, lanes, 1, chunks, storage, sum + r);
#pragma unroll
    for (int c = 0; c < chunks; c++) {
      v_store_some(row[r].out + first + c * QG_PANEL, v_canonical(sum[r][c]), lanes);
    }
  }
}

// As many tiles of `chunks` vectors as fit from element d on; the element after them.
QG_INLINE ptrdiff_t sum_chunks(const qg_attention_args *g, const qg_attention_row *row,
                               ptrdiff_t d, ptrdiff_t begin, ptrdiff_t end, const int rows,
                               const int chunks, const qg_storage storage) {
  if (chunks > 1 && chunks * rows > tile_sums) return d;
  for (; d + chunks * QG_PANEL <= g->cache->head_dim; d += chunks * QG_PANEL) {
    value_tile(g, row, d, begin, end, QG_PANEL, rows, chunks, storage);
  }
  return d;
}

QG_INLINE void sum_rows(const qg_attention_args *g, const qg_attention_row *row, ptrdiff_t begin,
                        ptrdiff_t end, const int rows, const qg_storage storage) {
  ptrdiff_t d = sum_chunks(g, row, 0, begin, end, rows, most_chunks, storage);
  d = sum_chunks(g, row, d, begin, end, rows, 4, storage);
  d = sum_chunks(g, row, d, begin, end, rows, 2, storage);
  d = sum_chunks(g, row, d, begin, end, rows, 1, storage);
  ptrdiff_t rest = g->cache->head_dim - d;
  if (rest > 0) value_tile(g, row, d, begin, end, rest, rows, 1, storage);
}

// The results of `rows` pairs that share a head of the cache.
QG_INLINE void attend_tile(const qg_attention_args *g, ptrdiff_t pair, const int rows,
                           const qg_storage storage) {
  qg_attention_row row[tile_rows];
  ptrdiff_t stride = qg_score_stride(g->positions);
  ptrdiff_t begin = 0;
  ptrdiff_t end = g->positions;
  for (int r = 0; r < rows; r++) {
    row[r] = qg_attention_row_of(g, pair + r);
    row[r].scores = g->scratch + r * stride;
    begin = row[r].begin > begin ? row[r].begin : begin;
    end = qg_smaller(end, row[r].end);
  }
  score_rows(g, row, rows, storage);
  for (int r = 0; r < rows; r++) weigh(g, row + r);
  if (begin <= end) {
    sum_rows(g, row, begin, end, rows, storage);
  } else {
    for (int r = 0; r < rows; r++) sum_rows(g, row + r, row[r].begin, row[r].end, 1, storage);
  }
}

QG_INLINE void attend_all(const qg_attention_args *g, const qg_storage storage) {
  ptrdiff_t shared = g->heads / g->cache->kv_heads * g->queries;
  ptrdiff_t pair = g->pair_begin;
  while (pair < g->pair_end) {
    ptrdiff_t end = qg_smaller(g->pair_end, (pair / shared + 1) * shared);
    for (; pair + tile_rows <= end; pair += tile_rows) attend_tile(g, pair, tile_rows, storage);
    for (; tile_rows > 4 && pair + 4 <= end; pair += 4) attend_tile(g, pair, 4, storage);
    for (; pair + 2 <= end; pair += 2) attend_tile(g, pair, 2, storage);
    if (pair < end) attend_tile(g, pair++, 1, storage);
  }
}

void QG_NAME(attention)(const qg_attention_args *g) {
  qg_attention_check(g);
  switch (g->cache->storage) {
    case QG_F32: return attend_all(g, QG_F32);
    case QG_F16: return attend_all(g, QG_F16);
    default: return attend_all(g, QG_S8);
  }
}
