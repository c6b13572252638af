// Sixteen elements at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

#include "../reduce.h"

// The first n of sixteen lanes; +0 in the others.
QG_INLINE v_f32 only(v_f32 y, ptrdiff_t n) {
  if (n >= QG_PANEL) return y;
  float lanes[QG_PANEL];
  v_store(lanes, y);
  return v_load_part(lanes, n);
}

QG_INLINE float total(v_f32 sum) {
  float lanes[QG_PANEL];
  v_store(lanes, sum);
  return qg_sum_of_lanes(lanes);
}

QG_INLINE float sum_of(const float *x, ptrdiff_t count) {
  v_f32 sum = v_splat(0);
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) sum = v_add(sum, v_load_some(x + i, count - i));
  return total(sum);
}

// Of x - mean.
QG_INLINE float squares_of(const float *x, ptrdiff_t count, v_f32 mean) {
  v_f32 sum = v_splat(0);
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 d = only(v_sub(v_load_some(x + i, count - i), mean), count - i);
    sum = v_fma(d, d, sum);
  }
  return total(sum);
}

// A mean of +0 leaves every x as it is.
QG_INLINE void normalize(const qg_norm_args *g, ptrdiff_t row, float mean_of_row) {
  const float *x = g->x + row * g->x_stride;
  float *out = g->out + row * g->out_stride;
  v_f32 mean = v_splat(mean_of_row);
  float squares = squares_of(x, g->count, mean);
  v_f32 r = v_splat(1 / __builtin_sqrtf(squares / (float)g->count + g->epsilon));
  for (ptrdiff_t i = 0; i < g->count; i += QG_PANEL) {
    ptrdiff_t n = g->count - i;
    v_f32 y = v_mul(v_sub(v_load_some(x + i, n), mean), r);
    if (g->bias) {
      y = v_fma(y, v_load_some(g->weight + i, n), v_load_some(g->bias + i, n));
    } else if (g->weight) {
      y = v_mul(y, v_load_some(g->weight + i, n));
    }
    v_store_some(out + i, v_canonical(y), n);
  }
}

void QG_NAME(rms_norm_f32)(const qg_norm_args *g) {
  assert(g->weight || !g->bias);
  for (ptrdiff_t row = 0; row < g->rows; row++) normalize(g, row, 0);
}

void QG_NAME(layer_norm_f32)(const qg_norm_args *g) {
  assert(g->weight || !g->bias);
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    float sum = sum_of(g->x + row * g->x_stride, g->count);
    normalize(g, row, sum / (float)g->count);
  }
}
