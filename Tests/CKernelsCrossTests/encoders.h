// Encoders of block formats.

static float *runs_of(cross *c, ptrdiff_t count) {
  float *x = numbers(c, count);
  for (ptrdiff_t i = 0; i < count; i += 32) {
    float size = (float[]){1, 1e-3f, 300, 1e-7f, 1e-30f, 0}[next(c) % 6];
    for (int j = 0; j < 32; j++) x[i + j] *= size;
  }
  return x;
}

#define ENCODER(name, elements)                                             \
  static void run_encode_##name(const qg_kernels *k, cross *c) {            \
    for (ptrdiff_t blocks = 0; blocks < 40; blocks = blocks * 2 + 1) {      \
      const float *x = runs_of(c, blocks * (elements));                     \
      size_t bytes = (size_t)blocks * sizeof(qg_block_##name);              \
      qg_block_##name *out = room(c, bytes + 1);                            \
      if (k->encode_##name(x, blocks, out) != blocks) abort();              \
      done(c, out, bytes);                                                  \
    }                                                                       \
  }

ENCODER(q4_0, 32)
ENCODER(q8_0, 32)
ENCODER(q4_k, 256)
