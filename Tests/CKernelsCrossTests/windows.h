// Sliding windows: kernels of 1, 3 and 5, strides 1 and 2, with and without padding, ragged channels;
// then strides, paddings and dilations that differ between directions.

static qg_window window_at(size_t at, ptrdiff_t channels) {
  static const ptrdiff_t kinds[][8] = {
      {3, 3, 1, 1, 1, 1, 1, 1}, {3, 3, 2, 2, 1, 1, 1, 1}, {5, 5, 1, 1, 2, 2, 1, 1},
      {1, 1, 1, 1, 0, 0, 1, 1}, {2, 2, 2, 2, 0, 0, 1, 1}, {3, 3, 1, 1, 0, 0, 1, 1},
      {3, 2, 2, 1, 0, 1, 1, 1}, {3, 3, 1, 1, 2, 1, 2, 3}, {2, 3, 1, 2, 1, 2, 4, 1}};
  const ptrdiff_t *kind = kinds[at];
  qg_window w = {9, 11, channels, kind[0], kind[1], kind[2], kind[3], kind[4], kind[5],
                 kind[6], kind[7], 0, 0, 0, 0};
  ptrdiff_t height = (w.kernel_height - 1) * w.dilation_height + 1;
  ptrdiff_t width = (w.kernel_width - 1) * w.dilation_width + 1;
  w.out_height = (w.height + 2 * w.padding_top - height) / w.stride_height + 1;
  w.out_width = (w.width + 2 * w.padding_left - width) / w.stride_width + 1;
  w.row_end = w.out_height;
  return w;
}

enum { window_kinds = 9, undilated_kinds = 7 };

#define EACH_WINDOW_OF(kinds, w)                                                \
  for (size_t at = 0; at < kinds; at++)                                         \
    for (ptrdiff_t channels = 1; channels < 50; channels = channels * 2 + 7)    \
      for (qg_window w = window_at(at, channels), *once = &w; once; once = NULL)
#define EACH_WINDOW(w) EACH_WINDOW_OF(window_kinds, w)

static ptrdiff_t inputs_of(const qg_window *w) { return w->height * w->width * w->channels; }
static ptrdiff_t outputs_of(const qg_window *w) { return w->out_height * w->out_width * w->channels; }
static ptrdiff_t taps_of(const qg_window *w) { return w->kernel_height * w->kernel_width; }

static void run_depthwise_f32(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    const float *in = numbers(c, inputs_of(&w)), *weights = numbers(c, taps_of(&w) * w.channels);
    float *out = room(c, (size_t)outputs_of(&w) * 4);
    const float *bias = at % 2 ? numbers(c, w.channels) : NULL;
    k->depthwise_f32(&(qg_depthwise_f32_args){w, in, weights, bias, out, at % 2 ? relu6 : open_bounds});
    done(c, out, (size_t)outputs_of(&w) * 4);
  }
}

static void run_depthwise_u8s8(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    const uint8_t *in = codes(c, inputs_of(&w));
    const int8_t *weights = (const int8_t *)codes(c, taps_of(&w) * w.channels);
    int32_t *zeros = room(c, (size_t)w.channels * 4);
    for (ptrdiff_t i = 0; i < w.channels; i++) zeros[i] = (int8_t)next(c);
    uint8_t *out = room(c, (size_t)outputs_of(&w));
    k->depthwise_u8s8(&(qg_depthwise_u8s8_args){
        .window = w, .in = in, .in_affine = affine(c), .weights = weights,
        .weight_zero = at % 3 == 1 ? zeros : NULL, .weight_scale = scales(c, w.channels),
        .bias = at % 2 ? numbers(c, w.channels) : NULL,
        .output = {.u8 = out, .quantize = affine(c)}, .bounds = open_bounds});
    done(c, out, (size_t)outputs_of(&w));
  }
}

static void run_patches_f32(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    const float *in = numbers(c, inputs_of(&w));
    size_t bytes = (size_t)(outputs_of(&w) * taps_of(&w)) * 4;
    float *out = room(c, bytes);
    k->patches_f32(&(qg_patches_args){w, in, out, taps_of(&w) * w.channels, 0, at == 1});
    done(c, out, bytes);
  }
}

