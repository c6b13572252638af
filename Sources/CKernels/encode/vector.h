// Sixteen runs of 32 numbers at a time, one per lane, so that every lane repeats the scalar encoder's
// operations in their order; after lanes/<isa>.h.

#include "../lanes/finish.h"
#include "blocks.h"

// Element i of run r at [i * 16 + r]; runs that are not there are zero.
typedef float columns[qg_run * QG_PANEL];

static void transpose(const float *x, ptrdiff_t runs, float *t) {
  if (runs < QG_PANEL) __builtin_memset(t, 0, sizeof(columns));
  for (ptrdiff_t r = 0; r < runs; r++) {
    for (ptrdiff_t i = 0; i < qg_run; i++) t[i * QG_PANEL + r] = x[r * qg_run + i];
  }
}

QG_INLINE v_f32 v_magnitude(v_f32 y) { return v_at_least(y, v_sub(v_splat(0), y)); }

QG_INLINE v_f32 v_within(v_f32 y, float lower, float upper) {
  return v_at_most(v_splat(upper), v_at_least(v_splat(lower), y));
}

// 1 / d where that is finite, else 0.
QG_INLINE v_f32 v_reciprocal(v_f32 d) {
  v_f32 by = v_div(v_splat(1), d);
  return v_where_less(v_magnitude(by), v_splat(__builtin_inff()), by, v_splat(0));
}

// qg_nearest_code.
QG_INLINE v_f32 v_nearest_code(v_f32 y) {
  v_s32 code = v_low_bits(v_add(y, v_splat(0x1.8p23f)), 23);
  code = v_larger_s32(v_sub_s32(code, v_splat_s32(0x400000)), v_splat_s32(0));
  return v_at_most(v_splat(15), v_from_s32(code));
}

// Of each run the largest magnitude, the first element that has it, and how many of the `runs` come
// before one that holds a NaN or an infinity.
typedef struct {
  v_f32 size, extreme;
  ptrdiff_t finite;
} extremes;

QG_INLINE extremes extremes_of(const float *x, const float *t, ptrdiff_t runs) {
  extremes e = {v_splat(0), v_splat(0), runs};
  v_f32 zeros = v_splat(0);
#pragma unroll
  for (int i = 0; i < qg_run; i++) {
    v_f32 y = v_load(t + i * QG_PANEL);
    v_f32 size = v_magnitude(y);
    e.extreme = v_where_less(e.size, size, y, e.extreme);
    e.size = v_where_less(e.size, size, size, e.size);
    zeros = v_fma(y, v_splat(0), zeros);  // a NaN unless every element is finite
  }
  if (v_any_nan(zeros)) e.finite = qg_first_not_finite(x, runs * qg_run) / qg_run;
  return e;
}

ptrdiff_t QG_NAME(encode_q4_0)(const float *x, ptrdiff_t blocks, qg_block_q4_0 *out) {
  columns t;
  float scales[QG_PANEL];
  uint8_t pairs[16 * QG_PANEL];
  for (ptrdiff_t b = 0; b < blocks; b += QG_PANEL, x += QG_PANEL * qg_run) {
    ptrdiff_t runs = qg_smaller(QG_PANEL, blocks - b);
    transpose(x, runs, t);
    extremes e = extremes_of(x, t, runs);
    v_f32 d = v_div(e.extreme, v_splat(-8));
    v_f32 by = v_reciprocal(d);
    v_store(scales, d);
#pragma unroll
    for (int j = 0; j < 16; j++) {
      v_f32 low = v_add(v_mul(v_load(t + j * QG_PANEL), by), v_splat(8.5f));
      v_f32 high = v_add(v_mul(v_load(t + (j + 16) * QG_PANEL), by), v_splat(8.5f));
      v_s32 upper = v_to_s32(v_within(high, 0, 15));
      v_s32 pair = v_add_s32(v_to_s32(v_within(low, 0, 15)), v_mul_s32(upper, v_splat_s32(16)));
      v_store_u8(pairs + j * QG_PANEL, pair);
    }
    for (ptrdiff_t r = 0; r < runs; r++) {
      if (r == e.finite || !qg_fits_f16(scales[r])) return b + r;
      out[b + r].d = qg_f16_code(scales[r]);
      for (int j = 0; j < 16; j++) out[b + r].qs[j] = pairs[j * QG_PANEL + r];
    }
  }
  return blocks;
}

