#ifndef CROSS_CASES_H
#define CROSS_CASES_H

// One function per kernel: seeded inputs of several sizes, a digest of the output of each.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { most_cases = 512, most_bytes = 1 << 20 };

typedef struct {
  uint64_t state;  // of the generator
  int count;
  uint64_t digests[most_cases];
  char scratch[most_bytes];  // handed out by `room`
  size_t used;
} cross;

// SplitMix64.
static inline uint64_t next(cross *c) {
  uint64_t z = (c->state += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// Memory for one case, aligned as vectors like it, filled with a pattern.
static inline void *room(cross *c, size_t bytes) {
  size_t start = (c->used + 63) / 64 * 64;
  if (start + bytes > most_bytes) abort();
  c->used = start + bytes;
  return memset(c->scratch + start, 0x5a, bytes);
}

// -2...2, now and then a zero or something tiny.
static inline float number(cross *c) {
  uint64_t bits = next(c);
  float x = (float)(int32_t)(bits & 0xffffff) * 0x1p-22f - 2.0f;
  if (bits >> 60 == 0) return bits >> 59 & 1 ? 0.0f : -0.0f;
  return bits >> 60 == 1 ? x * 0x1p-130f : x;
}

static inline float *numbers(cross *c, ptrdiff_t n) {
  float *x = room(c, (size_t)n * sizeof *x);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = number(c);
  return x;
}

static inline float *scales(cross *c, ptrdiff_t n) {
  float *x = room(c, (size_t)n * sizeof *x);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = 0x1p-8f + (float)(next(c) & 0xffff) * 0x1p-24f;
  return x;
}

static inline uint8_t *codes(cross *c, ptrdiff_t n) {
  uint8_t *x = room(c, (size_t)n);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = (uint8_t)next(c);
  return x;
}

static inline qg_affine affine(cross *c) {
  return (qg_affine){0x1p-6f + (float)(next(c) & 0xffff) * 0x1p-22f, (int32_t)(next(c) & 255)};
}

static inline qg_affine *affines(cross *c, ptrdiff_t n) {
  qg_affine *x = room(c, (size_t)n * sizeof *x);
  for (ptrdiff_t i = 0; i < n; i++) x[i] = affine(c);
  return x;
}

// Records the output of a case and frees its memory.
static inline void done(cross *c, const void *out, size_t bytes) {
  uint64_t digest = 14695981039346656037u;
  const unsigned char *p = out;
  for (size_t i = 0; i < bytes; i++) digest = (digest ^ p[i]) * 1099511628211u;
  if (c->count == most_cases) abort();
  c->digests[c->count++] = digest;
  c->used = 0;
}

static const qg_bounds open_bounds = {-__builtin_inff(), __builtin_inff()};
static const qg_bounds relu6 = {0, 6};

#include "elements.h"
#include "products.h"
#include "windows.h"
#include "encoders.h"
#include "sequence.h"

#endif
