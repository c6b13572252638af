#include "../half.h"
#include "../scalar.h"
#include "append.h"

// The scale of one vector of codes; NaN where an element is not finite.
static float scale_of(const float *x, ptrdiff_t count) {
  float largest = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    float size = __builtin_fabsf(x[i]);
    if (!(size < __builtin_inff())) return __builtin_nanf("");
    largest = size > largest ? size : largest;
  }
  return qg_code_scale(largest);
}

static int8_t code(float x, float scale) {
  if (scale != scale) return 0;
  float t = __builtin_rintf(x / scale);
  t = -127 > t ? -127 : t;
  return (int8_t)(127 < t ? 127 : t);
}

// Writes a vector with `step` elements between its elements.
static void write(const qg_kv_cache *cache, const float *x, void *out, ptrdiff_t at, ptrdiff_t step,
                  float *scales, ptrdiff_t scale_at) {
  float scale = cache->storage == QG_S8 ? scale_of(x, cache->head_dim) : 1;
  if (cache->storage == QG_S8) scales[scale_at] = scale;
  for (ptrdiff_t d = 0; d < cache->head_dim; d++) {
    ptrdiff_t place = at + d * step;
    switch (cache->storage) {
      case QG_F32: ((float *)out)[place] = qg_canonical(x[d]); break;
      case QG_S8: ((int8_t *)out)[place] = code(x[d], scale); break;
      default: ((uint16_t *)out)[place] = qg_f16_code(x[d]);
    }
  }
}

void qg_kv_append_scalar(const qg_kv_append_args *g) {
  const qg_kv_cache *cache = g->cache;
  qg_append_check(g);
  for (ptrdiff_t token = 0; token < g->tokens; token++) {
    ptrdiff_t position = g->position + token;
    for (ptrdiff_t head = 0; head < cache->kv_heads; head++) {
      ptrdiff_t at = token * g->stride + head * cache->head_dim;
      ptrdiff_t scale = head * cache->capacity + position;
      write(cache, g->keys + at, cache->keys, qg_key_at(cache, head, position), QG_PANEL,
            cache->key_scales, scale);
      write(cache, g->values + at, cache->values, qg_value_at(cache, head, position), 1,
            cache->value_scales, scale);
    }
  }
}
