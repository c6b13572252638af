#ifndef CMATH_EXPF_H
#define CMATH_EXPF_H

// The recipe of cm_expf, for code that repeats it on vectors. All operations are fp32, in this order:
//   x' = x clamped to [LOWEST, HIGHEST]           (a NaN passes)
//   s  = fma(x', LOG2_E, SHIFT); n = s - SHIFT    (n = round to nearest even of x' * LOG2_E)
//   r  = fma(n, -LN2_HIGH, x'); r = fma(n, -LN2_LOW, r)
//   e  = C5; e = fma(e, r, C4); … fma(e, r, C0)
//   p  = fma(r * r, e, r) + 1
//   result = p * 2^(n >> 1) * 2^(n - (n >> 1)), left to right; a NaN becomes 0x7fc00000
// SHIFT puts the integer n in the low mantissa bits. n * LN2_HIGH is exact: 8 + 16 bits.

#define CM_EXPF_LOWEST -104.0f  // exp of it rounds to 0
#define CM_EXPF_HIGHEST 89.0f   // exp of it overflows
#define CM_EXPF_LOG2_E 0x1.715476p+0f
#define CM_EXPF_SHIFT 0x1.8p+23f
#define CM_EXPF_LN2_HIGH 0x1.62e4p-1f
#define CM_EXPF_LN2_LOW 0x1.7f7d1cp-20f
#define CM_EXPF_C0 0x1.000000p-1f
#define CM_EXPF_C1 0x1.555556p-3f
#define CM_EXPF_C2 0x1.5554e8p-5f
#define CM_EXPF_C3 0x1.1110e0p-7f
#define CM_EXPF_C4 0x1.6d43b0p-10f
#define CM_EXPF_C5 0x1.a1256cp-13f

#endif
