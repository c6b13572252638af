// Output rows in pairs, blocks of channels; after block.h and anyhow.h.

// Where a block reads: the rows of four for each group, NULL outside the image, and the first byte of
// the first kernel column in each.
typedef struct {
  const uint8_t *rows[4 * most_groups];
  ptrdiff_t at;
} source;

// Adds the taps of kernel column kx to `rows` output rows; `inside` when no tap leaves the image.
QG_INLINE void add_column(const block *b, const source *s, b_s32 sums[2][4], ptrdiff_t kx,
                          const int rows, ptrdiff_t groups, const int inside) {
  const qg_window *w = &b->d->window;
  b_bytes fill = QG_B(set1_epi8)((char)b->d->in_affine.zero_point);
  ptrdiff_t at = s->at + kx * w->channels;
  ptrdiff_t begin = at < 0 ? qg_smaller(-at, b_width) : 0;
  ptrdiff_t end = w->width * w->channels - at;
  if (end < 0) end = 0;
  for (ptrdiff_t g = 0; g < groups; g++) {
    b_bytes bytes[4], quarters[4];
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const uint8_t *row = s->rows[4 * g + j];
      if (inside) {
        bytes[j] = b_load(row + at);
      } else {
        bytes[j] = row ? b_load_between(row + at, begin, end, fill) : fill;
      }
    }
    interleave(bytes, quarters);
#pragma unroll
    for (int r = 0; r < rows; r++) {
#pragma unroll
      for (int q = 0; q < 4; q++) {
        sums[r][q] = dot(sums[r][q], quarters[q], b->weights[kx * groups + g][r][q]);
      }
    }
  }
}

QG_INLINE void sums_of(const block *b, const source *s, b_s32 sums[2][4], const int rows,
                       ptrdiff_t groups, ptrdiff_t columns, const int inside) {
#pragma unroll
  for (int r = 0; r < rows; r++) {
#pragma unroll
    for (int q = 0; q < 4; q++) sums[r][q] = b->start[q];
  }
  if (columns == 3) {  // known where this is inlined
    add_column(b, s, sums, 0, rows, groups, inside);
    add_column(b, s, sums, 1, rows, groups, inside);
    add_column(b, s, sums, 2, rows, groups, inside);
  } else {
    for (ptrdiff_t kx = 0; kx < columns; kx++) add_column(b, s, sums, kx, rows, groups, inside);
  }
}

// `rows` output rows from y on.
QG_INLINE void run_rows(const block *b, ptrdiff_t y, const int rows, ptrdiff_t groups,
                        ptrdiff_t columns) {
  const qg_window *w = &b->d->window;
  ptrdiff_t top = y * w->stride - w->padding;
  ptrdiff_t used = w->kernel_height + rows - 1;
  source s;
  int rows_inside = top >= 0 && top + used <= w->height;
  for (ptrdiff_t i = 0; i < 4 * groups; i++) {
    // Rows past the last have weights of zero: any row will do.
    ptrdiff_t row = top + qg_smaller(i, used - 1);
    s.rows[i] = row >= 0 && row < w->height ? b->d->in + row * w->width * w->channels : NULL;
  }
  ptrdiff_t last = w->out_width > b->pixels ? w->out_width - b->pixels : 0;
  ptrdiff_t lanes = qg_smaller(b_width, w->channels);
  ptrdiff_t count = qg_smaller(b->pixels, w->out_width) * lanes;
  ptrdiff_t reach = (w->kernel_width - 1) * w->channels + b_width;
  for (ptrdiff_t x = 0; x < w->out_width; x += b->pixels) {
    if (x > last) x = last;
    s.at = (x * w->stride - w->padding) * w->channels + b->channel;
    b_s32 sums[2][4];
    if (rows_inside && s.at >= 0 && s.at + reach <= w->width * w->channels) {
      sums_of(b, &s, sums, rows, groups, columns, 1);
    } else {
      sums_of(b, &s, sums, rows, groups, columns, 0);
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
      ptrdiff_t at = ((y + r) * w->out_width + x) * w->channels + b->channel;
      finish(b, sums[r], at, count);
    }
  }
}

QG_INLINE void run_block(const block *b, ptrdiff_t groups, ptrdiff_t columns) {
  const qg_window *w = &b->d->window;
  ptrdiff_t y = w->row_begin;
  if (w->stride == 1) {
    for (; y + 2 <= w->row_end; y += 2) run_rows(b, y, 2, groups, columns);
  }
  for (; y < w->row_end; y++) run_rows(b, y, 1, groups, columns);
}

void QG_NAME(depthwise_u8s8)(const qg_depthwise_u8s8_args *d) {
  const qg_window *w = &d->window;
#if defined(QG_VNNI)
  // Weights less a zero point do not fit a byte.
  if (d->weight_zero) return qg_depthwise_u8s8_avx512(d);
#endif
  ptrdiff_t used = w->kernel_height + (w->stride == 1 ? 1 : 0);
  block b = {.d = d, .row_groups = qg_groups(used, 4), .pixels = 1};
  if (b.row_groups * w->kernel_width > most_groups) return run_anyhow(d);
  if (w->stride == 1 && w->channels < b_width) b.pixels = b_width / w->channels;
  for (ptrdiff_t c = 0; c < w->channels; c += b_width) {
    // The last whole block ends with the channels, and computes some of them again.
    b.channel = w->channels < b_width ? 0 : qg_smaller(c, w->channels - b_width);
    prepare_weights(&b);
    prepare_finish(&b);
    if (b.row_groups == 1 && w->kernel_width == 3) {
      run_block(&b, 1, 3);
    } else {
      run_block(&b, b.row_groups, w->kernel_width);
    }
  }
}
