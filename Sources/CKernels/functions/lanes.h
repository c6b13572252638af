// The functions of include/functions.h on sixteen elements; after lanes/finish.h.

#include "../lanes/exponential.h"
#include "tanh.h"

QG_INLINE v_f32 v_sigmoid(v_f32 x) {
  v_f32 power = exponential(v_sub(v_splat(0), x));
  return v_div(v_splat(1), v_add(v_splat(1), power));
}

QG_INLINE v_f32 v_tanh(v_f32 x) {
  v_f32 a = v_at_least(x, v_sub(v_splat(0), x));
  v_f32 z = v_mul(x, x);
  v_f32 p = v_splat(QG_TANH_P4);
  p = v_fma(p, z, v_splat(QG_TANH_P3));
  p = v_fma(p, z, v_splat(QG_TANH_P2));
  p = v_fma(p, z, v_splat(QG_TANH_P1));
  p = v_fma(p, z, v_splat(QG_TANH_P0));
  v_f32 near = v_fma(v_mul(x, z), p, x);
  v_f32 power = exponential(v_add(a, a));
  v_f32 t = v_sub(v_splat(1), v_div(v_splat(2), v_add(power, v_splat(1))));
  v_f32 far = v_where_less(x, v_splat(0), v_sub(v_splat(0), t), t);
  return v_where_less(a, v_splat(QG_TANH_NEAR), near, far);
}
