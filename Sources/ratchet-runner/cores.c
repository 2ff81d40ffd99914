#include "cores.h"

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct cores choose_cores(uint64_t threads) {
  struct cores cores = {.conductor = -1, .children = -1};
  CPU_ZERO(&cores.of_children);
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  uint64_t left = (uint64_t)CPU_COUNT(&set);
  const uint64_t all = left;
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (!CPU_ISSET((size_t)i, &set)) continue;
    if (left <= threads) {
      CPU_SET((size_t)i, &cores.of_children);
      cores.children = i;
    } else {
      cores.conductor = i;
    }
    left--;
  }
  if (all <= 1) cores.children = -1;
  return cores;
}

// The first core that follows `core` in the set, around its end.
static int core_after(int core, const cpu_set_t *cores) {
  for (int step = 0; step < CPU_SETSIZE; step++) {
    core = (core + 1) % CPU_SETSIZE;
    if (CPU_ISSET((size_t)core, cores)) return core;
  }
  return -1;
}

uint64_t spread_threads(pid_t process, const cpu_set_t *cores) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", (int)process);
  DIR *threads = opendir(path);
  if (threads == NULL) return 0;
  uint64_t count = 0;
  int core = CPU_SETSIZE - 1;
  for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
    pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
    if (thread <= 0) continue;
    count++;
    core = core_after(core, cores);
    cpu_set_t one;
    CPU_ZERO(&one);
    if (core >= 0) CPU_SET((size_t)core, &one);
    // Where that is not allowed the system places it.
    sched_setaffinity(thread, sizeof one, &one);
  }
  closedir(threads);
  return count;
}

void run_on_core(int core) {
  if (core < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)core, &set);
  sched_setaffinity(0, sizeof set, &set);
}
