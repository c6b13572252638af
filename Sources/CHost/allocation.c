// See allocation.h. Nothing here may allocate, take a lock or need initialisation: the dynamic
// loader calls these functions before any constructor has run and after the last has.

#define _GNU_SOURCE
#include "allocation.h"

#include <dlfcn.h>
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default"), used))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

static _Atomic uint64_t total_allocations;
static _Atomic uint64_t total_deallocations;
static _Atomic uint64_t total_bytes;
static _Atomic int64_t live_bytes;
static _Atomic int64_t peak_bytes;
static _Atomic int exhaustion_descriptor = -1;

// initial-exec: the general model would allocate a thread's block lazily, by calling malloc.
static __thread qg_thread_counts thread_counts __attribute__((tls_model("initial-exec")));

static void count_allocation(size_t bytes) {
  thread_counts.allocations += 1;
  thread_counts.allocated_bytes += bytes;
  atomic_fetch_add_explicit(&total_allocations, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&total_bytes, bytes, memory_order_relaxed);
  // Every value that live_bytes ever takes is returned to exactly one caller, so the maximum over
  // callers is the exact peak, whatever the interleaving.
  int64_t live =
      atomic_fetch_add_explicit(&live_bytes, (int64_t)bytes, memory_order_relaxed) + (int64_t)bytes;
  int64_t peak = atomic_load_explicit(&peak_bytes, memory_order_relaxed);
  while (live > peak && !atomic_compare_exchange_weak_explicit(
                            &peak_bytes, &peak, live, memory_order_relaxed, memory_order_relaxed)) {
  }
}

static void count_deallocation(size_t bytes) {
  thread_counts.deallocations += 1;
  atomic_fetch_add_explicit(&total_deallocations, 1, memory_order_relaxed);
  atomic_fetch_sub_explicit(&live_bytes, (int64_t)bytes, memory_order_relaxed);
}

static void report_exhaustion(size_t bytes) {
  int descriptor = atomic_exchange(&exhaustion_descriptor, -1);
  if (descriptor < 0) return;
  char text[64] = "out of memory: ";
  size_t length = strlen(text);
  char digits[24];
  int count = 0;
  do digits[count++] = (char)('0' + bytes % 10);
  while ((bytes /= 10) > 0);
  while (count > 0) text[length++] = digits[--count];
  memcpy(text + length, " bytes\n", 7);
  ssize_t written = write(descriptor, text, length + 7);
  (void)written;
}

static void *allocate(size_t size, int flags) {
  // mallocx leaves a size of 0 undefined; malloc(0) must return a block of its own.
  void *block = mallocx(size > 0 ? size : 1, flags);
  if (UNLIKELY(block == NULL)) {
    report_exhaustion(size);
    errno = ENOMEM;
    return NULL;
  }
  count_allocation(sallocx(block, 0));
  return block;
}

static void deallocate(void *block) {
  if (block == NULL) return;
  int saved = errno;
  count_deallocation(sallocx(block, 0));
  dallocx(block, 0);
  errno = saved;
}

static int is_power_of_two(size_t value) { return value != 0 && (value & (value - 1)) == 0; }

EXPORTED void *malloc(size_t size) { return allocate(size, 0); }

EXPORTED void free(void *block) { deallocate(block); }

EXPORTED void free_sized(void *block, size_t size) {
  (void)size;
  deallocate(block);
}

EXPORTED void free_aligned_sized(void *block, size_t alignment, size_t size) {
  (void)alignment;
  (void)size;
  deallocate(block);
}

EXPORTED void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return allocate(bytes, MALLOCX_ZERO);
}

EXPORTED void *realloc(void *block, size_t size) {
  if (block == NULL) return allocate(size, 0);
  if (size == 0) {
    deallocate(block);
    return NULL;
  }
  size_t before = sallocx(block, 0);
  void *moved = rallocx(block, size, 0);
  if (UNLIKELY(moved == NULL)) {
    report_exhaustion(size);
    errno = ENOMEM;
    return NULL;
  }
  count_deallocation(before);
  count_allocation(sallocx(moved, 0));
  return moved;
}

EXPORTED void *reallocarray(void *block, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(block, bytes);
}

