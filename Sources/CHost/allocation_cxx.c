// C++'s allocation functions under their mangled names: libjemalloc exports them too, and a C++
// library bound to those would allocate uncounted. C cannot throw std::bad_alloc; a failing
// `operator new` that must not return NULL ends the process, as an uncaught exception would.

#define _GNU_SOURCE
#include <stdlib.h>

#define EXPORTED __attribute__((visibility("default"), used))

static void *checked(void *block) {
  if (block == NULL) abort();
  return block;
}

static void *aligned(size_t size, size_t alignment) {
  void *block = NULL;
  if (alignment < sizeof(void *)) alignment = sizeof(void *);
  return posix_memalign(&block, alignment, size) == 0 ? block : NULL;
}

// `parameters` and `result` of one operator, under the Itanium ABI's name for it.
#define OPERATOR_NEW(name, symbol, parameters, result)    \
  EXPORTED void *name parameters __asm__(symbol);         \
  void *name parameters { return result; }

OPERATOR_NEW(new_object, "_Znwm", (size_t size), checked(malloc(size)))
OPERATOR_NEW(new_array, "_Znam", (size_t size), checked(malloc(size)))
OPERATOR_NEW(new_object_nothrow, "_ZnwmRKSt9nothrow_t", (size_t size, const void *tag),
             ((void)tag, malloc(size)))
OPERATOR_NEW(new_array_nothrow, "_ZnamRKSt9nothrow_t", (size_t size, const void *tag),
             ((void)tag, malloc(size)))
OPERATOR_NEW(new_object_aligned, "_ZnwmSt11align_val_t", (size_t size, size_t alignment),
             checked(aligned(size, alignment)))
OPERATOR_NEW(new_array_aligned, "_ZnamSt11align_val_t", (size_t size, size_t alignment),
             checked(aligned(size, alignment)))
OPERATOR_NEW(new_object_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t",
             (size_t size, size_t alignment, const void *tag),
             ((void)tag, aligned(size, alignment)))
OPERATOR_NEW(new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t",
             (size_t size, size_t alignment, const void *tag),
             ((void)tag, aligned(size, alignment)))

#define OPERATOR_DELETE(name, symbol, parameters)  \
  EXPORTED void name parameters __asm__(symbol);   \
  void name parameters { free(block); }

OPERATOR_DELETE(delete_object, "_ZdlPv", (void *block))
OPERATOR_DELETE(delete_array, "_ZdaPv", (void *block))
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-parameter"
OPERATOR_DELETE(delete_object_sized, "_ZdlPvm", (void *block, size_t size))
OPERATOR_DELETE(delete_array_sized, "_ZdaPvm", (void *block, size_t size))
OPERATOR_DELETE(delete_object_nothrow, "_ZdlPvRKSt9nothrow_t", (void *block, const void *tag))
OPERATOR_DELETE(delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", (void *block, const void *tag))
OPERATOR_DELETE(delete_object_aligned, "_ZdlPvSt11align_val_t", (void *block, size_t alignment))
OPERATOR_DELETE(delete_array_aligned, "_ZdaPvSt11align_val_t", (void *block, size_t alignment))
OPERATOR_DELETE(delete_object_sized_aligned, "_ZdlPvmSt11align_val_t",
                (void *block, size_t size, size_t alignment))
OPERATOR_DELETE(delete_array_sized_aligned, "_ZdaPvmSt11align_val_t",
                (void *block, size_t size, size_t alignment))
OPERATOR_DELETE(delete_object_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t",
                (void *block, size_t alignment, const void *tag))
OPERATOR_DELETE(delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t",
                (void *block, size_t alignment, const void *tag))
#pragma clang diagnostic pop
