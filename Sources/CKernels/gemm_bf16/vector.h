// bf16 weights; after lanes/<isa>.h.

#define QG_ARGUMENTS qg_gemm_bf16_args
#define QG_WEIGHT uint16_t
#define QG_LOAD_WEIGHTS v_load_bf16
#include "../lanes/float_product.h"

void QG_NAME(gemm_bf16)(const qg_gemm_bf16_args *g) { run(g); }
