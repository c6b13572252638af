// Sixteen elements at a time; after lanes/<isa>.h and lanes/half_<isa>.h.

#include "../lanes/finish.h"

#include "append.h"

static float scale_of(const float *x, ptrdiff_t count) {
  v_f32 largest = v_splat(0);
  v_f32 nan = v_splat(0);
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_load_some(x + i, count - i);
    nan = v_where_nan(y, y, nan);
    largest = v_at_least(v_at_least(y, v_sub(v_splat(0), y)), largest);
  }
  float lanes[QG_PANEL];
  v_store(lanes, largest);
  for (int lane = 1; lane < QG_PANEL; lane++) {
    if (lanes[lane] > lanes[0]) lanes[0] = lanes[lane];
  }
  if (v_any_nan(nan) || !(lanes[0] < __builtin_inff())) return __builtin_nanf("");
  return qg_code_scale(lanes[0]);
}

// The codes of sixteen elements; 0 where the scale is a NaN.
QG_INLINE void encode(v_f32 y, v_f32 scale, int8_t codes[QG_PANEL]) {
  v_f32 t = v_round(v_div(y, scale));
  t = v_where_nan(scale, v_splat(0), t);
  t = v_at_most(v_splat(127), v_at_least(v_splat(-127), t));
  uint8_t shifted[QG_PANEL];
  v_store_u8(shifted, v_add_s32(v_to_s32(t), v_splat_s32(128)));
  for (int lane = 0; lane < QG_PANEL; lane++) codes[lane] = (int8_t)(shifted[lane] ^ 128);
}

// Writes a vector with `step` elements, a constant, between its elements.
QG_INLINE void write(const qg_kv_cache *cache, const float *x, void *out, ptrdiff_t at,
                     const ptrdiff_t step, float *scales, ptrdiff_t scale_at) {
  v_f32 scale = v_splat(1);
  if (cache->storage == QG_S8) {
    scales[scale_at] = scale_of(x, cache->head_dim);
    scale = v_splat(scales[scale_at]);
  }
  for (ptrdiff_t first = 0; first < cache->head_dim; first += QG_PANEL) {
    ptrdiff_t n = qg_smaller(QG_PANEL, cache->head_dim - first);
    ptrdiff_t place = at + first * step;
    v_f32 y = v_canonical(v_load_some(x + first, n));
    float floats[QG_PANEL];
    uint16_t halves[QG_PANEL];
    int8_t codes[QG_PANEL];
    switch (cache->storage) {
      case QG_F32:
        v_store(floats, y);
        for (ptrdiff_t i = 0; i < n; i++) ((float *)out)[place + i * step] = floats[i];
        break;
      case QG_S8:
        encode(y, scale, codes);
        for (ptrdiff_t i = 0; i < n; i++) ((int8_t *)out)[place + i * step] = codes[i];
        break;
      default:
        v_store_halves(halves, v_to_f16(y), QG_PANEL);
        for (ptrdiff_t i = 0; i < n; i++) ((uint16_t *)out)[place + i * step] = halves[i];
    }
  }
}

void QG_NAME(kv_append)(const qg_kv_append_args *g) {
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
