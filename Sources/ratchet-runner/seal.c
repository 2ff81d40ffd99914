#include "seal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <signal.h>

#include "filters.h"
#include "landlock.h"
#include "namespaces.h"

static bool wanted(const struct seal *seal, uint32_t layer) { return !(seal->off & layer); }

void seal_prepare(
  struct seal *seal, uint32_t off, uint64_t threads, const char *const *objects, size_t count) {
  memset(seal, 0, sizeof *seal);
  seal->off = off;
  seal->starts_threads = threads > 1;
  seal->files = wanted(seal, LAYER_LANDLOCK) ? landlock_rules(objects, count) : -1;
  if (wanted(seal, LAYER_SECCOMP) && filters_make(seal, threads > 1)) seal->layers |= LAYER_SECCOMP;
  namespaces_enter(seal);
}

static uint64_t mapped_now(void) {
  char text[64] = {0};
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  return length > 0 ? strtoull(text, NULL, 10) * 4096 : 0;
}

static bool limit(int resource, uint64_t value) {
  struct rlimit both = {value, value};
  return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

// A stack as large as the user's programs have, but not an endless one.
static bool limit_stack(void) {
  const rlim_t most = (rlim_t)64 << 20;
  struct rlimit now;
  if (getrlimit(RLIMIT_STACK, &now) != 0) return false;
  return limit(RLIMIT_STACK, now.rlim_cur < most ? now.rlim_cur : most);
}

// Threads count among the processes of a user. Only in a user namespace these are the job's alone.
static bool limit_processes(const struct seal *seal, uint64_t threads) {
  if (threads == 1) return limit(RLIMIT_NPROC, 0);
  const uint64_t own = 8;  // the conductor, the first process of its namespace, two children, and some that end
  return !(seal->layers & LAYER_USER_NAMESPACE) || limit(RLIMIT_NPROC, own + 2 * (threads - 1));
}

static bool set_limits(const struct seal *seal, const struct limits *limits) {
  uint64_t mapped = mapped_now();
  bool memory = mapped == 0 || limit(RLIMIT_AS, mapped + limits->memory);
  return limit(RLIMIT_CPU, limits->cpu_seconds) && memory && limit(RLIMIT_NOFILE, 16)
    && limit(RLIMIT_FSIZE, 0) && limit_processes(seal, limits->threads) && limit(RLIMIT_CORE, 0)
    && limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0) && limit_stack();
}

// When memory runs out, the candidate ends first. Nobody needs a privilege to be the first.
static void end_first(void) {
  int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "1000", 4) != 4) { /* The conductor may then be chosen: the job fails, not the judge. */ }
  close(file);
}

uint32_t seal_child(const struct seal *seal, const struct limits *limits, int conductor) {
  uint32_t layers = 0;
  setsid();
  end_first();
  if (wanted(seal, LAYER_PARENT_DEATH) && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
    layers |= LAYER_PARENT_DEATH;
  // In a process namespace of its own a child sees no parent: 0 stands for one outside.
  if (getppid() != conductor && getppid() != 0) _exit(0);
  if (wanted(seal, LAYER_RESOURCE_LIMITS) && set_limits(seal, limits)) layers |= LAYER_RESOURCE_LIMITS;
  if (wanted(seal, LAYER_NO_NEW_PRIVILEGES) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
    layers |= LAYER_NO_NEW_PRIVILEGES;
  prctl(PR_SET_DUMPABLE, 0);
  if (landlock_enter(seal->files)) layers |= LAYER_LANDLOCK;
  if (wanted(seal, LAYER_CLOSED_DESCRIPTORS) && syscall(SYS_close_range, 0u, ~0u, 0u) == 0)
    layers |= LAYER_CLOSED_DESCRIPTORS;
  if ((seal->layers & LAYER_SECCOMP) && filter_load(&seal->loading, false)) layers |= LAYER_SECCOMP;
  return layers;
}

bool seal_filters(const struct seal *seal) {
  const struct filter *calling = &seal->calling;
  return calling->program == NULL || seal_pages((void *)(uintptr_t)calling->program, calling->size);
}

bool seal_calls(const struct seal *seal) { return filter_load(&seal->calling, seal->starts_threads); }

bool seal_pages(void *start, size_t size) {
  const long mseal = 462;  // on every architecture, since Linux 6.10
  return syscall(mseal, start, (size + 4095) & ~(size_t)4095, 0ul) == 0;
}
