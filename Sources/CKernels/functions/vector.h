// Sixteen elements at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

#include "lanes.h"

QG_INLINE v_f32 held(v_f32 x) {
  v_f32 t = v_at_least(v_splat(0), v_add(x, v_splat(3)));
  return v_at_most(v_splat(6), t);
}

QG_INLINE v_f32 elu(v_f32 x, float alpha) {
  v_f32 below = v_mul(v_splat(alpha), v_sub(exponential(x), v_splat(1)));
  return v_where_less(v_splat(0), x, x, below);
}

QG_INLINE v_f32 leaky(v_f32 x, float alpha) {
  return v_where_less(x, v_splat(0), v_mul(x, v_splat(alpha)), x);
}

// One loop for each function, so that none is chosen inside.
#define QG_EACH_ELEMENT(y)                                   \
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {          \
    v_f32 value = v_load_some(x + i, count - i);             \
    v_store_some(out + i, v_canonical(y), count - i);        \
  }                                                          \
  break

void QG_NAME(apply_f32)(const float *x, ptrdiff_t count, qg_function function, float *out) {
  switch (function.kind) {
    case QG_SIGMOID: QG_EACH_ELEMENT(v_sigmoid(value));
    case QG_TANH: QG_EACH_ELEMENT(v_tanh(value));
    case QG_HARD_SIGMOID: QG_EACH_ELEMENT(v_div(held(value), v_splat(6)));
    case QG_HARD_SWISH: QG_EACH_ELEMENT(v_div(v_mul(value, held(value)), v_splat(6)));
    case QG_ELU: QG_EACH_ELEMENT(elu(value, function.alpha));
    case QG_LEAKY_RELU: QG_EACH_ELEMENT(leaky(value, function.alpha));
  }
}
