/// A child: one loaded object, called when the conductor says so.
#pragma once

#include <sched.h>

#include "arena.h"
#include "control.h"
#include "seal.h"

struct child_setup {
  const char *object;
  const struct job *job;
  const struct arena *arena;
  const struct seal *seal;
  struct control *control;
  struct limits limits;
  const cpu_set_t *cores;  // to run on, or NULL
  int conductor;        // its process
  size_t slot;          // 0 original, 1 candidate
  size_t stack_offset;  // the same in both children of a load, another in the next load
};

/// Seals the process, loads the object and serves calls until it is killed.
_Noreturn void child_main(const struct child_setup *setup);
