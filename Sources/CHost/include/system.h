#ifndef CHOST_SYSTEM_H
#define CHOST_SYSTEM_H

// Linux system calls in a form that Swift imports: no macros, no opaque sets. Functions return 0 (or
// a count) on success and a negative errno value on failure, unless they say otherwise.

#include <stddef.h>
#include <stdint.h>
#include <time.h>

// Nanoseconds of CLOCK_MONOTONIC.
static inline uint64_t qg_clock_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Nanoseconds of CLOCK_THREAD_CPUTIME_ID: what the calling thread has computed, without its waits.
static inline uint64_t qg_thread_clock_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Most cores an affinity set can name.
#define QG_MAXIMUM_CORES 1024

// The cores the calling thread may use, ascending; returns how many.
int qg_affinity(int *cores, int capacity);
// Restricts the calling thread.
int qg_set_affinity(const int *cores, int count);

typedef struct {
  uint64_t minor_faults;
  uint64_t major_faults;
  uint64_t voluntary_switches;
  uint64_t involuntary_switches;
} qg_usage;

// Since the start of the process (all threads) or of the calling thread.
int qg_process_usage(qg_usage *usage);
int qg_thread_usage(qg_usage *usage);

// Limits private writable memory (RLIMIT_DATA), soft and hard.
int qg_limit_data(uint64_t bytes);
// The present soft limit; UINT64_MAX for none.
int qg_data_limit(uint64_t *bytes);
// Core files off: a crash is a result here, not something to debug on this disk.
int qg_disable_core_files(void);

// Has the kernel kill this process when the thread that started it ends. Fails with ESRCH when that
// has already happened, that is, when the parent is not `parent`.
int qg_die_with_parent(int parent);

// A pipe whose two ends (read, write) no started program inherits by accident.
int qg_pipe(int ends[2]);
// 1 when a child has ended and was not waited for yet, 0 while it lives.
int qg_child_has_ended(int child);

// CPUID of leaf and subleaf into eax, ebx, ecx, edx; 0 where the processor has no such instruction.
int qg_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]);

#endif
