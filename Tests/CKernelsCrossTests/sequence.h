// Sequence models: rows of ragged lengths, heads of ragged sizes, every storage of a cache.

static void norm_of(void (*norm)(const qg_norm_args *), cross *c) {
  EACH_COUNT(n) {
    ptrdiff_t stride = n + 3;
    const float *x = numbers(c, 4 * stride), *weight = at % 3 ? numbers(c, n) : NULL;
    const float *bias = at % 3 == 1 ? numbers(c, n) : NULL;
    size_t bytes = (size_t)(4 * stride) * 4;
    float *out = room(c, bytes);
    norm(&(qg_norm_args){4, n, x, stride, 1e-5f, weight, bias, out, stride});
    done(c, out, bytes);
  }
}

static void run_rms_norm_f32(const qg_kernels *k, cross *c) { norm_of(k->rms_norm_f32, c); }
static void run_layer_norm_f32(const qg_kernels *k, cross *c) { norm_of(k->layer_norm_f32, c); }

static void run_rope_f32(const qg_kernels *k, cross *c) {
  static const ptrdiff_t heads[][2] = {{2, 2}, {16, 16}, {32, 32}, {40, 24}, {64, 64}, {80, 34}};
  for (int at = 0; at < 12; at++) {
    ptrdiff_t dim = heads[at / 2][0], rotary = heads[at / 2][1], stride = 3 * dim + 1;
    float *cosines = room(c, (size_t)(16 * rotary / 2) * 4);
    float *sines = room(c, (size_t)(16 * rotary / 2) * 4);
    qg_rope_tables(&(qg_rope_table_args){0, 16, rotary, 10000, at % 3 ? 1 : 0.25, NULL, 1}, cosines,
                   sines);
    static const int32_t positions[] = {0, 15, 3};
    const float *x = numbers(c, 3 * stride);
    size_t bytes = (size_t)(3 * stride) * 4;
    float *out = room(c, bytes);
    k->rope_f32(&(qg_rope_args){3, 3, dim, rotary, at % 2 ? QG_ROPE_HALVES : QG_ROPE_INTERLEAVED,
                                positions, 16, cosines, sines, x, stride, out, stride});
    done(c, out, bytes);
  }
}

static void run_gelu_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, n);
    for (ptrdiff_t i = 0; i < n; i += 3) x[i] *= 10;
    float *out = room(c, 1024);
    k->gelu_f32(x, n, QG_GELU_ERF, out);
    k->gelu_f32(x, n, QG_GELU_TANH, out + 128);
    done(c, out, 1024);
  }
}

static void run_silu_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const float *x = numbers(c, n);
    float *out = room(c, 512);
    k->silu_f32(x, n, out);
    done(c, out, 512);
  }
}

static void run_silu_times_f32(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const float *gate = numbers(c, n), *up = numbers(c, n);
    float *out = room(c, 512);
    k->silu_times_f32(gate, up, n, out);
    done(c, out, 512);
  }
}

static void run_embedding(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    for (int storage = QG_F32; storage <= QG_S8; storage++) {
      static const int32_t ids[] = {4, 0, 2, 2};
      void *table = numbers(c, 5 * n);  // any bytes are a number in every storage
      float *out = room(c, (size_t)(4 * n) * 4);
      const float *scale = scales(c, 5);
      k->embedding(&(qg_embedding_args){(qg_storage)storage, table, 5, n, scale, ids, 4, out, n});
      done(c, out, (size_t)(4 * n) * 4);
    }
  }
}

static void run_quantize_rows_u8(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, 6 * n);
    if (n > 20) x[n + 19] = __builtin_inff();
    struct {
      qg_affine affines[3];
      uint8_t codes[3 * 128];
    } *out = room(c, sizeof *out);
    k->quantize_rows_u8(
        &(qg_quantize_rows_args){3, n, x, 2 * n, (int)(at % 2), out->affines, out->codes, 128});
    for (int row = 0; row < 3; row++) {
      if (out->affines[row].scale != out->affines[row].scale) out->affines[row].scale = -1;
    }
    done(c, out, sizeof *out);
  }
}

static void run_encode_f16(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, n);
    for (ptrdiff_t i = 0; i < n; i += 4) x[i] *= (float[]){1e5f, 1e-5f, 1e-7f}[i / 4 % 3];
    uint16_t *out = room(c, 256);
    k->encode_f16(x, n, out);
    done(c, out, 256);
  }
}

