// Products, for every tile width of rows and outputs, whole and ragged.

static const ptrdiff_t shapes[][3] = {{0, 5, 7},   {1, 1, 1},    {1, 16, 32},  {1, 70, 33},
                                      {2, 17, 64}, {3, 64, 31},  {5, 33, 40},  {8, 48, 96},
                                      {13, 80, 65}, {17, 16, 129}, {19, 70, 300}};
#define EACH_SHAPE(m, n, k)                                                              \
  for (size_t at = 0; at < sizeof shapes / sizeof *shapes; at++)                         \
    for (ptrdiff_t m = shapes[at][0], n = shapes[at][1], k = shapes[at][2], once = 1; once; once = 0)

static ptrdiff_t padded(ptrdiff_t n) { return (n + QG_PANEL - 1) / QG_PANEL * QG_PANEL; }

static qg_output output_at(cross *c, size_t at, ptrdiff_t m, ptrdiff_t n, void **out, size_t *bytes) {
  qg_output output = {.stride = n + 3, .quantize = affine(c)};
  *bytes = (size_t)(m * output.stride) * (at % 2 ? 1 : 4);
  *out = room(c, *bytes + 1);
  if (at % 2) {
    output.u8 = *out;
  } else {
    output.f32 = *out;
  }
  return output;
}

