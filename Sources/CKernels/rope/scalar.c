#include "../scalar.h"

static void turn(const qg_rope_args *g, const float *x, const float *cosines, const float *sines,
                 float *out) {
  ptrdiff_t pairs = g->rotary / 2;
  int interleaved = g->pairing == QG_ROPE_INTERLEAVED;
  for (ptrdiff_t i = 0; i < pairs; i++) {
    ptrdiff_t first = interleaved ? 2 * i : i;
    ptrdiff_t second = interleaved ? 2 * i + 1 : i + pairs;
    float a = x[first];
    float b = x[second];
    out[first] = qg_canonical(__builtin_fmaf(a, cosines[i], -(b * sines[i])));
    out[second] = qg_canonical(__builtin_fmaf(b, cosines[i], a * sines[i]));
  }
  for (ptrdiff_t d = g->rotary; d < g->head_dim; d++) out[d] = qg_canonical(x[d]);
}

void qg_rope_f32_scalar(const qg_rope_args *g) {
  assert(g->rotary % 2 == 0 && g->rotary <= g->head_dim);
  for (ptrdiff_t token = 0; token < g->tokens; token++) {
    ptrdiff_t position = g->positions[token];
    assert(position >= 0 && position < g->table_rows);
    ptrdiff_t at = position * (g->rotary / 2);
    for (ptrdiff_t head = 0; head < g->heads; head++) {
      turn(g, g->x + token * g->x_stride + head * g->head_dim, g->cosines + at, g->sines + at,
           g->out + token * g->out_stride + head * g->head_dim);
    }
  }
}
