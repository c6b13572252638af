// Sixteen elements at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

#include "../lanes/exponential.h"

// NaN elements are passed over: they turn the sum into NaN anyway.
static float largest(const float *x, ptrdiff_t count) {
  float best[QG_PANEL];
  v_f32 top = v_splat(-__builtin_inff());
  ptrdiff_t i = 0;
  for (; i + QG_PANEL <= count; i += QG_PANEL) {
    v_f32 y = v_load(x + i);
    top = v_at_least(v_where_nan(y, v_splat(-__builtin_inff()), y), top);
  }
  v_store(best, top);
  for (; i < count; i++) best[0] = x[i] > best[0] ? x[i] : best[0];
  for (int lane = 1; lane < QG_PANEL; lane++) best[0] = best[lane] > best[0] ? best[lane] : best[0];
  return best[0];
}

void QG_NAME(softmax_f32)(const float *x, ptrdiff_t rows, ptrdiff_t count, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += count, out += count) {
    v_f32 top = v_splat(largest(x, count));
    v_f32 sum = v_splat(0);
    float lanes[QG_PANEL];
    ptrdiff_t i = 0;
    for (; i + QG_PANEL <= count; i += QG_PANEL) {
      v_f32 y = exponential(v_sub(v_load(x + i), top));
      v_store(out + i, y);
      sum = v_add(sum, y);
    }
    v_store(lanes, sum);
    if (i < count) {
      v_store_part(out + i, exponential(v_sub(v_load_part(x + i, count - i), top)), count - i);
      for (ptrdiff_t lane = 0; lane < count - i; lane++) lanes[lane] += out[i + lane];
    }
    for (int apart = QG_PANEL / 2; apart > 0; apart /= 2) {
      for (int lane = 0; lane < apart; lane++) lanes[lane] += lanes[lane + apart];
    }
    v_f32 total = v_splat(lanes[0]);
    for (i = 0; i < count; i += QG_PANEL) {
      v_f32 y = v_div(v_load_some(out + i, count - i), total);
      v_store_some(out + i, v_canonical(y), count - i);
    }
  }
}
