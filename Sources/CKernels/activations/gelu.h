#ifndef CKERNELS_GELU_H
#define CKERNELS_GELU_H

// The erf form of GELU. All operations are fp32, in this order:
//   a = x > 0 - x ? x : 0 - x, at most 15             (a NaN passes)
//   u = 1 / (a + 3); t = fma(u, -6, 1)                (t = (a - 3) / (a + 3))
//   p = P9; p = fma(p, t, P8); … fma(p, t, P0)
//   h = a * a; l = fma(a, a, -h)                      (a^2 = h + l)
//   e = cm_expf(h * -0.5); e = fma(e, l * -0.5, e)
//   y = (x > 0 ? x : 0) - ((a * u) * e) * p
// P is (a + 3) exp(a^2 / 2) (1 - Phi(a)), interpolated at the Chebyshev points of a = 0…15 in t, with a
// relative error of 2^-23.6 (Tests/CMathTests/Goldens/coefficients.py).

#define QG_GELU_LARGEST 15.0f
#define QG_GELU_P0 0x1.754a74p-1f
#define QG_GELU_P1 -0x1.04c730p-1f
#define QG_GELU_P2 0x1.d713d2p-3f
#define QG_GELU_P3 -0x1.8322c6p-5f
#define QG_GELU_P4 -0x1.570160p-7f
#define QG_GELU_P5 0x1.c67194p-8f
#define QG_GELU_P6 0x1.0ecc34p-10f
#define QG_GELU_P7 -0x1.eaaa94p-11f
#define QG_GELU_P8 -0x1.cb91d6p-13f
#define QG_GELU_P9 0x1.4d4a50p-15f

// The tanh form: -2 sqrt(2 / pi), and the weight of the cube.
#define QG_GELU_SLOPE -0x1.988454p+0f
#define QG_GELU_CUBIC 0.044715f

#endif
