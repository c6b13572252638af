#ifndef CKERNELS_APPEND_H
#define CKERNELS_APPEND_H

#include "../attention/layout.h"

static inline void qg_append_check(const qg_kv_append_args *g) {
  assert(g->cache->storage != QG_BF16 && g->cache->capacity % QG_PANEL == 0);
  assert(g->position >= 0 && g->position + g->tokens <= g->cache->capacity);
  (void)g;
}

static inline float qg_code_scale(float largest) {
  float scale = largest / 127;
  return scale > 0 ? scale : 1;
}

#endif
