#include "../half.h"

void qg_encode_f16_scalar(const float *x, ptrdiff_t count, uint16_t *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_f16_code(x[i]);
}

void qg_encode_bf16_scalar(const float *x, ptrdiff_t count, uint16_t *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_bf16_code(x[i]);
}

void qg_decode_f16_scalar(const uint16_t *codes, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_f16_value(codes[i]);
}

void qg_decode_bf16_scalar(const uint16_t *codes, ptrdiff_t count, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_bf16_value(codes[i]);
}
