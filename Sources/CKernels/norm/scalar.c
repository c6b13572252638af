#include "../reduce.h"
#include "../scalar.h"

// y = scaled * weight + bias, as far as there are any.
static float finished(const qg_norm_args *g, float scaled, ptrdiff_t i) {
  if (!g->weight) return qg_canonical(scaled);
  float y = g->bias ? __builtin_fmaf(scaled, g->weight[i], g->bias[i]) : scaled * g->weight[i];
  return qg_canonical(y);
}

static float reciprocal_root(const qg_norm_args *g, float squares) {
  return 1 / __builtin_sqrtf(squares / (float)g->count + g->epsilon);
}

void qg_rms_norm_f32_scalar(const qg_norm_args *g) {
  assert(g->weight || !g->bias);
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *x = g->x + row * g->x_stride;
    float *out = g->out + row * g->out_stride;
    float lanes[QG_PANEL] = {0};
    for (ptrdiff_t i = 0; i < g->count; i++) {
      lanes[i % QG_PANEL] = __builtin_fmaf(x[i], x[i], lanes[i % QG_PANEL]);
    }
    float r = reciprocal_root(g, qg_sum_of_lanes(lanes));
    for (ptrdiff_t i = 0; i < g->count; i++) out[i] = finished(g, x[i] * r, i);
  }
}

void qg_layer_norm_f32_scalar(const qg_norm_args *g) {
  assert(g->weight || !g->bias);
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *x = g->x + row * g->x_stride;
    float *out = g->out + row * g->out_stride;
    float sums[QG_PANEL] = {0};
    for (ptrdiff_t i = 0; i < g->count; i++) sums[i % QG_PANEL] += x[i];
    float mean = qg_sum_of_lanes(sums) / (float)g->count;
    float lanes[QG_PANEL] = {0};
    for (ptrdiff_t i = 0; i < g->count; i++) {
      float d = x[i] - mean;
      lanes[i % QG_PANEL] = __builtin_fmaf(d, d, lanes[i % QG_PANEL]);
    }
    float r = reciprocal_root(g, qg_sum_of_lanes(lanes));
    for (ptrdiff_t i = 0; i < g->count; i++) out[i] = finished(g, (x[i] - mean) * r, i);
  }
}
