// Output rows in pairs, blocks of channels; after block.h and anyhow.h.

// Where a block reads: the rows of four for each group, NULL outside the image, and the first byte of
// the first kernel column in each.
typedef struct {
  const uint8_t *rows[4 * most_groups];
  ptrdiff_t at;
} source;

// The quarters of group g at byte `at` of its rows; `inside` when all of it lies in the image.
QG_INLINE void load_quarters(const block *b, const source *s, ptrdiff_t g, ptrdiff_t at,
                             const int inside, b_bytes quarters[4]) {
  const qg_window *w = &b->d->window;
  b_bytes bytes[4];
  if (inside) {
#pragma unroll
    for (int j = 0; j < 4; j++) bytes[j] = b_load(s->rows[4 * g + j] + at);
  } else {
    b_bytes fill = QG_B(set1_epi8)((char)b->d->in_affine.zero_point);
    ptrdiff_t begin = at < 0 ? qg_smaller(-at, b_width) : 0;
    ptrdiff_t end = w->width * w->channels - at;
    if (end < 0) end = 0;
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const uint8_t *row = s->rows[4 * g + j];
      bytes[j] = row ? b_load_between(row + at, begin, end, fill) : fill;
    }
  }
  interleave(bytes, quarters);
}

// Adds one column of one group to `rows` output rows.
QG_INLINE void add_column(const quads weights[2][4], const b_bytes quarters[4], b_s32 sums[2][4],
                          const int rows) {
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int q = 0; q < 4; q++) sums[r][q] = dot(sums[r][q], quarters[q], weights[r][q]);
  }
}

// The sums of `rows` output rows of one vector.
QG_INLINE void sums_of(const block *b, const source *s, b_s32 sums[2][4], const int rows,
                       ptrdiff_t groups, ptrdiff_t columns, const int inside) {
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int q = 0; q < 4; q++) sums[r][q] = b->start[q];
  }
  for (ptrdiff_t kx = 0; kx < columns; kx++) {
    for (ptrdiff_t g = 0; g < groups; g++) {
      b_bytes quarters[4];
      load_quarters(b, s, g, s->at + kx * b->d->window.channels, inside, quarters);
      add_column(b->weights[kx * groups + g], quarters, sums, rows);
    }
  }
}

// Keeps loads in their place: hoisted, they would not fit the registers.
QG_INLINE void b_in_order(void) { __asm__ volatile("" ::: "memory"); }

// Adds one column to two rows of two vectors that read different places of it.
QG_INLINE void add_columns(const quads weights[2][4], const b_bytes one[4], const b_bytes two[4],
                           b_s32 sums[4][4]) {
  b_in_order();
#pragma unroll
  for (int q = 0; q < 4; q++) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      quads taps = weights[r][q];
      sums[r][q] = dot(sums[r][q], one[q], taps);
      sums[r + 2][q] = dot(sums[r + 2][q], two[q], taps);
    }
  }
  b_in_order();
}

// Two output rows of two vectors inside the image, `step` pixels apart, for three columns of one
// group: the vectors share image columns, and weights are loaded once for both. `first` holds the
// columns at s->at and, of vectors of one pixel, behind it; then those of the next two vectors.
QG_INLINE void sums_of_two(const block *b, const source *s, b_bytes first[2][4], b_s32 sums[4][4],
                           const int step) {
  b_bytes two[4], three[4];
  ptrdiff_t pixel = b->d->window.channels;
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int q = 0; q < 4; q++) sums[i][q] = b->start[q];
  }
  if (step == 1) {
    add_columns(b->weights[0], first[0], first[1], sums);
    load_quarters(b, s, 0, s->at + 2 * pixel, 1, two);
    add_columns(b->weights[1], first[1], two, sums);
    load_quarters(b, s, 0, s->at + 3 * pixel, 1, three);
    add_columns(b->weights[2], two, three, sums);
  } else {
    load_quarters(b, s, 0, s->at + 2 * pixel, 1, two);
    add_columns(b->weights[0], first[0], two, sums);
    load_quarters(b, s, 0, s->at + 4 * pixel, 1, three);
    add_columns(b->weights[2], two, three, sums);
    // Every other pixel of the columns between.
    b_bytes one_middle[4], two_middle[4];
#pragma unroll
    for (int q = 0; q < 4; q++) {
      one_middle[q] = b_join(first[0][q], two[q]);
      two_middle[q] = b_join(two[q], three[q]);
    }
    add_columns(b->weights[1], one_middle, two_middle, sums);
  }
