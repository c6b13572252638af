#include "controls.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Compiles its argument and keeps its text, so that the identity of the controls follows the tokens
// that are compiled.
#define FROZEN(...) \
  __VA_ARGS__       \
  static const char frozen_source[] = #__VA_ARGS__;

// clang-format off
FROZEN(
  uint64_t qg_compute(qg_compute_state *state, uint64_t units) {
    uint64_t a = state->integers[0];
    uint64_t b = state->integers[1];
    double x = state->floats[0];
    double y = state->floats[1];
    uint64_t sum = state->integers[2];
    for (uint64_t unit = 0; unit < units; unit++) {
      size_t start = (unit % 32) * 128;
      int32_t dot = 0;
      for (size_t i = 0; i < 128; i++) {
        a ^= a << 13;
        a ^= a >> 7;
        a ^= a << 17;
        b = b * 6364136223846793005u + 1442695040888963407u;
        x = x * 0.75 + 0.125;
        y = y * 0.5 + x;
        dot += (int32_t)state->left[start + i] * (int32_t)state->right[start + i];
      }
      sum += (uint64_t)dot + (a ^ b);
    }
    state->integers[0] = a;
    state->integers[1] = b;
    state->integers[2] = sum;
    state->floats[0] = x;
    state->floats[1] = y;
    return sum;
  }

  uint64_t qg_stream(const uint64_t *words, size_t count, size_t *cursor, uint64_t units) {
    uint64_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    size_t place = *cursor;
    for (uint64_t unit = 0; unit < units; unit++) {
      if (place >= count) place = 0;
      const uint64_t *run = words + place;
      for (size_t i = 0; i < QG_STREAM_UNIT_WORDS; i += 8) {
        for (size_t lane = 0; lane < 8; lane++) sums[lane] += run[i + lane];
      }
      place += QG_STREAM_UNIT_WORDS;
    }
    *cursor = place >= count ? 0 : place;
    uint64_t sum = 0;
    for (size_t lane = 0; lane < 8; lane++) sum += sums[lane];
    return sum;
  }
)
// clang-format on

const char *qg_controls_source(void) { return frozen_source; }

const char *qg_controls_compiler(void) { return __VERSION__; }

void qg_compute_prepare(qg_compute_state *state) {
  memset(state, 0, sizeof *state);
  state->integers[0] = 0x9E3779B97F4A7C15u;
  state->integers[1] = 1;
  state->floats[0] = 1;
  for (size_t i = 0; i < sizeof state->left; i++) {
    state->left[i] = (int8_t)((i * 37) % 251 - 125);
    state->right[i] = (int8_t)((i * 91) % 241 - 120);
  }
}
