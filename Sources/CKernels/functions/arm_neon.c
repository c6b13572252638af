#if defined(__aarch64__)
#include <arm_neon.h>

#include "../lanes/neon.h"
#include "vector.h"
#endif
