#ifndef CHOST_ALLOCATION_H
#define CHOST_ALLOCATION_H

// A program that links this target allocates through jemalloc, and every call is counted: the
// program itself defines malloc and its siblings (and C++'s operator new), so that every shared
// library binds to them.
//
// Counted are calls that returned a block, and usable bytes (`sallocx`: the size class, not the size
// asked for), so that allocations and frees balance to the byte. Resizing a block in place or by
// moving counts as one free and one allocation; the moment within `rallocx` in which both exist is
// not seen. jemalloc's own bookkeeping and memory mapped directly are not counted.

#include <stddef.h>
#include <stdint.h>

// What the whole process has allocated since it started.
typedef struct {
  uint64_t allocations;      // calls that returned a block
  uint64_t deallocations;    // blocks given back
  uint64_t allocated_bytes;  // usable bytes of all blocks ever returned
  int64_t live_bytes;        // usable bytes of blocks not yet given back
  int64_t peak_live_bytes;   // largest live_bytes since the start or the last qg_reset_peak
} qg_allocation_counts;

// What the calling thread has allocated since it started.
typedef struct {
  uint64_t allocations;
  uint64_t deallocations;
  uint64_t allocated_bytes;
} qg_thread_counts;

// Totals of the process. Exact when no other thread is inside an allocation call.
qg_allocation_counts qg_allocation_counts_now(void);
// Totals of the calling thread; always exact.
qg_thread_counts qg_thread_counts_now(void);
// Makes the present live bytes the peak.
void qg_reset_peak(void);

// Once set, the first allocation that fails writes "out of memory: N bytes\n" to `descriptor`, so
// that whoever started this process can tell this end from any other. -1 switches it off.
void qg_report_exhaustion_to(int descriptor);

// Allocates `bytes` through the symbol that shared libraries bind to, then frees it. Gives what our
// counters and jemalloc's `thread.allocated` saw. 0, or an errno value of mallctl.
int qg_observe_allocation(size_t bytes, uint64_t *counted, uint64_t *seen_by_jemalloc);

// jemalloc's own figures, in bytes, refreshed by the call.
typedef struct {
  size_t allocated;  // in blocks handed out
  size_t active;     // in pages that hold such blocks
  size_t metadata;   // bookkeeping
  size_t resident;   // physically mapped, at most
  unsigned arenas;   // opt.narenas
  ptrdiff_t dirty_decay_ms;
} qg_allocator_figures;

// 0, or an errno value of mallctl (ENOENT where statistics are compiled out).
int qg_allocator_figures_now(qg_allocator_figures *figures);
// jemalloc's version text, or NULL.
const char *qg_allocator_version(void);

#endif
