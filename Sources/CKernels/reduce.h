#ifndef CKERNELS_REDUCE_H
#define CKERNELS_REDUCE_H

// The end of every floating sum over a vector: sixteen lanes, 8 apart, then 4, 2, 1.

#include "contract.h"

static inline float qg_sum_of_lanes(float lanes[QG_PANEL]) {
  for (int apart = QG_PANEL / 2; apart > 0; apart /= 2) {
    for (int lane = 0; lane < apart; lane++) lanes[lane] += lanes[lane + apart];
  }
  return lanes[0];
}

#endif
