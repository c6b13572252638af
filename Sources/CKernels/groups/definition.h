// The scalar products of groups.h, after
//   step(g, a, zero_point, n, begin, sum): sum after the block of output n from k `begin` on, against
//   the codes a of one row
// and QG_ARGUMENTS.

#include "../scalar.h"

static void run_outputs(const QG_ARGUMENTS *g, ptrdiff_t block) {
  for (ptrdiff_t m = 0; m < g->m; m++) {
    const uint8_t *a = g->a + m * g->a_stride;
    qg_affine row = g->rows[m * g->row_step];
    for (ptrdiff_t n = 0; n < g->n; n++) {
      float sum = 0;
      for (ptrdiff_t begin = 0; begin < g->k; begin += block) {
        sum = step(g, a + begin, row.zero_point, n, begin, sum);
      }
      float y = g->bias ? __builtin_fmaf(sum, row.scale, g->bias[n]) : sum * row.scale;
      qg_store(&g->output, m * g->output.stride + n, y, g->bounds);
    }
  }
}