#pragma unroll
  for (int q = 0; q < 4; q++) {
    first[0][q] = step == 1 ? two[q] : three[q];
    first[1][q] = three[q];
  }
}

// The columns that sums_of_two starts with.
QG_INLINE void load_first(const block *b, const source *s, b_bytes first[2][4], const int step) {
  load_quarters(b, s, 0, s->at, 1, first[0]);
  if (step == 1) load_quarters(b, s, 0, s->at + b->d->window.channels, 1, first[1]);
}

// Computes again what fixed point left unsure. Nothing stays in registers around it, so it takes no
// vectors.
static __attribute__((noinline, cold)) void run_slowly(const block *b, const source *s,
                                                       ptrdiff_t moved, int rows, ptrdiff_t groups,
                                                       int inside, const ptrdiff_t at[2],
                                                       ptrdiff_t count) {
  ptrdiff_t columns = b->d->window.kernel_width;
  source here = {.at = s->at + moved};
  for (ptrdiff_t i = 0; i < 4 * groups; i++) here.rows[i] = s->rows[i];
  b_s32 sums[2][4];
  if (inside && rows == 2) {
    sums_of(b, &here, sums, 2, groups, columns, 1);
  } else if (rows == 2) {
    sums_of(b, &here, sums, 2, groups, columns, 0);
  } else {
    sums_of(b, &here, sums, 1, groups, columns, 0);
  }
  for (int row = 0; row < rows; row++) finish_slowly(b, sums[row], at[row], count);
}

// The rows that output rows y ... y + rows - 1 read; 1 when all of them are inside the image.
QG_INLINE int find_rows(const block *b, source *s, ptrdiff_t y, int rows, ptrdiff_t groups) {
  const qg_window *w = &b->d->window;
  ptrdiff_t top = y * w->stride_height - w->padding_top;
  ptrdiff_t used = w->kernel_height + rows - 1;
  for (ptrdiff_t i = 0; i < 4 * groups; i++) {
    // Rows past the last have weights of zero: any row will do.
    ptrdiff_t row = top + qg_smaller(i, used - 1);
    s->rows[i] = row >= 0 && row < w->height ? b->d->in + row * w->width * w->channels : NULL;
  }
  return top >= 0 && top + used <= w->height;
}

