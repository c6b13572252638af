#if defined(__aarch64__)
#include <arm_neon.h>

#include "../lanes/neon.h"
#include "../lanes/finish.h"
#include "../lanes/bytes_neon.h"
#include "vector.h"
#endif
