#include "../functions/one.h"

void qg_lstm_cell_f32_scalar(const qg_cell_args *p) {
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    const float *x = p->x + row * p->x_stride, *g = p->g + row * 4 * p->hidden;
    float *c = p->c + row * p->hidden, *h = p->h + row * p->hidden;
    for (ptrdiff_t k = 0; k < p->hidden; k++) {
      ptrdiff_t f = k + p->hidden, u = f + p->hidden, o = u + p->hidden;
      float in = qg_one_sigmoid(x[k] + g[k]);
      float forget = qg_one_sigmoid(x[f] + g[f]);
      float update = qg_one_tanh(x[u] + g[u]);
      float out = qg_one_sigmoid(x[o] + g[o]);
      float cell = __builtin_fmaf(forget, c[k], in * update);
      c[k] = qg_canonical(cell);
      h[k] = qg_canonical(out * qg_one_tanh(cell));
    }
  }
}

void qg_gru_cell_f32_scalar(const qg_cell_args *p) {
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    const float *x = p->x + row * p->x_stride, *g = p->g + row * 3 * p->hidden;
    float *h = p->h + row * p->hidden;
    for (ptrdiff_t k = 0; k < p->hidden; k++) {
      ptrdiff_t z = k + p->hidden, n = z + p->hidden;
      float reset = qg_one_sigmoid(x[k] + g[k]);
      float keep = qg_one_sigmoid(x[z] + g[z]);
      float update = qg_one_tanh(__builtin_fmaf(reset, g[n], x[n]));
      h[k] = qg_canonical(__builtin_fmaf(keep, h[k], (1 - keep) * update));
    }
  }
}
