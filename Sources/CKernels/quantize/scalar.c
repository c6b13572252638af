#include "../scalar.h"

void qg_quantize_u8_scalar(const float *x, ptrdiff_t count, qg_affine affine, uint8_t *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_quantize(x[i], affine);
}

void qg_dequantize_u8_scalar(const uint8_t *q, ptrdiff_t count, qg_affine affine, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = (float)(q[i] - affine.zero_point) * affine.scale;
}

void qg_range_f32_scalar(const float *x, ptrdiff_t count, float *minimum, float *maximum) {
  float low = count > 0 ? x[0] : 0;
  float high = low;
  for (ptrdiff_t i = 0; i < count; i++) {
    if (x[i] != x[i]) {
      *minimum = *maximum = qg_canonical(x[i]);
      return;
    }
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  *minimum = low + 0.0f;  // -0 becomes +0: which zero is met first depends on the order
  *maximum = high + 0.0f;
}
