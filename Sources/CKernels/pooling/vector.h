// Sixteen channels at a time; after lanes/<isa>.h.

#include "../lanes/finish.h"

// Panels of channels at a time where a pixel has as many.
enum { most_panels = 4 };

// The positions of one window inside the image: `rows` × `columns` of them, the first at element
// `first`.
typedef struct {
  ptrdiff_t rows, columns, first, row_step, column_step;
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

#define QG_EACH_PANEL(body) \
  _Pragma("unroll") for (int j = 0; j < panels; j++) { body }

QG_INLINE place place_at(const qg_window *w, ptrdiff_t y, ptrdiff_t x) {
  qg_taps rows = qg_rows_of(w, y);
  qg_taps columns = qg_columns_of(w, x);
  ptrdiff_t first = (rows.first * w->width + columns.first) * w->channels;
  return (place){rows.end - rows.begin, columns.end - columns.begin, first,
                 rows.step * w->width * w->channels, columns.step * w->channels};
}

// Runs `body` for every output position and block of channels, with its place `p` and element `at`:
// `panels` of n channels each, and n is below QG_PANEL in the last one alone.
#define QG_EACH_BLOCK(w, body)                                                        \
  for (ptrdiff_t y = (w)->row_begin; y < (w)->row_end; y++) {                         \
    for (ptrdiff_t x = 0; x < (w)->out_width; x++) {                                  \
      place p = place_at(w, y, x);                                                    \
      ptrdiff_t at = (y * (w)->out_width + x) * (w)->channels;                        \
      ptrdiff_t left = (w)->channels;                                                 \
      for (; left >= most_panels * QG_PANEL; left -= most_panels * QG_PANEL) {        \
        enum { panels = most_panels, n = QG_PANEL };                                  \
        body                                                                          \
        at += panels * n;                                                             \
        p.first += panels * n;                                                        \
      }                                                                               \
      for (; left > 0; left -= QG_PANEL) {                                            \
        enum { panels = 1 };                                                          \
        ptrdiff_t n = qg_smaller(left, QG_PANEL);                                     \
        body                                                                          \
        at += n;                                                                      \
        p.first += n;                                                                 \
      }                                                                               \
    }                                                                                 \
  }

void QG_NAME(max_pool_f32)(const qg_window *w, const float *in, float *out) {
  QG_EACH_BLOCK(w, {
    v_f32 best[panels];
    QG_EACH_PANEL(best[j] = v_splat(-__builtin_inff());)
    QG_EACH_POSITION(p, {
      QG_EACH_PANEL({
        v_f32 value = v_load_some(in + i + j * QG_PANEL, n);
        best[j] = v_where_nan(value, value, v_at_least(value, best[j]));
      })
    })
    QG_EACH_PANEL(v_store_some(out + at + j * QG_PANEL, v_canonical(best[j]), n);)
  })
}

// As many codes as most_panels have, in as many registers as that takes.
typedef uint8_t codes __attribute__((vector_size(most_panels * QG_PANEL)));

void QG_NAME(max_pool_u8)(const qg_window *w, const uint8_t *in, uint8_t *out) {
  QG_EACH_BLOCK(w, {
    if (panels == most_panels) {
      codes best = {0};
      QG_EACH_POSITION(p, {
        codes value;
        __builtin_memcpy(&value, in + i, sizeof value);
        best = __builtin_elementwise_max(best, value);
      })
      __builtin_memcpy(out + at, &best, sizeof best);
    } else {
      v_s32 best = v_splat_s32(0);
      QG_EACH_POSITION(p, { best = v_larger_s32(v_load_some_u8(in + i, n), best); })
      v_store_some_u8(out + at, best, n);
    }
  })
}

void QG_NAME(average_pool_f32)(const qg_window *w, const float *in, float *out) {
  QG_EACH_BLOCK(w, {
    v_f32 sum[panels];
    QG_EACH_PANEL(sum[j] = v_splat(0);)
    QG_EACH_POSITION(p, {
      QG_EACH_PANEL(sum[j] = v_add(sum[j], v_load_some(in + i + j * QG_PANEL, n));)
    })
    v_f32 count = v_splat((float)(p.rows * p.columns));
    QG_EACH_PANEL(v_store_some(out + at + j * QG_PANEL, v_canonical(v_div(sum[j], count)), n);)
  })
}

void QG_NAME(average_pool_u8)(const qg_window *w, const uint8_t *in, qg_affine in_affine,
                              qg_affine out_affine, uint8_t *out) {
  v_s32 zero_point = v_splat_s32(in_affine.zero_point);
  QG_EACH_BLOCK(w, {
    v_s32 positions = v_splat_s32((int32_t)(p.rows * p.columns));
    v_s32 sum[panels];
    v_s32 start = v_sub_s32(v_splat_s32(0), v_mul_s32(positions, zero_point));
    QG_EACH_PANEL(sum[j] = start;)
    QG_EACH_POSITION(p, {
      QG_EACH_PANEL(sum[j] = v_add_s32(sum[j], v_load_some_u8(in + i + j * QG_PANEL, n));)
    })
    v_f32 count = v_splat((float)(p.rows * p.columns));
    QG_EACH_PANEL({
      v_f32 y = v_div(v_mul(v_from_s32(sum[j]), v_splat(in_affine.scale)), count);
      v_store_some_u8(out + at + j * QG_PANEL, v_quantize(y, out_affine), n);
    })
  })
}
