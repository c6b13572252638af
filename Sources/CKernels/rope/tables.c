#include <CMath.h>

#include "../contract.h"

void qg_rope_tables(const qg_rope_table_args *t, float *cosines, float *sines) {
  assert(t->rotary >= 0 && t->rotary % 2 == 0);
  ptrdiff_t pairs = t->rotary / 2;
  for (ptrdiff_t i = 0; i < pairs; i++) {
    double frequency = cm_pow(t->base, (double)(-2 * i) / (double)t->rotary);
    if (t->frequency_divisors) frequency = frequency / t->frequency_divisors[i];
    for (ptrdiff_t row = 0; row < t->rows; row++) {
      double angle = (double)(t->first + row) * t->position_scale * frequency;
      cosines[row * pairs + i] = (float)(cm_cos(angle) * t->magnitude);
      sines[row * pairs + i] = (float)(cm_sin(angle) * t->magnitude);
    }
  }
}
