// fp32 weights; after lanes/<isa>.h.

#define QG_ARGUMENTS qg_gemm_f32_args
#define QG_WEIGHT float
#define QG_LOAD_WEIGHTS v_load
#include "../lanes/float_product.h"

void QG_NAME(gemm_f32)(const qg_gemm_f32_args *g) { run(g); }
