#ifndef CHOST_H
#define CHOST_H

// What measuring needs from C: an allocator that counts, the system calls that Swift does not import
// cleanly, and the frozen control workloads.

#include "allocation.h"
#include "controls.h"
#include "system.h"

#endif
