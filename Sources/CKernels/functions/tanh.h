#ifndef CKERNELS_TANH_H
#define CKERNELS_TANH_H

// The polynomial of include/functions.h: (tanh(x) - x) / x^3 in z = x^2, interpolated at the five
// Chebyshev points of 0…0.625^2. The whole function is within 1.3 ulp.

#define QG_TANH_NEAR 0.625f
#define QG_TANH_P0 -0x1.555552p-2f
#define QG_TANH_P1 0x1.110e1cp-3f
#define QG_TANH_P2 -0x1.b9258ap-5f
#define QG_TANH_P3 0x1.58048ep-6f
#define QG_TANH_P4 -0x1.8f8de4p-8f

#endif
