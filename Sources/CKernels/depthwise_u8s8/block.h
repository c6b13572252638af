// What one block of channels needs; after lanes/<isa>.h, lanes/finish.h and bytes_<isa>.h.
//
// b_width bytes of consecutive outputs of a row are computed at once: channels of one pixel, or,
// where a pixel has fewer and the stride is 1, whole pixels side by side. Four image rows are
// interleaved byte by byte, so that every dword holds the four values of one lane that a dot product
// of bytes takes, and two output rows share them: with weights w0 w1 w2 - and with - w0 w1 w2.
//   sum (a - za) * (w - zw) = sum a * (w - zw) - za * sum (w - zw)

// Column groups of weights that fit a block; larger windows go the general way.
enum { most_groups = 32 };

#if defined(QG_VNNI)
// Four bytes a dword, as they are.
typedef b_bytes quads;
#else
// Four bytes a dword, in two registers of 16 bits: 0 and 2, 1 and 3.
typedef struct {
  b_bytes even, odd;
} quads;
#endif

typedef struct {
  const qg_depthwise_u8s8_args *d;
  ptrdiff_t channel, pixels;
  ptrdiff_t row_groups;             // of four rows each
  quads weights[most_groups][2][4]; // [kernel column * row_groups + group][output row][quarter]
  b_s32 start[4];
  b_f32 scale[4], bias[4];
  b_f32 step, inverse;              // the output's scale
  b_bytes zero_point;               // the output's
  b_bytes lower, upper;             // codes of the bounds
  int is_plain;                     // the codes may be found without a division
  int is_quick;                     // most of them even in fixed point
  b_f32 fixed_scale[4], fixed_bias[4];
  b_bytes unsure;                   // fractions below are too close to a half
} block;

// The four bytes of every lane of quarter q.
QG_INLINE void interleave(const b_bytes rows[4], b_bytes quarters[4]) {
  b_bytes low_a = QG_B(unpacklo_epi8)(rows[0], rows[1]);
  b_bytes low_b = QG_B(unpacklo_epi8)(rows[2], rows[3]);
  b_bytes high_a = QG_B(unpackhi_epi8)(rows[0], rows[1]);
  b_bytes high_b = QG_B(unpackhi_epi8)(rows[2], rows[3]);
  quarters[0] = QG_B(unpacklo_epi16)(low_a, low_b);
  quarters[1] = QG_B(unpackhi_epi16)(low_a, low_b);
  quarters[2] = QG_B(unpacklo_epi16)(high_a, high_b);
  quarters[3] = QG_B(unpackhi_epi16)(high_a, high_b);
}

// sum + the dot product of the four codes and four weights of every lane, exact.
QG_INLINE b_s32 dot(b_s32 sum, b_bytes codes, quads weights) {
#if defined(QG_VNNI)
  return _mm512_dpbusd_epi32(sum, codes, weights);
#else
  b_bytes even = b_and(codes, QG_B(set1_epi16)(255));
  b_bytes odd = QG_B(srli_epi16)(codes, 8);
  sum = QG_B(add_epi32)(sum, QG_B(madd_epi16)(even, weights.even));
  return QG_B(add_epi32)(sum, QG_B(madd_epi16)(odd, weights.odd));
#endif
}

// Weights less their zero point where `present` has ones; `zeros` in both halves of a dword.
QG_INLINE quads weights_of(b_bytes w, b_bytes zeros, b_bytes present) {
#if defined(QG_VNNI)
  (void)zeros;
  (void)present;
  return w;
#else
  b_bytes even = QG_B(srai_epi16)(QG_B(slli_epi16)(w, 8), 8);
  b_bytes odd = QG_B(srai_epi16)(w, 8);
  b_bytes even_present = QG_B(srai_epi16)(QG_B(slli_epi16)(present, 8), 8);
  b_bytes odd_present = QG_B(srai_epi16)(present, 8);
  return (quads){b_and(QG_B(sub_epi16)(even, zeros), even_present),
                 b_and(QG_B(sub_epi16)(odd, zeros), odd_present)};
#endif
}

