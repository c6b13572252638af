// Sixteen elements of the state at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

#include "../functions/lanes.h"

// Both products of one gate, at element k of a row.
QG_INLINE v_f32 gate_at(const float *x, const float *g, ptrdiff_t k, ptrdiff_t n) {
  return v_add(v_load_some(x + k, n), v_load_some(g + k, n));
}

void QG_NAME(lstm_cell_f32)(const qg_cell_args *p) {
  ptrdiff_t hidden = p->hidden;
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    const float *x = p->x + row * p->x_stride, *g = p->g + row * 4 * hidden;
    float *c = p->c + row * hidden, *h = p->h + row * hidden;
    for (ptrdiff_t k = 0; k < hidden; k += QG_PANEL) {
      ptrdiff_t n = hidden - k;
      v_f32 in = v_sigmoid(gate_at(x, g, k, n));
      v_f32 forget = v_sigmoid(gate_at(x, g, k + hidden, n));
      v_f32 update = v_tanh(gate_at(x, g, k + 2 * hidden, n));
      v_f32 out = v_sigmoid(gate_at(x, g, k + 3 * hidden, n));
      v_f32 cell = v_fma(forget, v_load_some(c + k, n), v_mul(in, update));
      v_store_some(c + k, v_canonical(cell), n);
      v_store_some(h + k, v_canonical(v_mul(out, v_tanh(cell))), n);
    }
  }
}

void QG_NAME(gru_cell_f32)(const qg_cell_args *p) {
  ptrdiff_t hidden = p->hidden;
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    const float *x = p->x + row * p->x_stride, *g = p->g + row * 3 * hidden;
    float *h = p->h + row * hidden;
    for (ptrdiff_t k = 0; k < hidden; k += QG_PANEL) {
      ptrdiff_t n = hidden - k;
      v_f32 reset = v_sigmoid(gate_at(x, g, k, n));
      v_f32 keep = v_sigmoid(gate_at(x, g, k + hidden, n));
      v_f32 product = v_load_some(g + k + 2 * hidden, n);
      v_f32 update = v_tanh(v_fma(reset, product, v_load_some(x + k + 2 * hidden, n)));
      v_f32 other = v_mul(v_sub(v_splat(1), keep), update);
      v_store_some(h + k, v_canonical(v_fma(keep, v_load_some(h + k, n), other)), n);
    }
  }
}
