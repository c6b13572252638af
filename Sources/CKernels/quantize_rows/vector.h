// A row is read twice: for its range, then to quantize it; after lanes/<isa>.h.

#include <string.h>

#include "affine.h"

void QG_NAME(quantize_rows_u8)(const qg_quantize_rows_args *g) {
  for (ptrdiff_t row = 0; row < g->rows; row++) {
    const float *x = g->x + row * g->x_stride;
    uint8_t *codes = g->codes + row * g->codes_stride;
    float minimum, maximum;
    QG_NAME(range_f32)(x, g->count, &minimum, &maximum);
    qg_affine affine = qg_dynamic_affine(minimum, maximum, g->symmetric);
    g->affines[row] = affine;
    if (qg_is_finite(affine.scale)) {
      QG_NAME(quantize_u8)(x, g->count, affine, codes);
    } else {
      memset(codes, 0, (size_t)g->count);
    }
  }
}
