// Signed codes without zero points; after lanes/<isa>.h.
//   sum a * w = sum (a + 128) * w - 128 * sum w

#include "../lanes/finish.h"

QG_INLINE float row_scale(const qg_gemm_s8s8_args *g, ptrdiff_t m) {
  return g->row_scale[m * g->row_step];
}

QG_INLINE v_s32 row_start(const qg_gemm_s8s8_args *g, ptrdiff_t m, ptrdiff_t first,
                          ptrdiff_t lanes) {
  (void)m;
  return v_mul_s32(v_splat_s32(-128), v_load_some_s32(g->weight_sums + first, lanes));
}

#define QG_ARGUMENTS qg_gemm_s8s8_args
#define QG_FLIP 1
#include "../lanes/int8_product.h"

void QG_NAME(gemm_s8s8)(const qg_gemm_s8s8_args *g) { run(g); }
