#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#include "../lanes/avx512.h"
#include "vector.h"
#pragma clang attribute pop
#endif
