#include "../scalar.h"

static int32_t code_at(const uint8_t *panel, ptrdiff_t k, ptrdiff_t lane) {
  uint8_t pair = panel[(k / 8) * (4 * QG_PANEL) + lane * 4 + k % 4];
  return k % 8 < 4 ? pair & 15 : pair >> 4;
}

void qg_gemm_u8u4_scalar(const qg_gemm_u8u4_args *g) {
  assert(g->group > 0 && g->group % 8 == 0);
  ptrdiff_t padded = qg_groups(g->n, QG_PANEL) * QG_PANEL;
  ptrdiff_t panel_bytes = qg_groups(g->k, 8) * 4 * QG_PANEL;
  for (ptrdiff_t m = 0; m < g->m; m++) {
    const uint8_t *a = g->a + m * g->a_stride;
    qg_affine row = g->rows[m * g->row_step];
    for (ptrdiff_t n = 0; n < g->n; n++) {
      const uint8_t *panel = g->panels + (n / QG_PANEL) * panel_bytes;
      float sum = 0;
      for (ptrdiff_t first = 0; first < g->k; first += g->group) {
        ptrdiff_t at = first / g->group * padded + n;
        ptrdiff_t end = qg_smaller(first + g->group, g->k);
        int32_t zero = g->zero[at];
        assert(zero <= 64);
        int32_t dot = 0;
        for (ptrdiff_t k = first; k < end; k++) {
          dot += (a[k] - row.zero_point) * (code_at(panel, k, n % QG_PANEL) - zero);
        }
        sum = __builtin_fmaf((float)dot, g->scale[at], sum);
      }
      float y = g->bias ? __builtin_fmaf(sum, row.scale, g->bias[n]) : sum * row.scale;
      qg_store(&g->output, m * g->output.stride + n, y, g->bounds);
    }
  }
}
