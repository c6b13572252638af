#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer with a process's arguments. Source: llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a
/// library".
int LLVMFuzzerRunDriver(int *argc, char ***argv,
                        int (*readOneInput)(const uint8_t *bytes, size_t count));
