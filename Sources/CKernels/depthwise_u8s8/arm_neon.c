#if defined(__aarch64__)
#include <arm_neon.h>

#include "../lanes/neon.h"
#include "anyhow.h"

void QG_NAME(depthwise_u8s8)(const qg_depthwise_u8s8_args *d) { run_anyhow(d); }
#endif
