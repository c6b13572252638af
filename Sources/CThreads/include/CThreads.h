#ifndef CTHREADS_H
#define CTHREADS_H

// What Swift's view of the C library leaves out of POSIX threads.

#include <pthread.h>
#include <stddef.h>

// Makes a thread started with `attributes` run on `core` alone. Returns 0, or EINVAL for a core that
// no set can name; a core the machine lacks is found when the thread is created.
int qg_thread_attributes_pin(pthread_attr_t *attributes, ptrdiff_t core);

// Tells the processor that a loop waits for another thread: tens of nanoseconds.
static inline void qg_thread_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("isb" ::: "memory");
#endif
}

#endif
