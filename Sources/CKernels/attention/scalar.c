#include <CMath.h>

#include "../half.h"
#include "../reduce.h"
#include "../scalar.h"
#include "layout.h"

size_t qg_kv_cache_bytes(const qg_kv_cache *cache) {
  size_t element = cache->storage == QG_F32 ? 4 : cache->storage == QG_S8 ? 1 : 2;
  return (size_t)cache->kv_heads * (size_t)cache->capacity * (size_t)cache->head_dim * element;
}

size_t qg_attention_scratch(ptrdiff_t positions) {
  return (size_t)(qg_score_rows * qg_score_stride(positions));
}

// A number of the cache, without its scale.
static float stored(const qg_kv_cache *cache, const void *x, ptrdiff_t at) {
  switch (cache->storage) {
    case QG_F32: return ((const float *)x)[at];
    case QG_S8: return ((const int8_t *)x)[at];
    default: return qg_f16_value(((const uint16_t *)x)[at]);
  }
}

static float score(const qg_attention_args *g, const qg_attention_row *row, ptrdiff_t position) {
  const qg_kv_cache *cache = g->cache;
  ptrdiff_t at = qg_key_at(cache, row->kv_head, position);
  float sum = 0;
  for (ptrdiff_t d = 0; d < cache->head_dim; d++) {
    sum = __builtin_fmaf(row->query[d], stored(cache, cache->keys, at + d * QG_PANEL), sum);
  }
  if (cache->storage == QG_S8) sum *= cache->key_scales[row->kv_head * cache->capacity + position];
  return sum * g->scale;
}

static void weigh(const qg_attention_args *g, const qg_attention_row *row) {
  const qg_kv_cache *cache = g->cache;
  float *scores = row->scores;
  float top = -__builtin_inff();
  for (ptrdiff_t p = row->begin; p < row->end; p++) top = scores[p] > top ? scores[p] : top;
  float lanes[QG_PANEL] = {0};
  for (ptrdiff_t p = row->begin; p < row->end; p++) {
    scores[p] = cm_expf(scores[p] - top);
    lanes[p % QG_PANEL] += scores[p];
  }
  float sum = qg_sum_of_lanes(lanes);
  for (ptrdiff_t p = row->begin; p < row->end; p++) {
    scores[p] /= sum;
    if (cache->storage == QG_S8) {
      scores[p] *= cache->value_scales[row->kv_head * cache->capacity + p];
    }
  }
}

void qg_attention_scalar(const qg_attention_args *g) {
  qg_attention_check(g);
  const qg_kv_cache *cache = g->cache;
  for (ptrdiff_t pair = g->pair_begin; pair < g->pair_end; pair++) {
    qg_attention_row row = qg_attention_row_of(g, pair);
    for (ptrdiff_t p = row.begin; p < row.end; p++) row.scores[p] = score(g, &row, p);
    weigh(g, &row);
    for (ptrdiff_t d = 0; d < cache->head_dim; d++) {
      float sum = 0;
      for (ptrdiff_t p = row.begin; p < row.end; p++) {
        ptrdiff_t at = qg_value_at(cache, row.kv_head, p) + d;
        sum = __builtin_fmaf(row.scores[p], stored(cache, cache->values, at), sum);
      }
      row.out[d] = qg_canonical(sum);
    }
  }
}
