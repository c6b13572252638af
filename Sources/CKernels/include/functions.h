#ifndef CKERNELS_FUNCTIONS_H
#define CKERNELS_FUNCTIONS_H

// Functions of one element; CKernels.h, which includes this, has the rules that hold for all kernels.
// fp32 formulas with the steps of cm_expf, each operation rounded once:
// sigmoid:      1 / (1 + expf(0 - x))
// tanh:         a = x > 0 - x ? x : 0 - x
//               a < 0.625: z = x * x; t = fma(x * z, polynomial in z, x)        (functions/tanh.h)
//               else:      t = 1 - 2 / (expf(a + a) + 1), 0 - t where x < 0
// hard sigmoid: t / 6, t = x + 3 held between 0 and 6
// hard swish:   (x * t) / 6, t as above
// ELU:          x > 0 ? x : alpha * (expf(x) - 1); absolute errors up to alpha * 2^-23
// leaky ReLU:   x < 0 ? x * alpha : x
typedef enum {
  QG_SIGMOID = 0,
  QG_TANH = 1,
  QG_HARD_SIGMOID = 2,
  QG_HARD_SWISH = 3,
  QG_ELU = 4,
  QG_LEAKY_RELU = 5,
} qg_function_kind;

typedef struct {
  qg_function_kind kind;
  float alpha;  // ELU and leaky ReLU only
} qg_function;

#endif