ptrdiff_t QG_NAME(encode_q8_0)(const float *x, ptrdiff_t blocks, qg_block_q8_0 *out) {
  columns t;
  float scales[QG_PANEL];
  uint8_t codes[qg_run * QG_PANEL];
  for (ptrdiff_t b = 0; b < blocks; b += QG_PANEL, x += QG_PANEL * qg_run) {
    ptrdiff_t runs = qg_smaller(QG_PANEL, blocks - b);
    transpose(x, runs, t);
    extremes e = extremes_of(x, t, runs);
    v_f32 d = v_div(e.size, v_splat(127));
    v_f32 by = v_reciprocal(d);
    v_store(scales, d);
#pragma unroll
    for (int j = 0; j < qg_run; j++) {
      v_f32 y = v_within(v_mul(v_load(t + j * QG_PANEL), by), -127, 127);
      v_f32 whole = v_from_s32(v_to_s32(y));  // half away from zero
      v_f32 step = v_where_less(y, v_splat(0), v_splat(-1), v_splat(1));
      v_f32 rest = v_magnitude(v_sub(y, whole));
      y = v_where_less(rest, v_splat(0.5f), whole, v_add(whole, step));
      v_store_u8(codes + j * QG_PANEL, v_add_s32(v_to_s32(y), v_splat_s32(128)));
    }
    for (ptrdiff_t r = 0; r < runs; r++) {
      if (r == e.finite || !qg_fits_f16(scales[r])) return b + r;
      out[b + r].d = qg_f16_code(scales[r]);
      for (int j = 0; j < qg_run; j++) out[b + r].qs[j] = (int8_t)(codes[j * QG_PANEL + r] - 128);
    }
  }
  return blocks;
}

// What a search has found: see `line` in scalar.c.
typedef struct {
  v_f32 scale, minimum, best_steps, best_from;
} lines;

QG_INLINE v_f32 codes_on(v_f32 x, v_f32 minimum, v_f32 steps) {
  return v_nearest_code(v_mul(steps, v_sub(x, minimum)));
}

QG_INLINE v_f32 error_of(const float *t, const float *weights, const float *codes, v_f32 scale,
                         v_f32 minimum) {
  v_f32 error = v_splat(0);
#pragma unroll 4
  for (int i = 0; i < qg_run; i++) {
    v_f32 value = v_add(v_mul(scale, v_load(codes + i * QG_PANEL)), minimum);
    v_f32 difference = v_sub(value, v_load(t + i * QG_PANEL));
    v_f32 squared = v_mul(difference, difference);
    error = v_add(error, v_mul(v_load(weights + i * QG_PANEL), squared));
  }
  return error;
}

// The sums of one trial.
typedef struct {
  v_f32 l, l2, xl;
} sums;

QG_INLINE sums sums_of(const float *t, const float *weights, v_f32 minimum, v_f32 steps,
                       float *codes) {
  sums s = {v_splat(0), v_splat(0), v_splat(0)};
#pragma unroll 4
  for (int i = 0; i < qg_run; i++) {
    v_f32 x = v_load(t + i * QG_PANEL);
    v_f32 code = codes_on(x, minimum, steps);
    v_store(codes + i * QG_PANEL, code);
    v_f32 weighted = v_mul(v_load(weights + i * QG_PANEL), code);
    s.l = v_add(s.l, weighted);
    s.l2 = v_add(s.l2, v_mul(weighted, code));
    s.xl = v_add(s.xl, v_mul(weighted, x));
  }
  return s;
}

