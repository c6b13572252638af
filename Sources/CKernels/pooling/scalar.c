#include "../scalar.h"

// The window of one output position.
typedef struct {
  qg_taps rows, columns;
  ptrdiff_t positions;  // inside the image
} place;

static place place_of(const qg_window *w, ptrdiff_t y, ptrdiff_t x) {
  place p = {qg_rows_of(w, y), qg_columns_of(w, x), 0};
  p.positions = (p.rows.end - p.rows.begin) * (p.columns.end - p.columns.begin);
  return p;
}

// Runs `body` for every output position and channel, with `p`, `c` and the output index `at`.
#define QG_EACH_OUTPUT(w, body)                                            \
  for (ptrdiff_t y = (w)->row_begin; y < (w)->row_end; y++) {              \
    for (ptrdiff_t x = 0; x < (w)->out_width; x++) {                       \
      place p = place_of(w, y, x);                                         \
      for (ptrdiff_t c = 0; c < (w)->channels; c++) {                      \
        ptrdiff_t at = (y * (w)->out_width + x) * (w)->channels + c;       \
        body                                                               \
      }                                                                    \
    }                                                                      \
  }

// Runs `body` for every position inside the image, row-major, with its index `i` in the image.
#define QG_EACH_POSITION(w, body)                                                        \
  for (ptrdiff_t py = 0; py < p.rows.end - p.rows.begin; py++) {                         \
    for (ptrdiff_t px = 0; px < p.columns.end - p.columns.begin; px++) {                 \
      ptrdiff_t row = p.rows.first + py * p.rows.step;                                   \
      ptrdiff_t column = p.columns.first + px * p.columns.step;                          \
      ptrdiff_t i = (row * (w)->width + column) * (w)->channels + c;                     \
      body                                                                               \
    }                                                                                    \
  }

void qg_max_pool_f32_scalar(const qg_window *w, const float *in, float *out) {
  QG_EACH_OUTPUT(w, {
    float best = -__builtin_inff();
    QG_EACH_POSITION(w, { best = in[i] > best || in[i] != in[i] ? in[i] : best; })
    out[at] = qg_canonical(best);
  })
}

void qg_max_pool_u8_scalar(const qg_window *w, const uint8_t *in, uint8_t *out) {
  QG_EACH_OUTPUT(w, {
    uint8_t best = 0;
    QG_EACH_POSITION(w, { best = in[i] > best ? in[i] : best; })
    out[at] = best;
  })
}

void qg_average_pool_f32_scalar(const qg_window *w, const float *in, float *out) {
  QG_EACH_OUTPUT(w, {
    float sum = 0;
    QG_EACH_POSITION(w, { sum += in[i]; })
    out[at] = qg_canonical(sum / (float)p.positions);
  })
}

void qg_average_pool_u8_scalar(const qg_window *w, const uint8_t *in, qg_affine in_affine,
                               qg_affine out_affine, uint8_t *out) {
  QG_EACH_OUTPUT(w, {
    int32_t sum = 0;
    QG_EACH_POSITION(w, { sum = qg_wrapping_sum(sum, in[i] - in_affine.zero_point); })
    float y = (float)sum * in_affine.scale / (float)p.positions;
    out[at] = qg_quantize(y, out_affine);
  })
}
