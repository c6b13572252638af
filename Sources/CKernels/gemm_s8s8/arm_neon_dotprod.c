#if defined(__aarch64__)
#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define QG_DOTPROD
#include "../lanes/neon.h"
#include "vector.h"
#pragma clang attribute pop
#endif