EXPORTED int posix_memalign(void **block, size_t alignment, size_t size) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) return EINVAL;
  int saved = errno;
  void *allocated = allocate(size, MALLOCX_ALIGN(alignment));
  errno = saved;
  if (allocated == NULL) return ENOMEM;
  *block = allocated;
  return 0;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
  if (!is_power_of_two(alignment)) {
    errno = EINVAL;
    return NULL;
  }
  return allocate(size, MALLOCX_ALIGN(alignment));
}

// glibc rounds an alignment up to a power of two here.
EXPORTED void *memalign(size_t alignment, size_t size) {
  if (alignment > SIZE_MAX / 2 + 1) {
    errno = EINVAL;
    return NULL;
  }
  size_t rounded = 1;
  while (rounded < alignment) rounded *= 2;
  return allocate(size, MALLOCX_ALIGN(rounded));
}

EXPORTED void *valloc(size_t size) {
  return allocate(size, MALLOCX_ALIGN((size_t)sysconf(_SC_PAGESIZE)));
}

EXPORTED void *pvalloc(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t rounded;
  if (__builtin_add_overflow(size, page - 1, &rounded)) {
    errno = ENOMEM;
    return NULL;
  }
  rounded -= rounded % page;
  return allocate(rounded > 0 ? rounded : page, MALLOCX_ALIGN(page));
}

EXPORTED size_t malloc_usable_size(void *block) { return block == NULL ? 0 : sallocx(block, 0); }

qg_allocation_counts qg_allocation_counts_now(void) {
  return (qg_allocation_counts){
      .allocations = atomic_load_explicit(&total_allocations, memory_order_relaxed),
      .deallocations = atomic_load_explicit(&total_deallocations, memory_order_relaxed),
      .allocated_bytes = atomic_load_explicit(&total_bytes, memory_order_relaxed),
      .live_bytes = atomic_load_explicit(&live_bytes, memory_order_relaxed),
      .peak_live_bytes = atomic_load_explicit(&peak_bytes, memory_order_relaxed),
  };
}

qg_thread_counts qg_thread_counts_now(void) { return thread_counts; }

void qg_reset_peak(void) {
  atomic_store_explicit(&peak_bytes, atomic_load_explicit(&live_bytes, memory_order_relaxed),
                        memory_order_relaxed);
}

void qg_report_exhaustion_to(int descriptor) { atomic_store(&exhaustion_descriptor, descriptor); }

static int read_size(const char *name, void *value, size_t size) {
  return mallctl(name, value, &size, NULL, 0);
}

int qg_observe_allocation(size_t bytes, uint64_t *counted, uint64_t *seen_by_jemalloc) {
  void *(*bound)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "malloc");
  void (*unbound)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "free");
  if (bound == NULL || unbound == NULL) return ENOSYS;
  uint64_t before = 0, after = 0;
  int failure = read_size("thread.allocated", &before, sizeof before);
  if (failure != 0) return failure;
  uint64_t counted_before = thread_counts.allocated_bytes;
  void *block = bound(bytes);
  if (block == NULL) return ENOMEM;
  *counted = thread_counts.allocated_bytes - counted_before;
  failure = read_size("thread.allocated", &after, sizeof after);
  *seen_by_jemalloc = after - before;
  unbound(block);
  return failure;
}

int qg_allocator_figures_now(qg_allocator_figures *figures) {
  uint64_t epoch = 1;
  int failure = mallctl("epoch", NULL, NULL, &epoch, sizeof epoch);
  if (failure != 0) return failure;
  struct {
    const char *name;
    void *value;
    size_t size;
  } readings[] = {
      {"stats.allocated", &figures->allocated, sizeof figures->allocated},
      {"stats.active", &figures->active, sizeof figures->active},
      {"stats.metadata", &figures->metadata, sizeof figures->metadata},
      {"stats.resident", &figures->resident, sizeof figures->resident},
      {"opt.narenas", &figures->arenas, sizeof figures->arenas},
      {"opt.dirty_decay_ms", &figures->dirty_decay_ms, sizeof figures->dirty_decay_ms},
  };
  for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
    failure = read_size(readings[i].name, readings[i].value, readings[i].size);
    if (failure != 0) return failure;
  }
  return 0;
}

const char *qg_allocator_version(void) {
  const char *version = NULL;
  return read_size("version", &version, sizeof version) == 0 ? version : NULL;
}