// b_width values of `size` bytes, one for each lane of the block, from an array over channels.
QG_INLINE const void *for_lanes(const block *b, const void *values, size_t size, void *lanes) {
  size_t channels = (size_t)b->d->window.channels;
  const char *from = (const char *)values + (size_t)b->channel * size;
  if (channels >= b_width) return from;
  char *to = (char *)lanes;
  for (ptrdiff_t p = 0; p < b->pixels; p++) {
    size_t i = 0;
    for (; i + 16 <= channels * size; i += 16) __builtin_memcpy(to + i, from + i, 16);
    for (; i < channels * size; i++) to[i] = from[i];
    to += i;
  }
  return lanes;
}

QG_INLINE void prepare_weights(block *b) {
  const qg_window *w = &b->d->window;
  b_bytes zeros[4] = {b_zero(), b_zero(), b_zero(), b_zero()};
  int32_t zero_lanes[b_width];
  if (b->d->weight_zero) {
    __builtin_memset(zero_lanes, 0, sizeof zero_lanes);
    const void *all = for_lanes(b, b->d->weight_zero, sizeof(int32_t), zero_lanes);
    for (int q = 0; q < 4; q++) {
      b_bytes zero = b_quarter(all, q);
      b_bytes high = QG_B(slli_epi32)(zero, 16);
      zeros[q] = QG_B(add_epi16)(b_and(zero, QG_B(set1_epi32)(0xffff)), high);
    }
  }
  b_s32 sums[4] = {b_zero(), b_zero(), b_zero(), b_zero()};
  for (ptrdiff_t i = 0; i < w->kernel_width * b->row_groups; i++) {
    ptrdiff_t kx = i / b->row_groups;
    for (int row = 0; row < 2; row++) {
      ptrdiff_t ky = i % b->row_groups * 4 - row;
      b_bytes rows[4], quarters[4];
      uint32_t present = 0;
      for (int j = 0; j < 4; j++, ky++) {
        rows[j] = b_zero();
        if (ky < 0 || ky >= w->kernel_height) continue;
        const int8_t *tap = b->d->weights + (ky * w->kernel_width + kx) * w->channels;
        int8_t lanes[b_width] = {0};
        rows[j] = b_load(for_lanes(b, tap, 1, lanes));
        present |= 0xffu << 8 * j;
      }
      interleave(rows, quarters);
      for (int q = 0; q < 4; q++) {
        quads taps = weights_of(quarters[q], zeros[q], QG_B(set1_epi32)((int)present));
        b->weights[i][row][q] = taps;
        if (row == 0) sums[q] = dot(sums[q], QG_B(set1_epi8)(1), taps);
      }
    }
  }
  b_s32 zero_point = QG_B(set1_epi32)(b->d->in_affine.zero_point);
  for (int q = 0; q < 4; q++) {
    b->start[q] = QG_B(sub_epi32)(b_zero(), QG_B(mullo_epi32)(zero_point, sums[q]));
  }
}

// Most codes need no exact quotient: with 16 bits after the point, t = sum * (scale / s) + bias / s +
// zero point + 1/2 has the code in its high half unless its fraction is next to a whole number. In
// units of 2^-16, where |y / s| <= 258 (beyond that codes are clamped), the roundings of the exact way
// move y / s by at most 2; those here move t by 1 + |bias / s| / 256 (scale), 1 + |bias / s| / 128
// (bias), 1 (sum) and 1/2 (to a whole number). That is less than `slack`, so with `slack` added to t a
// fraction of 2 * slack or more gives the code, half way or not. A t too large for int32, or a NaN,
// becomes the int32 of all zeros below its sign, whose fraction is too small.
QG_INLINE void prepare_quick(block *b, float most) {
  const qg_affine to = b->d->output.quantize;
  b_f32 step = QG_B(set1_ps)(to.scale);
  b_f32 sizes = (b_f32)b_zero();
  for (int q = 0; q < 4; q++) {
    b_f32 ratio = QG_B(div_ps)(b->bias[q], step);
    sizes = QG_B(max_ps)(sizes, QG_B(andnot_ps)(QG_B(set1_ps)(-0.0f), ratio));
  }
  float largest = 0;
  for (int i = 0; i < b_width / 4; i++) largest = sizes[i] > largest ? sizes[i] : largest;
  b->is_quick = most < 0x1p24f && largest < 1024;
  if (!b->is_quick) return;
  int slack = 6 + (int)largest / 32;
  b_f32 whole = QG_B(set1_ps)(0x1p16f);
  b_f32 start = QG_B(set1_ps)((float)to.zero_point + 0.5f + (float)slack * 0x1p-16f);
  for (int q = 0; q < 4; q++) {
    b->fixed_scale[q] = QG_B(mul_ps)(QG_B(div_ps)(b->scale[q], step), whole);
    b->fixed_bias[q] = QG_B(mul_ps)(QG_B(add_ps)(QG_B(div_ps)(b->bias[q], step), start), whole);
  }
  b->unsure = QG_B(set1_epi32)(2 * slack);
}