static void run_gemm_f32(const qg_kernels *kernels, cross *c) {
  EACH_SHAPE(m, n, k) {
    const float *a = numbers(c, m * k), *b = numbers(c, n * k);
    float *panels = room(c, qg_packed_f32_count(n, k) * sizeof *panels);
    qg_pack_f32(b, n, k, k, 1, panels);
    size_t bytes = (size_t)(m * n) * 4;
    float *out = room(c, bytes + 4);
    kernels->gemm_f32(&(qg_gemm_f32_args){m, n, k, a, k, panels, at % 3 ? numbers(c, padded(n)) : NULL,
                                          out, n, at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

static void run_gemm_u8s8(const qg_kernels *kernels, cross *c) {
  EACH_SHAPE(m, n, k) {
    const uint8_t *a = codes(c, m * (k + 8) + 8);
    const int8_t *w = (const int8_t *)codes(c, n * k);
    int8_t *panels = room(c, qg_packed_s8_bytes(n, k));
    int32_t *sums = room(c, (size_t)padded(n) * 4), *zeros = room(c, (size_t)padded(n) * 4);
    qg_pack_s8(w, n, k, panels, sums);
    for (ptrdiff_t i = 0; i < padded(n); i++) zeros[i] = (int8_t)next(c);
    void *out;
    size_t bytes;
    qg_output output = output_at(c, at, m, n, &out, &bytes);
    kernels->gemm_u8s8(&(qg_gemm_u8s8_args){
        .m = m, .n = n, .k = k, .a = a, .a_stride = k + 8, .rows = affines(c, m + 1),
        .row_step = (ptrdiff_t)(at % 2), .panels = panels, .weight_sums = sums,
        .weight_zero = at % 3 == 1 ? zeros : NULL, .weight_scale = scales(c, padded(n)),
        .bias = at % 3 ? numbers(c, padded(n)) : NULL, .output = output,
        .bounds = at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

static void run_gemm_bf16(const qg_kernels *kernels, cross *c) {
  EACH_SHAPE(m, n, k) {
    const float *a = numbers(c, m * k), *b = numbers(c, n * k);
    uint16_t *halves = room(c, (size_t)(n * k) * sizeof *halves);
    for (ptrdiff_t i = 0; i < n * k; i++) memcpy(halves + i, (const char *)(b + i) + 2, 2);
    uint16_t *panels = room(c, qg_packed_bf16_count(n, k) * sizeof *panels);
    qg_pack_bf16(halves, n, k, k, 1, panels);
    size_t bytes = (size_t)(m * n) * 4;
    float *out = room(c, bytes + 4);
    kernels->gemm_bf16(&(qg_gemm_bf16_args){m, n, k, a, k, panels,
                                            at % 3 ? numbers(c, padded(n)) : NULL, out, n,
                                            at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

static void run_gemm_s8s8(const qg_kernels *kernels, cross *c) {
  EACH_SHAPE(m, n, k) {
    const int8_t *a = (const int8_t *)codes(c, m * (k + 8) + 8);
    const int8_t *w = (const int8_t *)codes(c, n * k);
    int8_t *panels = room(c, qg_packed_s8_bytes(n, k));
    int32_t *sums = room(c, (size_t)padded(n) * 4);
    qg_pack_s8(w, n, k, panels, sums);
    void *out;
    size_t bytes;
    qg_output output = output_at(c, at, m, n, &out, &bytes);
    kernels->gemm_s8s8(&(qg_gemm_s8s8_args){
        .m = m, .n = n, .k = k, .a = a, .a_stride = k + 8, .row_scale = scales(c, m + 1),
        .row_step = (ptrdiff_t)(at % 2), .panels = panels, .weight_sums = sums,
        .weight_scale = scales(c, padded(n)), .bias = at % 3 ? numbers(c, padded(n)) : NULL,
        .output = output, .bounds = at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

static void run_gemm_u8u4(const qg_kernels *kernels, cross *c) {
  EACH_SHAPE(m, n, k) {
    ptrdiff_t group = at % 2 ? 32 : 8, groups = (k + group - 1) / group;
    const uint8_t *a = codes(c, m * (k + 8) + 8);
    uint8_t *w = codes(c, n * k), *panels = room(c, qg_packed_u4_bytes(n, k, group));
    for (ptrdiff_t i = 0; i < n * k; i++) w[i] &= 15;
    uint8_t *zeros = codes(c, n * groups);
    for (ptrdiff_t i = 0; i < n * groups; i++) zeros[i] &= 15;
    qg_pack_u4(w, scales(c, n * groups), zeros, n, k, group, panels);
    void *out;
    size_t bytes;
    qg_output output = output_at(c, at, m, n, &out, &bytes);
    kernels->gemm_u8u4(&(qg_gemm_u8u4_args){
        .m = m, .n = n, .k = k, .group = group, .a = a, .a_stride = k + 8,
        .rows = affines(c, m + 1), .row_step = (ptrdiff_t)(at % 2), .panels = panels,
        .bias = at % 3 ? numbers(c, padded(n)) : NULL, .output = output,
        .bounds = at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

static void run_gemm_u8s8g(const qg_kernels *kernels, cross *c) {
  EACH_SHAPE(m, n, k) {
    ptrdiff_t group = at % 2 ? 32 : 8, groups = (k + group - 1) / group;
    const uint8_t *a = codes(c, m * (k + 8) + 8);
    const int8_t *w = (const int8_t *)codes(c, n * k);
    uint8_t *panels = room(c, qg_packed_s8g_bytes(n, k, group));
    qg_pack_s8g(w, scales(c, n * groups), n, k, group, panels);
    int8_t *zeros = room(c, qg_packed_zeros_bytes(n, groups));
    qg_pack_zeros((const int8_t *)codes(c, n * groups), n, groups, zeros);
    void *out;
    size_t bytes;
    qg_output output = output_at(c, at, m, n, &out, &bytes);
    kernels->gemm_u8s8g(&(qg_gemm_u8s8g_args){
        .m = m, .n = n, .k = k, .group = group, .a = a, .a_stride = k + 8,
        .rows = affines(c, m + 1), .row_step = (ptrdiff_t)(at % 2), .panels = panels,
        .zeros = at % 4 > 1 ? zeros : NULL, .bias = at % 3 ? numbers(c, padded(n)) : NULL, .output = output,
        .bounds = at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}

// Weights in blocks of `bytes` for `elements` numbers: random bytes, but halves of moderate size.
#define BLOCK_PRODUCT(name, elements, bytes, is_half)                                              \
  static void run_gemm_u8_##name(const qg_kernels *kernels, cross *c) {                            \
    static const ptrdiff_t sizes[][3] = {{1, 1, 1}, {1, 16, 2}, {2, 37, 1}, {9, 20, 2}, {11, 48, 1}}; \
    for (size_t at = 0; at < 10; at++) {                                                           \
      ptrdiff_t m = sizes[at / 2][0], n = sizes[at / 2][1], k = sizes[at / 2][2] * (elements);     \
      const uint8_t *a = codes(c, m * k);                                                          \
      ptrdiff_t blocks = n * sizes[at / 2][2];                                                     \
      uint8_t *w = codes(c, blocks * (bytes));                                                     \
      for (ptrdiff_t i = 0; i < blocks; i++) is_half(w + i * (bytes));                             \
      uint8_t *panels = room(c, qg_packed_##name##_bytes(n, k));                                   \
      qg_pack_##name(w, n, k, panels);                                                             \
      void *out;                                                                                   \
      size_t size;                                                                                 \
      qg_output output = output_at(c, at, m, n, &out, &size);                                      \
      qg_affine *rows = affines(c, m + 1);                                                         \
      if (at % 3 == 0) rows[0].zero_point = 128;                                                   \
      kernels->gemm_u8_##name(&(qg_gemm_blocks_args){                                              \
          .m = m, .n = n, .k = k, .a = a, .a_stride = k, .rows = rows,                             \
          .row_step = (ptrdiff_t)(at % 2), .panels = panels,                                       \
          .bias = at % 3 ? numbers(c, padded(n)) : NULL, .output = output,                         \
          .bounds = at % 2 ? relu6 : open_bounds});                                                \
      done(c, out, size);                                                                          \
    }                                                                                              \
  }

// Makes the fp16 number at x finite.
static void tame(uint8_t *x) { x[1] = (uint8_t)((x[1] & 0x83) | 0x24); }
static void tame_two(uint8_t *x) {
  tame(x);
  tame(x + 2);
}
static void tame_last(uint8_t *x) { tame(x + 208); }
static void tame_power(uint8_t *x) { x[0] = (uint8_t)(x[0] % 24 + 110); }

BLOCK_PRODUCT(q4_0, 32, 18, tame)
BLOCK_PRODUCT(q8_0, 32, 34, tame)
BLOCK_PRODUCT(q4_k, 256, 144, tame_two)
BLOCK_PRODUCT(q6_k, 256, 210, tame_last)
BLOCK_PRODUCT(mxfp4, 32, 17, tame_power)

static void run_gemm_u8_nf4(const qg_kernels *kernels, cross *c) {
  static const ptrdiff_t sizes[][3] = {{1, 1, 64}, {1, 17, 704}, {2, 37, 320}, {4, 16, 192}, {19, 20, 128}};
  for (size_t at = 0; at < 10; at++) {
    ptrdiff_t m = sizes[at / 2][0], n = sizes[at / 2][1], k = sizes[at / 2][2];
    const uint8_t *a = codes(c, m * k);
    uint8_t *panels = room(c, qg_packed_nf4_bytes(n, k));
    qg_pack_nf4(codes(c, n * k / 2), scales(c, n * k / 64), n, k, panels);
    void *out;
    size_t bytes;
    qg_output output = output_at(c, at, m, n, &out, &bytes);
    kernels->gemm_u8_nf4(&(qg_gemm_blocks_args){
        .m = m, .n = n, .k = k, .a = a, .a_stride = k, .rows = affines(c, m + 1),
        .row_step = (ptrdiff_t)(at % 2), .panels = panels,
        .bias = at % 3 ? numbers(c, padded(n)) : NULL, .output = output,
        .bounds = at % 2 ? relu6 : open_bounds});
    done(c, out, bytes);
  }
}
