#include "../scalar.h"

void qg_add_f32_scalar(const float *a, const float *b, ptrdiff_t count, qg_bounds bounds,
                       float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_clamp(a[i] + b[i], bounds);
}

void qg_add_u8_scalar(const uint8_t *a, qg_affine a_affine, const uint8_t *b, qg_affine b_affine,
                      ptrdiff_t count, qg_bounds bounds, qg_affine out_affine, uint8_t *out) {
  for (ptrdiff_t i = 0; i < count; i++) {
    float other = (float)(b[i] - b_affine.zero_point) * b_affine.scale;
    float y = __builtin_fmaf((float)(a[i] - a_affine.zero_point), a_affine.scale, other);
    out[i] = qg_quantize(qg_clamp(y, bounds), out_affine);
  }
}

void qg_multiply_f32_scalar(const float *a, const float *b, ptrdiff_t count, qg_bounds bounds,
                            float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_clamp(a[i] * b[i], bounds);
}

void qg_multiply_u8_scalar(const uint8_t *a, qg_affine a_affine, const uint8_t *b,
                           qg_affine b_affine, ptrdiff_t count, qg_bounds bounds,
                           qg_affine out_affine, uint8_t *out) {
  float scale = a_affine.scale * b_affine.scale;
  for (ptrdiff_t i = 0; i < count; i++) {
    int32_t product = (a[i] - a_affine.zero_point) * (b[i] - b_affine.zero_point);
    out[i] = qg_quantize(qg_clamp((float)product * scale, bounds), out_affine);
  }
}

void qg_clamp_f32_scalar(const float *x, ptrdiff_t count, qg_bounds bounds, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) out[i] = qg_clamp(x[i], bounds);
}

void qg_clamp_u8_scalar(const uint8_t *x, ptrdiff_t count, uint8_t lower, uint8_t upper,
                        uint8_t *out) {
  for (ptrdiff_t i = 0; i < count; i++) {
    uint8_t y = x[i] < lower ? lower : x[i];
    out[i] = y > upper ? upper : y;
  }
}
