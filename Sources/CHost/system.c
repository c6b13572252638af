#define _GNU_SOURCE
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

int qg_affinity(int *cores, int capacity) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return -errno;
  int count = 0;
  for (int core = 0; core < CPU_SETSIZE && count < capacity; core++) {
    if (CPU_ISSET(core, &set)) cores[count++] = core;
  }
  return count;
}

int qg_set_affinity(const int *cores, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < count; i++) {
    if (cores[i] < 0 || cores[i] >= CPU_SETSIZE) return -EINVAL;
    CPU_SET(cores[i], &set);
  }
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

static int usage_of(int who, qg_usage *usage) {
  struct rusage raw;
  if (getrusage(who, &raw) != 0) return -errno;
  usage->minor_faults = (uint64_t)raw.ru_minflt;
  usage->major_faults = (uint64_t)raw.ru_majflt;
  usage->voluntary_switches = (uint64_t)raw.ru_nvcsw;
  usage->involuntary_switches = (uint64_t)raw.ru_nivcsw;
  return 0;
}

int qg_process_usage(qg_usage *usage) { return usage_of(RUSAGE_SELF, usage); }

int qg_thread_usage(qg_usage *usage) { return usage_of(RUSAGE_THREAD, usage); }

int qg_limit_data(uint64_t bytes) {
  struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
  return setrlimit(RLIMIT_DATA, &limit) == 0 ? 0 : -errno;
}

int qg_data_limit(uint64_t *bytes) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return -errno;
  *bytes = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limit.rlim_cur;
  return 0;
}

int qg_disable_core_files(void) {
  struct rlimit limit = {0, 0};
  return setrlimit(RLIMIT_CORE, &limit) == 0 ? 0 : -errno;
}

int qg_die_with_parent(int parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -errno;
  return getppid() == parent ? 0 : -ESRCH;
}

int qg_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

int qg_child_has_ended(int child) {
  siginfo_t information = {.si_pid = 0};
  if (waitid(P_PID, (id_t)child, &information, WEXITED | WNOHANG | WNOWAIT) != 0) return -errno;
  return information.si_pid == child;
}

int qg_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]) {
  memset(registers, 0, 4 * sizeof *registers);
#if defined(__x86_64__) || defined(__i386__)
  __cpuid_count(leaf, subleaf, registers[0], registers[1], registers[2], registers[3]);
  return 1;
#else
  (void)leaf;
  (void)subleaf;
  return 0;
#endif
}
