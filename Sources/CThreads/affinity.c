#define _GNU_SOURCE
#include "include/CThreads.h"

#include <errno.h>
#include <sched.h>

int qg_thread_attributes_pin(pthread_attr_t *attributes, ptrdiff_t core) {
  if (core < 0 || core >= CPU_SETSIZE) return EINVAL;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)core, &set);
  return pthread_attr_setaffinity_np(attributes, sizeof set, &set);
}