// All lanes search; a lane whose determinant is not positive, or whose numbers are all alike, keeps
// what it has.
static lines fit(const float *t, const float *weights) {
  v_f32 zero = v_splat(0), fifteen = v_splat(15);
  v_f32 minimum = v_load(t), maximum = minimum, sum_w = v_load(weights);
  v_f32 sum_x = v_mul(sum_w, minimum);
  for (int i = 1; i < qg_run; i++) {
    v_f32 x = v_load(t + i * QG_PANEL), w = v_load(weights + i * QG_PANEL);
    minimum = v_where_less(x, minimum, x, minimum);
    maximum = v_where_less(maximum, x, x, maximum);
    sum_w = v_add(sum_w, w);
    sum_x = v_add(sum_x, v_mul(w, x));
  }
  minimum = v_where_less(zero, minimum, zero, minimum);
  v_f32 width = v_sub(maximum, minimum);
  columns codes;
  v_f32 steps = v_div(fifteen, width);
  for (int i = 0; i < qg_run; i++) {
    v_store(codes + i * QG_PANEL, codes_on(v_load(t + i * QG_PANEL), minimum, steps));
  }
  lines best = {v_div(v_splat(1), steps), minimum, steps, minimum};
  v_f32 best_error = error_of(t, weights, codes, best.scale, minimum);
  for (int trial = 0; trial <= 20; trial++) {
    float above = -1.0f + 0.1f * (float)trial + 15.0f;
    steps = v_div(v_splat(above), v_sub(maximum, best.minimum));
    sums s = sums_of(t, weights, best.minimum, steps, codes);
    v_f32 determinant = v_sub(v_mul(sum_w, s.l2), v_mul(s.l, s.l));
    v_f32 scale = v_div(v_sub(v_mul(sum_w, s.xl), v_mul(sum_x, s.l)), determinant);
    v_f32 from = v_div(v_sub(v_mul(s.l2, sum_x), v_mul(s.l, s.xl)), determinant);
    scale = v_where_less(zero, from, v_div(s.xl, s.l2), scale);
    from = v_where_less(zero, from, zero, from);
    v_f32 error = error_of(t, weights, codes, scale, from);
    // An error that cannot win stands for a trial that does not count.
    error = v_where_less(zero, determinant, error, v_splat(__builtin_inff()));
    best.best_steps = v_where_less(error, best_error, steps, best.best_steps);
    best.best_from = v_where_less(error, best_error, best.minimum, best.best_from);
    best.scale = v_where_less(error, best_error, scale, best.scale);
    best.minimum = v_where_less(error, best_error, from, best.minimum);
    best_error = v_where_less(error, best_error, error, best_error);
  }
  best.scale = v_where_less(zero, width, best.scale, zero);
  best.best_steps = v_where_less(zero, width, best.best_steps, zero);
  return best;
}

static void weights_of(const float *t, float *weights) {
  v_f32 squares = v_splat(0);
  for (int i = 0; i < qg_run; i++) {
    v_f32 x = v_load(t + i * QG_PANEL);
    squares = v_add(squares, v_mul(x, x));
  }
  v_f32 typical = v_sqrt(v_div(squares, v_splat(32)));
  for (int i = 0; i < qg_run; i++) {
    v_store(weights + i * QG_PANEL, v_add(typical, v_magnitude(v_load(t + i * QG_PANEL))));
  }
}

// The final codes of sixteen sub-blocks, from the scales as they will be decoded.
static void final_codes(const float *t, const lines *found, const float *d, const float *dm,
                        uint8_t *codes) {
  v_f32 scale = v_load(d), minimum = v_load(dm);
  for (int i = 0; i < qg_run; i++) {
    v_f32 x = v_load(t + i * QG_PANEL);
    v_f32 y = v_nearest_code(v_div(v_add(x, minimum), scale));
    v_f32 unscaled = codes_on(x, found->best_from, found->best_steps);
    y = v_where_less(v_splat(0), scale, y, unscaled);
    v_store_u8(codes + i * QG_PANEL, v_to_s32(y));
  }
}

ptrdiff_t QG_NAME(encode_q4_k)(const float *x, ptrdiff_t blocks, qg_block_q4_k *out) {
  columns t, weights;
  float scales[QG_PANEL], minima[QG_PANEL], d[QG_PANEL] = {0}, dm[QG_PANEL] = {0};
  uint8_t codes[qg_run * QG_PANEL];
  for (ptrdiff_t b = 0; b < blocks; b += 2, x += QG_PANEL * qg_run) {
    ptrdiff_t here = qg_smaller(2, blocks - b);
    transpose(x, 8 * here, t);
    ptrdiff_t finite = extremes_of(x, t, 8 * here).finite / 8;
    if (finite == 0) return b;
    weights_of(t, weights);
    lines found = fit(t, weights);
    v_store(scales, found.scale);
    v_store(minima, v_sub(v_splat(0), found.minimum));
    ptrdiff_t done = 0;
    while (done < finite && qg_share_scales(out + b + done, scales + 8 * done, minima + 8 * done,
                                            d + 8 * done, dm + 8 * done)) {
      done++;
    }
    final_codes(t, &found, d, dm, codes);
    for (ptrdiff_t s = 0; s < done; s++) {
      for (int j = 0; j < 4; j++) {
        for (int i = 0; i < qg_run; i++) {
          const uint8_t *two = codes + i * QG_PANEL + 8 * s + 2 * j;
          out[b + s].qs[j * qg_run + i] = (uint8_t)(two[0] | two[1] << 4);
        }
      }
    }
    if (done < here) return b + done;
  }
  return blocks;
}
