// Products of bytes with int8 panels, after lanes/<isa>.h, QG_ARGUMENTS and
//   QG_FLIP                            1 when the codes are signed: then 128 is added to each of them
//   row_scale(g, m)                    the scale of row m
//   row_start(g, m, first, lanes)      what the sums of row m start from: all that is not sum a * w

#include "finish.h"

#if defined(QG_VNNI)
enum { tile_panels = 4, row_panels = 4 };
#else
// A single row takes more panels, so that its sums hide the latency of the products.
enum { tile_panels = 1, row_panels = 4 };
#endif

QG_INLINE uint32_t four_codes(const uint8_t *a) {
  return v_four(a) ^ (QG_FLIP ? 0x80808080u : 0);
}

// What the values of a whole call need after scaling: minima, maxima and comparisons would take a
// tenth of the multipliers' time in a short product.
typedef struct {
  int from_below, from_above;  // bounds that may change a value
  int nan;                     // a value may be a NaN
} endings;

// A sum times a finite scale, plus anything but a NaN, is no NaN. x - x is one for infinities too.
static endings endings_of(const QG_ARGUMENTS *g) {
  if (g->m == 1) return (endings){1, 1, 1};  // looking costs as much as it saves
  float largest = 0;
  for (ptrdiff_t m = 0; m < g->m; m++) {
    float scale = row_scale(g, m);
    largest = scale > largest ? scale : largest;
  }
  v_f32 odd = v_splat(0), nan = v_splat(__builtin_nanf(""));
  for (ptrdiff_t n = 0; n < g->n; n += QG_PANEL) {
    v_f32 scale = v_mul(v_splat(largest), v_load_some(g->weight_scale + n, g->n - n));
    odd = v_add(odd, v_sub(scale, scale));
    if (g->bias) odd = v_where_nan(v_load_some(g->bias + n, g->n - n), nan, odd);
  }
  return (endings){g->bounds.lower != -__builtin_inff(), g->bounds.upper != __builtin_inff(),
                   v_any_nan(odd)};
}

QG_INLINE void finish(const QG_ARGUMENTS *g, endings needs, ptrdiff_t m, ptrdiff_t n, v_s32 sum,
                      const ptrdiff_t lanes) {
  v_f32 scale = v_mul(v_splat(row_scale(g, m)), v_load_some(g->weight_scale + n, lanes));
  v_f32 y = v_scaled(sum, scale, g->bias, n, lanes);
  if (needs.nan) y = v_canonical(y);
  if (needs.from_below) y = v_at_least(v_splat(g->bounds.lower), y);
  if (needs.from_above) y = v_at_most(v_splat(g->bounds.upper), y);
  ptrdiff_t at = m * g->output.stride + n;
  if (g->output.f32) {
    v_store_some(g->output.f32 + at, y, lanes);
  } else {
    v_store_some_u8(g->output.u8 + at, v_quantize(y, g->output.quantize), lanes);
  }
}

#if defined(QG_VNNI)
#include "int8_direct.h"
#else
#include "int8_plain.h"
#if defined(__x86_64__)
#include "int8_widened.h"
#else
static void run(const QG_ARGUMENTS *g) { run_plain(g); }
#endif
#endif