// `rows` output rows from y on. `step`: pixels of a vector where two are computed at a time, else 0.
QG_INLINE void run_rows(const block *b, ptrdiff_t y, const int rows, ptrdiff_t groups,
                        ptrdiff_t columns, const int step) {
  const qg_window *w = &b->d->window;
  source s;
  int rows_inside = find_rows(b, &s, y, rows, groups);
  ptrdiff_t last = w->out_width > b->pixels ? w->out_width - b->pixels : 0;
  ptrdiff_t lanes = qg_smaller(b_width, w->channels);
  ptrdiff_t count = qg_smaller(b->pixels, w->out_width) * lanes;
  ptrdiff_t reach = (w->kernel_width - 1) * w->channels + b_width;
  ptrdiff_t two_reach = reach + step * w->channels;
  ptrdiff_t row_bytes = w->width * w->channels;
  ptrdiff_t row_outputs = w->out_width * w->channels;
  for (ptrdiff_t x = 0; x < w->out_width; x += b->pixels) {
    if (x > last) x = last;
    s.at = (x * w->stride_width - w->padding_left) * w->channels + b->channel;
    b_s32 sums[4][4];
    ptrdiff_t first = y * row_outputs + x * w->channels + b->channel;
    ptrdiff_t at[4] = {first, first + row_outputs};
    int inside = rows_inside && s.at >= 0;
    if (step && inside && s.at + two_reach <= row_bytes) {
      b_bytes first_columns[2][4];
      load_first(b, &s, first_columns, step);
      for (;;) {
        sums_of_two(b, &s, first_columns, sums, step);
        ptrdiff_t moved = step * w->channels;
        at[2] = at[0] + moved;
        at[3] = at[1] + moved;
        int one_unsure = finish_quick(b, sums, 2, at, b_width);
        int two_unsure = finish_quick(b, sums + 2, 2, at + 2, b_width);
        if (__builtin_expect(one_unsure | two_unsure, 0)) {
          if (one_unsure) run_slowly(b, &s, 0, 2, 1, 1, at, b_width);
          if (two_unsure) run_slowly(b, &s, moved, 2, 1, 1, at + 2, b_width);
          s.at += 2 * moved;
          load_first(b, &s, first_columns, step);
        } else {
          s.at += 2 * moved;
        }
        if (s.at + two_reach > row_bytes) break;
        x += 2 * step;
        at[0] += 2 * moved;
        at[1] += 2 * moved;
      }
      x += step;
      continue;
    }
    int unsure = 1;
    inside = inside && s.at + reach <= row_bytes;
    if (b->is_quick) {
      if (inside) {
        sums_of(b, &s, sums, rows, groups, columns, 1);
        unsure = finish_quick(b, sums, rows, at, count);
      } else {
        sums_of(b, &s, sums, rows, groups, columns, 0);
        unsure = finish_quick(b, sums, rows, at, count);
      }
    }
    if (unsure) run_slowly(b, &s, 0, rows, groups, inside, at, count);
  }
}

QG_INLINE void run_block(const block *b, ptrdiff_t groups, ptrdiff_t columns, const int step) {
  const qg_window *w = &b->d->window;
  ptrdiff_t y = w->row_begin;
  if (w->stride_height == 1) {
    for (; y + 2 <= w->row_end; y += 2) run_rows(b, y, 2, groups, columns, step);
  }
  for (; y < w->row_end; y++) run_rows(b, y, 1, groups, columns, 0);
}

void QG_NAME(depthwise_u8s8)(const qg_depthwise_u8s8_args *d) {
  const qg_window *w = &d->window;
#if defined(QG_VNNI)
  // Weights less a zero point do not fit a byte.
  if (d->weight_zero) return qg_depthwise_u8s8_avx512(d);
#endif
  if (w->stride_height != w->stride_width || w->dilation_height != 1 || w->dilation_width != 1) {
    return run_anyhow(d);
  }
  ptrdiff_t used = w->kernel_height + (w->stride_height == 1 ? 1 : 0);
  block b = {.d = d, .row_groups = qg_groups(used, 4), .pixels = 1};
  if (b.row_groups * w->kernel_width > most_groups) return run_anyhow(d);
  if (w->stride_width == 1 && w->channels < b_width) b.pixels = b_width / w->channels;
  for (ptrdiff_t c = 0; c < w->channels; c += b_width) {
    // The last whole block ends with the channels, and computes some of them again.
    b.channel = w->channels < b_width ? 0 : qg_smaller(c, w->channels - b_width);
    prepare_weights(&b);
    prepare_finish(&b);
    int is_three = b.row_groups == 1 && w->kernel_width == 3;
    if (is_three && b.is_quick && w->channels >= b_width) {
      run_block(&b, 1, 3, 1);
    } else if (is_three && b.is_quick && 2 * w->channels == b_width) {
      run_block(&b, 1, 3, 2);
    } else {
      run_block(&b, b.row_groups, w->kernel_width, 0);
    }
  }
}
