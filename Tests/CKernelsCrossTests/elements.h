// Elementwise kernels, quantization, softmax.

static const ptrdiff_t counts[] = {0, 1, 15, 16, 17, 31, 32, 33, 100};
#define EACH_COUNT(n) for (size_t at = 0; at < 9; at++) for (ptrdiff_t n = counts[at], once = 1; once; once = 0)

static void run_quantize_u8(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const float *x = numbers(c, n);
    uint8_t *out = room(c, 128);
    k->quantize_u8(x, n, affine(c), out);
    done(c, out, 128);
  }
}

static void run_dequantize_u8(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const uint8_t *x = codes(c, n);
    float *out = room(c, 512);
    k->dequantize_u8(x, n, affine(c), out);
    done(c, out, 512);
  }
}

static void run_range_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, n);
    float *out = room(c, 8);
    if (n == 33) x[20] = __builtin_nanf("");
    k->range_f32(x, n, out, out + 1);
    done(c, out, 8);
  }
}

static void run_add_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const float *a = numbers(c, n), *b = numbers(c, n);
    float *out = room(c, 512);
    k->add_f32(a, b, n, relu6, out);
    done(c, out, 512);
  }
}

static void run_add_u8(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const uint8_t *a = codes(c, n), *b = codes(c, n);
    uint8_t *out = room(c, 128);
    qg_affine first = affine(c), second = affine(c), result = affine(c);
    k->add_u8(a, first, b, second, n, relu6, result, out);
    done(c, out, 128);
  }
}

static void run_multiply_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const float *a = numbers(c, n), *b = numbers(c, n);
    float *out = room(c, 512);
    k->multiply_f32(a, b, n, relu6, out);
    done(c, out, 512);
  }
}

static void run_multiply_u8(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const uint8_t *a = codes(c, n), *b = codes(c, n);
    uint8_t *out = room(c, 128);
    qg_affine first = affine(c), second = affine(c), result = affine(c);
    k->multiply_u8(a, first, b, second, n, open_bounds, result, out);
    done(c, out, 128);
  }
}

static void run_apply_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, n);
    for (ptrdiff_t i = 0; i < n; i += 3) x[i] *= 10;
    if (n == 33) x[20] = __builtin_nanf("");
    float *out = room(c, 6 * 512);
    for (int kind = QG_SIGMOID; kind <= QG_LEAKY_RELU; kind++) {
      k->apply_f32(x, n, (qg_function){(qg_function_kind)kind, 0.3f}, out + 128 * kind);
    }
    done(c, out, 6 * 512);
  }
}

static void run_clamp_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, n);
    float *out = room(c, 512);
    if (n > 3) x[3] = __builtin_nanf("");
    k->clamp_f32(x, n, (qg_bounds){-1, 1}, out);
    done(c, out, 512);
  }
}

static void run_clamp_u8(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const uint8_t *x = codes(c, n);
    uint8_t *out = room(c, 128);
    k->clamp_u8(x, n, 20, 200, out);
    done(c, out, 128);
  }
}

static void run_softmax_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, 3 * n);
    float *out = room(c, 3 * 512);
    if (n == 33) x[40] = __builtin_nanf("");
    k->softmax_f32(x, 3, n, out);
    done(c, out, 3 * 512);
  }
}
