#include "cores.h"

#include <sched.h>
#include <stddef.h>

struct cores choose_cores(void) {
  struct cores cores = {-1, -1};
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (!CPU_ISSET((size_t)i, &set)) continue;
    cores.conductor = cores.children;
    cores.children = i;
  }
  if (cores.conductor < 0) cores.children = -1;
  return cores;
}

void run_on_core(int core) {
  if (core < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((size_t)core, &set);
  sched_setaffinity(0, sizeof set, &set);
}
