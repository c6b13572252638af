#ifndef CKERNELS_CELLS_H
#define CKERNELS_CELLS_H

// One step of a recurrent layer for `rows` examples, after both products; CKernels.h, which includes
// this, has the rules that hold for all kernels. `x` holds the input's product, `g` that of the state,
// each with its bias: as many blocks of `hidden` values a row as there are gates. Sigmoid and tanh are
// those of functions.h. Threads split rows.
// LSTM, gates i, f, g, o:
//   i = sigmoid(xi + gi); f = sigmoid(xf + gf); u = tanh(xg + gg); o = sigmoid(xo + go)
//   c' = fma(f, c, i * u); h' = o * tanh(c')
// GRU, gates r, z, n, the reset after the product:
//   r = sigmoid(xr + gr); z = sigmoid(xz + gz); n = tanh(fma(r, gn, xn))
//   h' = fma(z, h, (1 - z) * n)
typedef struct {
  ptrdiff_t rows, hidden;
  const float *x;
  ptrdiff_t x_stride;  // elements between rows
  const float *g;      // [rows][gates][hidden]
  float *c;            // [rows][hidden]; LSTM only
  float *h;            // [rows][hidden]
} qg_cell_args;

#endif
