// Sixteen columns at a time; after lanes/<isa>.h and lanes/half_<isa>.h.

#include "../lanes/finish.h"

#include "../lanes/storage.h"

QG_INLINE void look_up(const qg_embedding_args *g, const qg_storage storage) {
  for (ptrdiff_t i = 0; i < g->count; i++) {
    ptrdiff_t row = g->ids[i];
    assert(row >= 0 && row < g->rows);
    v_f32 scale = v_splat(storage == QG_S8 ? g->row_scale[row] : 1);
    float *out = g->out + i * g->out_stride;
    for (ptrdiff_t c = 0; c < g->columns; c += QG_PANEL) {
      ptrdiff_t n = g->columns - c;
      v_f32 y = v_load_stored(g->table, row * g->columns + c, n, storage);
      if (storage == QG_S8) y = v_mul(y, scale);
      v_store_some(out + c, v_canonical(y), n);
    }
  }
}

void QG_NAME(embedding)(const qg_embedding_args *g) {
  switch (g->storage) {
    case QG_F32: return look_up(g, QG_F32);
    case QG_F16: return look_up(g, QG_F16);
    case QG_BF16: return look_up(g, QG_BF16);
    case QG_S8: return look_up(g, QG_S8);
  }
}
