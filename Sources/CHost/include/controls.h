#ifndef CHOST_CONTROLS_H
#define CHOST_CONTROLS_H

// Two frozen workloads that measure the machine instead of the model. Interleaved with a subject they
// tell how much of a change came from outside. Changing anything in controls.c changes
// qg_controls_identity(), and with it every stored blend becomes incomparable.

#include <stddef.h>
#include <stdint.h>

// 64-bit words that one unit of the streaming control reads: 4 KiB.
#define QG_STREAM_UNIT_WORDS 512

typedef struct {
  uint64_t integers[4];
  double floats[4];
  int8_t left[4096];
  int8_t right[4096];
} qg_compute_state;

// The text that identifies the controls: their source, as compiled, and the compiler.
const char *qg_controls_source(void);
const char *qg_controls_compiler(void);

// A fixed starting state.
void qg_compute_prepare(qg_compute_state *state);
// Arithmetic in registers and first-level cache; a unit is 128 rounds. Returns a value that depends
// on all of it.
uint64_t qg_compute(qg_compute_state *state, uint64_t units);
// Reads `units` · 4 KiB of `words` from `*cursor` on, wrapping around. `count` is a multiple of
// QG_STREAM_UNIT_WORDS and so is `*cursor`.
uint64_t qg_stream(const uint64_t *words, size_t count, size_t *cursor, uint64_t units);

#endif