// The codes of y are rint(y / s) + zero point, where the division rounds. With r the float nearest
// 1 / s, Markstein's q = y * r, q + (y - q * s) * r is that quotient: y * r is at most 1.5 - 2^-23
// units in the last place off, so the correction's own error stays below the distance, at least
// 2^-25 units, that the quotient of two floats keeps from the middle between two others. That needs
// exponents in which y - q * s is exact (below a quarter it does not matter, the code is 0), and
// quotients that fit int32. Saturating steps then clamp as the contract does; bounds, which commute
// with the rest as it is monotone, are applied to codes.
QG_INLINE void prepare_finish(block *b) {
  const qg_depthwise_u8s8_args *d = b->d;
  float lanes[b_width] = {0};
  float bias_lanes[b_width] = {0};
  const void *scales = for_lanes(b, d->weight_scale, sizeof(float), lanes);
  const void *biases =
      d->bias ? for_lanes(b, d->bias, sizeof(float), bias_lanes) : (const void *)bias_lanes;
  float step = d->output.quantize.scale;
  b->is_plain = !d->output.f32 && step > 0x1p-100f && step < 0x1p100f;
  float most = 255.0f * 255 * (float)(d->window.kernel_height * d->window.kernel_width);
  b_f32 limit = QG_B(set1_ps)(b->is_plain ? step * 0x1p24f : 0);
  for (int q = 0; q < 4; q++) {
    b->scale[q] = QG_B(mul_ps)(QG_B(set1_ps)(d->in_affine.scale), b_as_floats(b_quarter(scales, q)));
    b->bias[q] = b_as_floats(b_quarter(biases, q));
    b_f32 size = QG_B(andnot_ps)(QG_B(set1_ps)(-0.0f), b->bias[q]);
    size = QG_B(fmadd_ps)(b->scale[q], QG_B(set1_ps)(most), size);
    b->is_plain = b->is_plain && b_all_less(size, limit);
  }
  b->is_quick = 0;
  if (!b->is_plain) return;
  prepare_quick(b, most);
  b->step = QG_B(set1_ps)(step);
  b->inverse = QG_B(set1_ps)(1 / step);
  b->zero_point = QG_B(set1_epi32)(d->output.quantize.zero_point);
  b->lower = QG_B(set1_epi8)((char)qg_quantize(d->bounds.lower, d->output.quantize));
  b->upper = QG_B(set1_epi8)((char)qg_quantize(d->bounds.upper, d->output.quantize));
}

// The codes of sums, not yet clamped.
QG_INLINE b_s32 unclamped_of(const block *b, b_s32 sums, b_f32 scale, b_f32 bias) {
  b_f32 y = QG_B(fmadd_ps)(QG_B(cvtepi32_ps)(sums), scale, bias);
  b_f32 q = QG_B(mul_ps)(y, b->inverse);
  q = QG_B(fmadd_ps)(QG_B(fnmadd_ps)(q, b->step, y), b->inverse, q);
  return QG_B(add_epi32)(b_round(q), b->zero_point);
}

QG_INLINE b_bytes clamped(const block *b, b_bytes codes) {
  return QG_B(min_epu8)(QG_B(max_epu8)(codes, b->lower), b->upper);
}

