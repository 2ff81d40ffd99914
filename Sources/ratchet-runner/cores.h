/// Which core measures and which one is measured.
#pragma once

struct cores {
  int conductor;  // -1: wherever the system likes
  int children;
};

/// The last allowed core for the children, the one before it for the conductor; both -1 where the
/// process may use only one.
struct cores choose_cores(void);

/// Moves this process to `core`.
void run_on_core(int core);
