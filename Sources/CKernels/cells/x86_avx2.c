#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../lanes/avx2.h"
#include "vector.h"
#pragma clang attribute pop
#endif
