#include <string.h>

#include "../scalar.h"

static float widened(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void qg_gemm_bf16_scalar(const qg_gemm_bf16_args *g) {
  for (ptrdiff_t m = 0; m < g->m; m++) {
    const float *a = g->a + m * g->a_stride;
    float *c = g->c + m * g->c_stride;
    for (ptrdiff_t n = 0; n < g->n; n++) {
      const uint16_t *b = g->panels + n / QG_PANEL * QG_PANEL * g->k + n % QG_PANEL;
      float sum = 0;
      for (ptrdiff_t k = 0; k < g->k; k++) {
        sum = __builtin_fmaf(a[k], widened(b[k * QG_PANEL]), sum);
      }
      c[n] = qg_clamp(g->bias ? sum + g->bias[n] : sum, g->bounds);
    }
  }
}
