// Sixteen pairs of halves, or eight neighbouring pairs, at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

// a c - b s = fma(a, c, b * -s), to the bit: a product's sign is exact.
QG_INLINE void turn_neighbours(const float *x, const float *cosines, const float *sines,
                               ptrdiff_t rotary, float *out) {
  static const float signs[QG_PANEL] = {-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1};
  v_f32 sign = v_load(signs);
  for (ptrdiff_t i = 0; i < rotary; i += QG_PANEL) {
    ptrdiff_t n = rotary - i;
    ptrdiff_t pairs = n < QG_PANEL ? n / 2 : QG_PANEL / 2;
    v_f32 y = v_load_some(x + i, n);
    v_f32 s = v_mul(v_each_twice(sines + i / 2, pairs), sign);
    v_f32 crossed = v_mul(v_swap_neighbours(y), s);
    y = v_fma(y, v_each_twice(cosines + i / 2, pairs), crossed);
    v_store_some(out + i, v_canonical(y), n);
  }
}

QG_INLINE void turn_halves(const float *x, const float *cosines, const float *sines,
                           ptrdiff_t pairs, float *out) {
  for (ptrdiff_t i = 0; i < pairs; i += QG_PANEL) {
    ptrdiff_t n = pairs - i;
    v_f32 a = v_load_some(x + i, n);
    v_f32 b = v_load_some(x + pairs + i, n);
    v_f32 c = v_load_some(cosines + i, n);
    v_f32 s = v_load_some(sines + i, n);
    v_f32 first = v_fma(a, c, v_mul(b, v_mul(s, v_splat(-1))));
    v_store_some(out + i, v_canonical(first), n);
    v_store_some(out + pairs + i, v_canonical(v_fma(b, c, v_mul(a, s))), n);
  }
}

void QG_NAME(rope_f32)(const qg_rope_args *g) {
  assert(g->rotary % 2 == 0 && g->rotary <= g->head_dim);
  for (ptrdiff_t token = 0; token < g->tokens; token++) {
    ptrdiff_t position = g->positions[token];
    assert(position >= 0 && position < g->table_rows);
    const float *cosines = g->cosines + position * (g->rotary / 2);
    const float *sines = g->sines + position * (g->rotary / 2);
    for (ptrdiff_t head = 0; head < g->heads; head++) {
      const float *x = g->x + token * g->x_stride + head * g->head_dim;
      float *out = g->out + token * g->out_stride + head * g->head_dim;
      if (g->pairing == QG_ROPE_INTERLEAVED) {
        turn_neighbours(x, cosines, sines, g->rotary, out);
      } else {
        turn_halves(x, cosines, sines, g->rotary / 2, out);
      }
      for (ptrdiff_t d = g->rotary; d < g->head_dim; d += QG_PANEL) {
        ptrdiff_t n = g->head_dim - d;
        v_store_some(out + d, v_canonical(v_load_some(x + d, n)), n);
      }
    }
  }
}