static void run_encode_bf16(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    float *x = numbers(c, n);
    if (n > 8) x[8] = __builtin_nanf("");
    uint16_t *out = room(c, 256);
    k->encode_bf16(x, n, out);
    done(c, out, 256);
  }
}

static void run_decode_f16(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const uint16_t *x = (const uint16_t *)codes(c, 2 * n);
    float *out = room(c, 512);
    k->decode_f16(x, n, out);
    done(c, out, 512);
  }
}

static void run_decode_bf16(const qg_kernels *k, cross *c) {
  EACH_COUNT(n) {
    const uint16_t *x = (const uint16_t *)codes(c, 2 * n);
    float *out = room(c, 512);
    k->decode_bf16(x, n, out);
    done(c, out, 512);
  }
}

enum { cache_positions = 48 };

// A cache of two heads with 37 tokens.
static qg_kv_cache *cache_of(const qg_kernels *k, cross *c, qg_storage storage, ptrdiff_t dim) {
  qg_kv_cache *cache = room(c, sizeof *cache);
  *cache = (qg_kv_cache){.storage = storage, .kv_heads = 2, .head_dim = dim,
                         .capacity = cache_positions};
  cache->keys = room(c, qg_kv_cache_bytes(cache));
  cache->values = room(c, qg_kv_cache_bytes(cache));
  cache->key_scales = room(c, 2 * cache_positions * 4);
  cache->value_scales = room(c, 2 * cache_positions * 4);
  const float *keys = numbers(c, 37 * 2 * dim), *values = numbers(c, 37 * 2 * dim);
  k->kv_append(&(qg_kv_append_args){cache, 0, 20, keys, values, 2 * dim});
  k->kv_append(&(qg_kv_append_args){cache, 20, 17, keys + 40 * dim, values + 40 * dim, 2 * dim});
  return cache;
}

#define EACH_CACHE(storage, dim)                                        \
  for (int at = 0; at < 3; at++)                                        \
    for (ptrdiff_t dim = 8; dim <= 80; dim = dim * 2 + 4)               \
      for (qg_storage storage = (qg_storage[]){QG_F32, QG_F16, QG_S8}[at], *once = &storage; once; \
           once = NULL)

static void run_kv_append(const qg_kernels *k, cross *c) {
  EACH_CACHE(storage, dim) {
    const qg_kv_cache *cache = cache_of(k, c, storage, dim);
    const char *end = (const char *)cache->value_scales + 2 * cache_positions * 4;
    done(c, cache->keys, (size_t)(end - (const char *)cache->keys));
  }
}

static void run_attention(const qg_kernels *k, cross *c) {
  EACH_CACHE(storage, dim) {
    for (int causal = 0; causal < 3; causal++) {
      const qg_kv_cache *cache = cache_of(k, c, storage, dim);
      const float *query = numbers(c, 5 * 6 * dim);
      size_t bytes = (size_t)(5 * 6 * dim) * 4;
      float *out = room(c, bytes), *scratch = room(c, qg_attention_scratch(37) * 4);
      k->attention(&(qg_attention_args){
          .cache = cache, .positions = 37, .queries = 5, .heads = 6, .offset = 32,
          .causal = causal > 0, .window = causal == 2 ? 9 : 0, .scale = 0.3f, .query = query,
          .query_stride = 6 * dim, .out = out, .out_stride = 6 * dim, .pair_begin = 0,
          .pair_end = 30, .scratch = scratch});
      done(c, out, bytes);
    }
  }
}

static void cell_of(void (*cell)(const qg_cell_args *), ptrdiff_t gates, cross *c) {
  EACH_COUNT(n) {
    ptrdiff_t stride = gates * n + 5;
    float *x = numbers(c, 3 * stride), *g = numbers(c, 3 * gates * n);
    for (ptrdiff_t i = 0; i < 3 * stride; i += 4) x[i] *= 10;
    float *state = numbers(c, 6 * n);
    if (n == 33) state[20] = __builtin_nanf("");
    cell(&(qg_cell_args){3, n, x, stride, g, state, state + 3 * n});
    done(c, state, (size_t)(6 * n) * 4);
  }
}

static void run_lstm_cell_f32(const qg_kernels *k, cross *c) { cell_of(k->lstm_cell_f32, 4, c); }
static void run_gru_cell_f32(const qg_kernels *k, cross *c) { cell_of(k->gru_cell_f32, 3, c); }
