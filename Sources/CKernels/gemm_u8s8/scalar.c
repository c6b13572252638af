#include "../scalar.h"

// sum over k of (a[k] - zero_point) * (w[k] - weight_zero), straight from the definition.
static int32_t dot(const uint8_t *a, int32_t zero_point, const int8_t *w, int32_t weight_zero,
                   ptrdiff_t count) {
  int32_t sum = 0;
  for (ptrdiff_t k = 0; k < count; k++) {
    int32_t weight = w[(k / 4) * (4 * QG_PANEL) + k % 4] - weight_zero;
    sum = qg_wrapping_sum(sum, qg_wrapping_product(a[k] - zero_point, weight));
  }
  return sum;
}

void qg_gemm_u8s8_scalar(const qg_gemm_u8s8_args *g) {
  ptrdiff_t panel_bytes = qg_groups(g->k, 4) * 4 * QG_PANEL;
  for (ptrdiff_t m = 0; m < g->m; m++) {
    const uint8_t *a = g->a + m * g->a_stride;
    qg_affine row = g->rows[m * g->row_step];
    for (ptrdiff_t n = 0; n < g->n; n++) {
      const int8_t *w = g->panels + (n / QG_PANEL) * panel_bytes + (n % QG_PANEL) * 4;
      int32_t weight_zero = g->weight_zero ? g->weight_zero[n] : 0;
      int32_t sum = dot(a, row.zero_point, w, weight_zero, g->k);
      float y = qg_scaled(sum, row.scale * g->weight_scale[n], g->bias, n);
      qg_store(&g->output, m * g->output.stride + n, y, g->bounds);
    }
  }
}
