#include "one.h"

static float held(float x) {
  float t = x + 3;
  t = 0 > t ? 0 : t;
  return 6 < t ? 6 : t;
}

static float apply(float x, qg_function function) {
  switch (function.kind) {
    case QG_SIGMOID: return qg_one_sigmoid(x);
    case QG_TANH: return qg_one_tanh(x);
    case QG_HARD_SIGMOID: return held(x) / 6;
    case QG_HARD_SWISH: return x * held(x) / 6;
    case QG_ELU: return x > 0 ? x : function.alpha * (cm_expf(x) - 1);
    case QG_LEAKY_RELU: return x < 0 ? x * function.alpha : x;
  }
  assert(0);
  return x;
}

void qg_apply_f32_scalar(const float *x, ptrdiff_t count, qg_function function, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_canonical(apply(x[i], function));
}
