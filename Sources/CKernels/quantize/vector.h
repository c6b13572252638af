// Sixteen elements at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

void QG_NAME(quantize_u8)(const float *x, ptrdiff_t count, qg_affine affine, uint8_t *out) {
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_store_some_u8(out + i, v_quantize(v_load_some(x + i, n), affine), n);
  }
}

void QG_NAME(dequantize_u8)(const uint8_t *q, ptrdiff_t count, qg_affine affine, float *out) {
  v_s32 zero_point = v_splat_s32(affine.zero_point);
  v_f32 scale = v_splat(affine.scale);
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = count - i;
    v_f32 steps = v_from_s32(v_sub_s32(v_load_some_u8(q + i, n), zero_point));
    v_store_some(out + i, v_mul(steps, scale), n);
  }
}

static void range_of_lanes(v_f32 low, v_f32 high, float *minimum, float *maximum) {
  float lows[QG_PANEL], highs[QG_PANEL];
  v_store(lows, low);
  v_store(highs, high);
  for (int lane = 1; lane < QG_PANEL; lane++) {
    if (lows[lane] < lows[0]) lows[0] = lows[lane];
    if (highs[lane] > highs[0]) highs[0] = highs[lane];
  }
  *minimum = lows[0] + 0.0f;  // -0 becomes +0: which zero is met first depends on the order
  *maximum = highs[0] + 0.0f;
}

void QG_NAME(range_f32)(const float *x, ptrdiff_t count, float *minimum, float *maximum) {
  v_f32 low = v_splat(count > 0 ? x[0] : 0);
  v_f32 high = low;
  v_f32 nan = v_splat(0);
  ptrdiff_t i = 0;
  for (; i + QG_PANEL <= count; i += QG_PANEL) {
    v_f32 y = v_load(x + i);
    nan = v_where_nan(y, y, nan);
    low = v_at_most(y, low);
    high = v_at_least(y, high);
  }
  if (i < count) {
    float rest[QG_PANEL];
    for (int lane = 0; lane < QG_PANEL; lane++) rest[lane] = lane < count - i ? x[i + lane] : x[0];
    v_f32 y = v_load(rest);
    nan = v_where_nan(y, y, nan);
    low = v_at_most(y, low);
    high = v_at_least(y, high);
  }
  if (v_any_nan(nan)) {
    *minimum = *maximum = __builtin_nanf("");
  } else {
    range_of_lanes(low, high, minimum, maximum);
  }
}
