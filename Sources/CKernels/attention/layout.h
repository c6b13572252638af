#ifndef CKERNELS_ATTENTION_LAYOUT_H
#define CKERNELS_ATTENTION_LAYOUT_H

// Where things lie in a cache, and which query vector a pair is.

#include "../contract.h"

enum { qg_score_rows = 8 };  // rows of scratch

static inline ptrdiff_t qg_key_at(const qg_kv_cache *cache, ptrdiff_t head, ptrdiff_t position) {
  ptrdiff_t panel = head * (cache->capacity / QG_PANEL) + position / QG_PANEL;
  return panel * cache->head_dim * QG_PANEL + position % QG_PANEL;
}

static inline ptrdiff_t qg_value_at(const qg_kv_cache *cache, ptrdiff_t head, ptrdiff_t position) {
  return (head * cache->capacity + position) * cache->head_dim;
}

static inline ptrdiff_t qg_score_stride(ptrdiff_t positions) {
  return qg_groups(positions, QG_PANEL) * QG_PANEL;
}

// One query vector, its result, and the positions it sees.
typedef struct {
  ptrdiff_t kv_head;
  const float *query;
  float *out;
  float *scores;  // by position
  ptrdiff_t begin, end;
} qg_attention_row;

static inline qg_attention_row qg_attention_row_of(const qg_attention_args *g, ptrdiff_t pair) {
  const qg_kv_cache *cache = g->cache;
  ptrdiff_t group = g->heads / cache->kv_heads;
  ptrdiff_t kv_head = pair / (group * g->queries);
  ptrdiff_t query = pair / group % g->queries;
  ptrdiff_t head = kv_head * group + pair % group;
  ptrdiff_t position = g->offset + query;
  ptrdiff_t end = g->causal ? qg_smaller(position + 1, g->positions) : g->positions;
  ptrdiff_t begin = g->window > 0 && position >= g->window ? position - g->window + 1 : 0;
  if (begin > end) begin = end;
  return (qg_attention_row){
      kv_head,
      g->query + query * g->query_stride + head * cache->head_dim,
      g->out + query * g->out_stride + head * cache->head_dim,
      g->scratch,
      begin,
      end,
  };
}

static inline void qg_attention_check(const qg_attention_args *g) {
  assert(g->cache->capacity % QG_PANEL == 0 && g->positions <= g->cache->capacity);
  assert(g->heads % g->cache->kv_heads == 0 && g->offset >= 0);
  assert(g->cache->storage != QG_BF16 && (g->causal || g->window == 0));
  (void)g;
}

#endif
