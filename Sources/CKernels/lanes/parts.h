// The parts of a tile's rows; after lanes/bytes_<isa>.h.

QG_INLINE void b_open_parts(b_s32 *part, const b_s32 *dot, const int rows) {
#pragma unroll
  for (int r = 0; r < rows; r++) part[r] = b_open(dot[r]);
}

// dot + part
QG_INLINE void b_close_parts(const b_s32 *part, b_s32 *dot, const int rows) {
#pragma unroll
  for (int r = 0; r < rows; r++) dot[r] = b_close(part[r], dot[r]);
}

QG_INLINE void b_reopen_parts(b_s32 *part, b_s32 *dot, const int rows) {
  b_close_parts(part, dot, rows);
  b_open_parts(part, dot, rows);
}