// Stores `count` codes from element `at` on.
QG_INLINE void store_codes(const block *b, b_bytes codes, ptrdiff_t at, ptrdiff_t count) {
  if (count >= b_width) {
    b_store(b->d->output.u8 + at, codes);
  } else {
    b_store_first(b->d->output.u8 + at, codes, count);
  }
}

// Stores `count` outputs from element `at` on, with exact quotients.
QG_INLINE void finish_exact(const block *b, const b_s32 sums[4], ptrdiff_t at, ptrdiff_t count) {
  b_s32 codes[4];
#pragma unroll
  for (int q = 0; q < 4; q++) codes[q] = unclamped_of(b, sums[q], b->scale[q], b->bias[q]);
  b_bytes low = QG_B(packs_epi32)(codes[0], codes[1]);
  b_bytes high = QG_B(packs_epi32)(codes[2], codes[3]);
  store_codes(b, clamped(b, QG_B(packus_epi16)(low, high)), at, count);
}

// As finish_quick, for at most b_side_by_side vectors.
QG_INLINE int finish_together(const block *b, b_s32 sums[][4], const int vectors, const ptrdiff_t *at,
                           ptrdiff_t count) {
  b_s32 fixed[b_side_by_side][4];
  b_bytes least = b->unsure;
#pragma unroll
  for (int q = 0; q < 4; q++) {
    b_f32 scale = b->fixed_scale[q];
    b_f32 bias = b->fixed_bias[q];
#pragma unroll
    for (int i = 0; i < vectors; i++) {
      b_f32 t = QG_B(fmadd_ps)(QG_B(cvtepi32_ps)(sums[i][q]), scale, bias);
      fixed[i][q] = QG_B(cvtps_epi32)(t);
      least = i + q ? QG_B(min_epu16)(least, fixed[i][q]) : fixed[i][q];
    }
  }
#pragma unroll
  for (int i = 0; i < vectors; i++) {
    b_bytes low = b_high_halves(fixed[i][0], fixed[i][1]);
    b_bytes high = b_high_halves(fixed[i][2], fixed[i][3]);
    store_codes(b, clamped(b, QG_B(packus_epi16)(low, high)), at[i], count);
  }
  return b_any_below_u16(least, b->unsure);
}

// Stores `vectors` × `count` outputs, one or two, each from its element of `at` on, in fixed point. 1
// when one of them is unsure.
QG_INLINE int finish_quick(const block *b, b_s32 sums[][4], const int vectors, const ptrdiff_t *at,
                           ptrdiff_t count) {
  if (vectors <= b_side_by_side) return finish_together(b, sums, vectors, at, count);
  int unsure = finish_together(b, sums, 1, at, count);
  return unsure | finish_together(b, sums + 1, 1, at + 1, count);
}

// Stores `count` outputs from element `at` on, the general way.
static __attribute__((noinline)) void finish_anyhow(const block *b, const b_s32 sums[4], ptrdiff_t at, ptrdiff_t count) {
  const qg_depthwise_u8s8_args *d = b->d;
  int32_t dots[b_width];
  float scale[b_width], bias[b_width];
  for (int q = 0; q < 4; q++) {
    b_store_quarter(dots, q, sums[q]);
    b_store_quarter((int32_t *)scale, q, (b_s32)b->scale[q]);
    b_store_quarter((int32_t *)bias, q, (b_s32)b->bias[q]);
  }
  for (ptrdiff_t i = 0; i < count; i += QG_PANEL) {
    ptrdiff_t n = qg_smaller(QG_PANEL, count - i);
    v_f32 y = v_scaled(v_load_s32(dots + i), v_load(scale + i), d->bias ? bias : NULL, i, QG_PANEL);
    v_output(&d->output, at + i, y, n, d->bounds);
  }
}

// Stores `count` outputs from element `at` on, however it has to be.
QG_INLINE void finish_slowly(const block *b, const b_s32 sums[4], ptrdiff_t at, ptrdiff_t count) {
  if (b->is_plain) {
    finish_exact(b, sums, at, count);
  } else {
    finish_anyhow(b, sums, at, count);
  }
}
