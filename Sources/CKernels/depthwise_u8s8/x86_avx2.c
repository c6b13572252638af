#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../scalar.h"
#include "../lanes/avx2.h"
#include "anyhow.h"
#include "bytes_avx2.h"
#include "block.h"
#include "vector.h"
#pragma clang attribute pop
#endif
