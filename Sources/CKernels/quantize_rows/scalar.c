#include "../scalar.h"
#include "affine.h"

void qg_quantize_rows_u8_scalar(const qg_quantize_rows_args *g) {
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *x = g->x + row * g->x_stride;
    uint8_t *codes = g->codes + row * g->codes_stride;
    float minimum, maximum;
    qg_range_f32_scalar(x, g->count, &minimum, &maximum);
    qg_affine affine = qg_dynamic_affine(minimum, maximum, g->symmetric);
    g->affines[row] = affine;
    for (ptrdiff_t i = 0; i < g->count; i++) {
      codes[i] = qg_is_finite(affine.scale) ? qg_quantize(x[i], affine) : 0;
    }
  }
}
