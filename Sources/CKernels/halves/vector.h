// Sixteen elements at a time; after lanes/<isa>.h and lanes/half_<isa>.h.

#include "../lanes/finish.h"

void QG_NAME(encode_f16)(const float *x, ptrdiff_t count, uint16_t *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_canonical(v_load_some(x + i, count - i));
    v_store_halves(out + i, v_to_f16(y), count - i);
  }
}

void QG_NAME(encode_bf16)(const float *x, ptrdiff_t count, uint16_t *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_canonical(v_load_some(x + i, count - i));
    v_store_halves(out + i, v_to_bf16(y), count - i);
  }
}

void QG_NAME(decode_f16)(const uint16_t *codes, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_from_f16(v_load_halves(codes + i, count - i));
    v_store_some(out + i, v_canonical(y), count - i);
  }
}

void QG_NAME(decode_bf16)(const uint16_t *codes, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    v_f32 y = v_from_bf16(v_load_halves(codes + i, count - i));
    v_store_some(out + i, v_canonical(y), count - i);
  }
}
