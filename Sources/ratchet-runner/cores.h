/// Which core measures and which ones are measured.
#pragma once

#include <sched.h>
#include <stdint.h>
#include <sys/types.h>

struct cores {
  int conductor;  // -1: wherever the system likes
  int children;   // the last of theirs; -1: wherever the system likes
  cpu_set_t of_children;
};

/// The last `threads` allowed cores for the children, the one before them for the conductor, or -1
/// where there is none; the children's too where the process may use only one.
struct cores choose_cores(uint64_t threads);

/// Gives each thread of `process` one of `cores` in turn, as a machine with nothing else to do would.
/// Returns how many threads there are.
uint64_t spread_threads(pid_t process, const cpu_set_t *cores);

/// Moves this process to `core`.
void run_on_core(int core);
