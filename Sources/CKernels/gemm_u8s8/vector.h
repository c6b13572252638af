// uint8 codes with zero points; after lanes/<isa>.h.
//   sum (a - za) * (w - zw) = sum a * w - za * (sum w - K * zw) - zw * sum a

#include "../lanes/finish.h"

static int32_t sum_of_codes(const uint8_t *a, ptrdiff_t count) {
  int32_t sum = 0;
  for (ptrdiff_t k = 0; k < count; k++) sum += a[k];
  return sum;
}

QG_INLINE float row_scale(const qg_gemm_u8s8_args *g, ptrdiff_t m) {
  return g->rows[m * g->row_step].scale;
}

QG_INLINE v_s32 row_start(const qg_gemm_u8s8_args *g, ptrdiff_t m, ptrdiff_t first,
                          ptrdiff_t lanes) {
  v_s32 minus_zero = v_splat_s32(-g->rows[m * g->row_step].zero_point);
  v_s32 sums = v_load_some_s32(g->weight_sums + first, lanes);
  if (!g->weight_zero) return v_mul_s32(minus_zero, sums);
  v_s32 zeros = v_load_some_s32(g->weight_zero + first, lanes);
  sums = v_sub_s32(sums, v_mul_s32(v_splat_s32((int32_t)g->k), zeros));
  v_s32 codes = v_splat_s32(sum_of_codes(g->a + m * g->a_stride, g->k));
  return v_sub_s32(v_mul_s32(minus_zero, sums), v_mul_s32(codes, zeros));
}

#define QG_ARGUMENTS qg_gemm_u8s8_args
#define QG_FLIP 0
#include "../lanes/int8_product.h"

void QG_NAME(gemm_u8s8)(const qg_gemm_u8s8_args *g) { run(g); }
