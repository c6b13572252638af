#include <CMath.h>

#include "../scalar.h"

static float largest(const float *x, ptrdiff_t count) {
  float best = -__builtin_inff();
  for (ptrdiff_t i = 0; i < count; i++) best = x[i] > best ? x[i] : best;
  return best;
}

void qg_softmax_f32_scalar(const float *x, ptrdiff_t rows, ptrdiff_t count, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += count, out += count) {
    float top = largest(x, count);
    float lanes[QG_PANEL] = {0};
    for (ptrdiff_t i = 0; i < count; i++) {
      out[i] = cm_expf(x[i] - top);
      lanes[i % QG_PANEL] += out[i];
    }
    for (int apart = QG_PANEL / 2; apart > 0; apart /= 2) {
      for (int lane = 0; lane < apart; lane++) lanes[lane] += lanes[lane + apart];
    }
    for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_canonical(out[i] / lanes[0]);
  }
}
