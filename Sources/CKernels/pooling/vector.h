// Sixteen channels at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

// The positions of one window inside the image: `rows` × `columns` of them, the first at element
// `first`, for channels [c, c + n).
typedef struct {
  ptrdiff_t rows, columns, first, row_step, column_step;
  ptrdiff_t n;
} place;

// Runs `body` for every position, row-major, with its element `i`.
#define QG_EACH_POSITION(p, body)                            \
  for (ptrdiff_t py = 0; py < (p).rows; py++) {              \
    ptrdiff_t i = (p).first + py * (p).row_step;             \
    for (ptrdiff_t px = 0; px < (p).columns; px++) {         \
      body                                                   \
      i += (p).column_step;                                  \
    }                                                        \
  }

QG_INLINE place place_at(const qg_window *w, ptrdiff_t y, ptrdiff_t x, ptrdiff_t c) {
  qg_taps rows = qg_rows_of(w, y);
  qg_taps columns = qg_columns_of(w, x);
  ptrdiff_t first = (rows.first * w->width + columns.first) * w->channels + c;
  return (place){rows.end - rows.begin,    columns.end - columns.begin, first,
                 w->width * w->channels,   w->channels,
                 qg_smaller(QG_PANEL, w->channels - c)};
}

// Runs `body` for every output position and block of channels, with its place `p` and element `at`.
#define QG_EACH_BLOCK(w, body)                                           \
  for (ptrdiff_t y = (w)->row_begin; y < (w)->row_end; y++) {            \
    for (ptrdiff_t x = 0; x < (w)->out_width; x++) {                     \
      for (ptrdiff_t c = 0; c < (w)->channels; c += QG_PANEL) {          \
        place p = place_at(w, y, x, c);                                  \
        ptrdiff_t at = (y * (w)->out_width + x) * (w)->channels + c;     \
        body                                                             \
      }                                                                  \
    }                                                                    \
  }

void QG_NAME(max_pool_f32)(const qg_window *w, const float *in, float *out) {
  QG_EACH_BLOCK(w, {
    v_f32 best = v_splat(-__builtin_inff());
    QG_EACH_POSITION(p, {
      v_f32 value = v_load_some(in + i, p.n);
      best = v_where_nan(value, value, v_at_least(value, best));
    })
    v_store_some(out + at, v_canonical(best), p.n);
  })
}

void QG_NAME(max_pool_u8)(const qg_window *w, const uint8_t *in, uint8_t *out) {
  QG_EACH_BLOCK(w, {
    v_s32 best = v_splat_s32(0);
    QG_EACH_POSITION(p, { best = v_larger_s32(v_load_some_u8(in + i, p.n), best); })
    v_store_some_u8(out + at, best, p.n);
  })
}

void QG_NAME(average_pool_f32)(const qg_window *w, const float *in, float *out) {
  QG_EACH_BLOCK(w, {
    v_f32 sum = v_splat(0);
    QG_EACH_POSITION(p, { sum = v_add(sum, v_load_some(in + i, p.n)); })
    v_f32 count = v_splat((float)(p.rows * p.columns));
    v_store_some(out + at, v_canonical(v_div(sum, count)), p.n);
  })
}

void QG_NAME(average_pool_u8)(const qg_window *w, const uint8_t *in, qg_affine in_affine,
                              qg_affine out_affine, uint8_t *out) {
  v_s32 zero_point = v_splat_s32(in_affine.zero_point);
  QG_EACH_BLOCK(w, {
    v_s32 sum = v_splat_s32(0);
    QG_EACH_POSITION(p, {
      sum = v_add_s32(sum, v_sub_s32(v_load_some_u8(in + i, p.n), zero_point));
    })
    v_f32 count = v_splat((float)(p.rows * p.columns));
    v_f32 y = v_div(v_mul(v_from_s32(sum), v_splat(in_affine.scale)), count);
    v_store_some_u8(out + at, v_quantize(y, out_affine), p.n);
  })
}