static void run_patches_u8(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    int transposed = at == 5 || at == 8;
    const uint8_t *in = codes(c, inputs_of(&w));
    size_t bytes = (size_t)(outputs_of(&w) * taps_of(&w));
    uint8_t *out = room(c, bytes);
    k->patches_u8(&(qg_patches_args){w, in, out, taps_of(&w) * w.channels, 77, transposed});
    done(c, out, bytes);
  }
}

static void run_max_pool_f32(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    float *in = numbers(c, inputs_of(&w));
    if (at % 2) in[inputs_of(&w) / 2] = __builtin_nanf("");
    float *out = room(c, (size_t)outputs_of(&w) * 4);
    k->max_pool_f32(&w, in, out);
    done(c, out, (size_t)outputs_of(&w) * 4);
  }
}

static void run_max_pool_u8(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    const uint8_t *in = codes(c, inputs_of(&w));
    uint8_t *out = room(c, (size_t)outputs_of(&w));
    k->max_pool_u8(&w, in, out);
    done(c, out, (size_t)outputs_of(&w));
  }
}

static void run_average_pool_f32(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    const float *in = numbers(c, inputs_of(&w));
    float *out = room(c, (size_t)outputs_of(&w) * 4);
    k->average_pool_f32(&w, in, out);
    done(c, out, (size_t)outputs_of(&w) * 4);
  }
}

static void run_average_pool_u8(const qg_kernels *k, cross *c) {
  EACH_WINDOW(w) {
    const uint8_t *in = codes(c, inputs_of(&w));
    uint8_t *out = room(c, (size_t)outputs_of(&w));
    qg_affine before = affine(c), after = affine(c);
    k->average_pool_u8(&w, in, before, after, out);
    done(c, out, (size_t)outputs_of(&w));
  }
}

static void run_convolution_f32(const qg_kernels *k, cross *c) {
  EACH_WINDOW_OF(undilated_kinds, w) {
    if (channels > 25) continue;
    ptrdiff_t outputs = 17 + channels, depth = taps_of(&w) * channels;
    const float *in = numbers(c, inputs_of(&w)), *weights = numbers(c, outputs * depth);
    float *panels = room(c, qg_packed_f32_count(outputs, depth) * sizeof *panels);
    qg_pack_f32(weights, outputs, depth, depth, 1, panels);
    size_t bytes = (size_t)(w.out_height * w.out_width * outputs) * 4;
    float *out = room(c, bytes);
    k->convolution_f32(&(qg_convolution_f32_args){w, in, outputs, panels,
                                                  at % 2 ? numbers(c, outputs) : NULL, out, outputs,
                                                  at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

static void run_convolution_u8s8(const qg_kernels *k, cross *c) {
  EACH_WINDOW_OF(undilated_kinds, w) {
    if (channels > 25) continue;
    ptrdiff_t outputs = 17 + channels, depth = taps_of(&w) * channels, all = padded(outputs);
    const uint8_t *in = codes(c, inputs_of(&w) + 64);
    const int8_t *weights = (const int8_t *)codes(c, outputs * depth);
    int8_t *panels = room(c, qg_packed_convolution_s8_bytes(outputs, &w));
    int32_t *sums = room(c, (size_t)all * 4), *zeros = room(c, (size_t)all * 4);
    qg_pack_convolution_s8(weights, outputs, &w, panels, sums);
    for (ptrdiff_t i = 0; i < all; i++) zeros[i] = (int8_t)next(c);
    size_t bytes = (size_t)(w.out_height * w.out_width * outputs);
    uint8_t *out = room(c, bytes);
    k->convolution_u8s8(&(qg_convolution_u8s8_args){
        .window = w, .in = in, .in_affine = affine(c), .outputs = outputs, .panels = panels,
        .weight_sums = sums, .weight_zero = at % 3 == 1 ? zeros : NULL,
        .weight_scale = scales(c, all), .bias = at % 2 ? numbers(c, all) : NULL,
        .output = {.u8 = out, .stride = outputs, .quantize = affine(c)}, .bounds = open_bounds});
    done(c, out, bytes);
  }
}
