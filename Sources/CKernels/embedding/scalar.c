#include "../half.h"
#include "../scalar.h"

static float value(const qg_embedding_args *g, ptrdiff_t row, ptrdiff_t at) {
  switch (g->storage) {
    case QG_F32: return ((const float *)g->table)[at];
    case QG_F16: return qg_f16_value(((const uint16_t *)g->table)[at]);
    case QG_BF16: return qg_bf16_value(((const uint16_t *)g->table)[at]);
    case QG_S8: return (float)((const int8_t *)g->table)[at] * g->row_scale[row];
  }
  __builtin_unreachable();
}

void qg_embedding_scalar(const qg_embedding_args *g) {
  for (ptrdiff_t i = 0; i < g->count; i++) {
    ptrdiff_t row = g->ids[i];
    assert(row >= 0 && row < g->rows);
    for (ptrdiff_t c = 0; c < g->columns; c++) {
      g->out[i * g->out_stride + c] = qg_canonical(value(g, row, row * g->columns + c));
    }
  }
}
