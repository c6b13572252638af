#include "../scalar.h"

void qg_gemm_f32_scalar(const qg_gemm_f32_args *g) {
  for (ptrdiff_t m = 0; m < g->m; m++) {
    const float *a = g->a + m * g->a_stride;
    float *c = g->c + m * g->c_stride;
    for (ptrdiff_t first = 0; first < g->n; first += QG_PANEL) {
      const float *b = g->panels + first * g->k;
      float sum[QG_PANEL] = {0};
      for (ptrdiff_t k = 0; k < g->k; k++) {
        for (int lane = 0; lane < QG_PANEL; lane++) {
          sum[lane] = __builtin_fmaf(a[k], b[k * QG_PANEL + lane], sum[lane]);
        }
      }
      ptrdiff_t lanes = qg_smaller(QG_PANEL, g->n - first);
      for (ptrdiff_t lane = 0; lane < lanes; lane++) {
        float y = g->bias ? sum[lane] + g->bias[first + lane] : sum[lane];
        c[first + lane] = qg_clamp(y, g->bounds);
      }
    }
  }
}
