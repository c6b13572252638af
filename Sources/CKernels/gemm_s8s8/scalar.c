#include "../scalar.h"

void qg_gemm_s8s8_scalar(const qg_gemm_s8s8_args *g) {
  ptrdiff_t panel_bytes = qg_groups(g->k, 4) * 4 * QG_PANEL;
  for (ptrdiff_t m = 0; m < g->m; m++) {
    const int8_t *a = g->a + m * g->a_stride;
    float row_scale = g->row_scale[m * g->row_step];
    for (ptrdiff_t n = 0; n < g->n; n++) {
      const int8_t *w = g->panels + (n / QG_PANEL) * panel_bytes + (n % QG_PANEL) * 4;
      int32_t dot = 0;
      for (ptrdiff_t k = 0; k < g->k; k++) dot += a[k] * w[(k / 4) * (4 * QG_PANEL) + k % 4];
      float y = qg_scaled(dot, row_scale * g->weight_scale[n], g->bias, n);
      qg_store(&g->output, m * g->output.stride + n, y, g->bounds);
    }
  }
}
