#include "blocks.h"

ptrdiff_t qg_encode_q4_0_scalar(const float *x, ptrdiff_t blocks, qg_block_q4_0 *out) {
  for (ptrdiff_t b = 0; b < blocks; b++, x += qg_run) {
    if (qg_first_not_finite(x, qg_run) < qg_run) return b;
    float size = 0, extreme = 0;
    for (int j = 0; j < qg_run; j++) {
      if (size < __builtin_fabsf(x[j])) {
        size = __builtin_fabsf(x[j]);
        extreme = x[j];
      }
    }
    float d = extreme / -8.0f;
    if (!qg_fits_f16(d)) return b;
    float by = qg_reciprocal(d);
    out[b].d = qg_f16_code(d);
    uint8_t codes[qg_run];
    for (int j = 0; j < qg_run; j++) {
      float y = x[j] * by + 8.5f;
      y = 0 > y ? 0 : y;
      codes[j] = (uint8_t)(15 < y ? 15 : y);
    }
    for (int j = 0; j < 16; j++) out[b].qs[j] = (uint8_t)(codes[j] | codes[j + 16] << 4);
  }
  return blocks;
}

ptrdiff_t qg_encode_q8_0_scalar(const float *x, ptrdiff_t blocks, qg_block_q8_0 *out) {
  for (ptrdiff_t b = 0; b < blocks; b++, x += qg_run) {
    if (qg_first_not_finite(x, qg_run) < qg_run) return b;
    float size = 0;
    for (int j = 0; j < qg_run; j++) {
      if (size < __builtin_fabsf(x[j])) size = __builtin_fabsf(x[j]);
    }
    float d = size / 127.0f;
    if (!qg_fits_f16(d)) return b;
    float by = qg_reciprocal(d);
    out[b].d = qg_f16_code(d);
    for (int j = 0; j < qg_run; j++) {
      float y = x[j] * by;
      y = -127 > y ? -127 : y;
      y = 127 < y ? 127 : y;
      float whole = (float)(int)y;  // half away from zero
      float rest = __builtin_fabsf(y - whole);
      out[b].qs[j] = (int8_t)(rest < 0.5f ? whole : whole + (y < 0 ? -1.0f : 1.0f));
    }
  }
  return blocks;
}

// The code of a number on a line through `minimum` with steps of 1 / `steps`.
static float code_on(float x, float minimum, float steps) {
  return (float)qg_nearest_code(steps * (x - minimum));
}

typedef struct {
  float scale, minimum;         // of the values: minimum <= 0
  float best_steps, best_from;  // of the codes that gave the smallest error
} line;

static float error_of(const float *x, const float *weights, const float *codes, float scale,
                      float minimum) {
  float error = 0;
  for (int i = 0; i < qg_run; i++) {
    float difference = scale * codes[i] + minimum - x[i];
    error += weights[i] * (difference * difference);
  }
  return error;
}

// Searches a scale and a minimum of small weighted squared error: 21 trial steps, each followed by
// weighted least squares (ggml: make_qkx2_quants).
static line fit(const float *x, const float *weights) {
  float minimum = x[0], maximum = x[0];
  float sum_w = weights[0], sum_x = weights[0] * x[0];
  for (int i = 1; i < qg_run; i++) {
    if (x[i] < minimum) minimum = x[i];
    if (x[i] > maximum) maximum = x[i];
    sum_w += weights[i];
    sum_x += weights[i] * x[i];
  }
  if (minimum > 0) minimum = 0;
  if (maximum == minimum) return (line){0, minimum, 0, minimum};
  float steps = 15.0f / (maximum - minimum);
  float codes[qg_run];
  for (int i = 0; i < qg_run; i++) codes[i] = code_on(x[i], minimum, steps);
  line best = {1 / steps, minimum, steps, minimum};
  float best_error = error_of(x, weights, codes, best.scale, minimum);
  for (int trial = 0; trial <= 20; trial++) {
    steps = (-1.0f + 0.1f * (float)trial + 15.0f) / (maximum - best.minimum);
    float sum_l = 0, sum_l2 = 0, sum_xl = 0;
    for (int i = 0; i < qg_run; i++) {
      codes[i] = code_on(x[i], best.minimum, steps);
      float weighted = weights[i] * codes[i];
      sum_l += weighted;
      sum_l2 += weighted * codes[i];
      sum_xl += weighted * x[i];
    }
    float determinant = sum_w * sum_l2 - sum_l * sum_l;
    if (!(determinant > 0)) continue;
    float scale = (sum_w * sum_xl - sum_x * sum_l) / determinant;
    float from = (sum_l2 * sum_x - sum_l * sum_xl) / determinant;
    if (from > 0) {
      from = 0;
      scale = sum_xl / sum_l2;
    }
    float error = error_of(x, weights, codes, scale, from);
    if (error < best_error) {
      best_error = error;
      best = (line){scale, from, steps, best.minimum};
    }
  }
  return best;
}

static float weights_of(const float *x, float *weights) {
  float squares = 0;
  for (int i = 0; i < qg_run; i++) squares += x[i] * x[i];
  float typical = __builtin_sqrtf(squares / 32);
  for (int i = 0; i < qg_run; i++) weights[i] = typical + __builtin_fabsf(x[i]);
  return typical;
}

static int encode_q4_k(const float *x, qg_block_q4_k *out) {
  if (qg_first_not_finite(x, 8 * qg_run) < 8 * qg_run) return 0;
  float scales[8], minima[8], d[8], dm[8], weights[qg_run];
  uint8_t codes[8 * qg_run];
  line lines[8];
  for (int j = 0; j < 8; j++) {
    weights_of(x + j * qg_run, weights);
    lines[j] = fit(x + j * qg_run, weights);
    scales[j] = lines[j].scale;
    minima[j] = -lines[j].minimum;
  }
  if (!qg_share_scales(out, scales, minima, d, dm)) return 0;
  for (int i = 0; i < 8 * qg_run; i++) {
    int j = i / qg_run;
    codes[i] = (uint8_t)(d[j] == 0 ? code_on(x[i], lines[j].best_from, lines[j].best_steps)
                                   : (float)qg_nearest_code((x[i] + dm[j]) / d[j]));
  }
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < qg_run; i++) {
      const uint8_t *two = codes + 2 * j * qg_run + i;
      out->qs[j * qg_run + i] = (uint8_t)(two[0] | two[qg_run] << 4);
    }
  }
  return 1;
}

ptrdiff_t qg_encode_q4_k_scalar(const float *x, ptrdiff_t blocks, qg_block_q4_k *out) {
  for (ptrdiff_t b = 0; b < blocks; b++) {
    if (!encode_q4_k(x + b * 8 * qg_run, out + b)) return b;
  }
  return blocks;
}
