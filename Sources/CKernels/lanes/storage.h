// Sixteen numbers of any storage, after lanes/half_<isa>.h and lanes/finish.h.

// n numbers from element `at` of x on; codes without their scale. A NaN is not made canonical.
QG_INLINE v_f32 v_load_stored(const void *x, ptrdiff_t at, ptrdiff_t n, const qg_storage storage) {
  switch (storage) {
    case QG_F32: return v_load_some((const float *)x + at, n);
    case QG_F16: return v_from_f16(v_load_halves((const uint16_t *)x + at, n));
    case QG_BF16: return v_from_bf16(v_load_halves((const uint16_t *)x + at, n));
    case QG_S8: return v_from_s32(v_load_some_s8((const int8_t *)x + at, n));
  }
  __builtin_unreachable();
}
