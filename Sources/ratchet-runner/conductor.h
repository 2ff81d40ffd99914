/// The conductor's side of its children: starting, commanding, waiting, ending.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include "arena.h"
#include "control.h"
#include "result.h"
#include "seal.h"
#include "witness.h"

struct conductor {
  struct job *job;
  struct arena arena;
  struct seal seal;
  uint32_t layers;        // of the sandbox that concern all children
  uint32_t child_layers;  // that the last child reached
  uint64_t deadline;  // of the whole job, on the conductor's clock
  const cpu_set_t *child_cores;  // NULL: wherever the system likes
  bool spins;         // the conductor has a core of its own
  size_t stack_offset;
  struct result *result;
};

struct child {
  pid_t pid;  // 0 when there is none
  int status;  // as waitpid gives it, once it has ended
  struct control *control;
  uint32_t batch;
  struct witness *witness;  // NULL when nobody asks
  const cpu_set_t *cores;   // that it may use; NULL: any
  uint64_t most_threads;    // 1: its filter lets it start none, and nobody counts
};

enum wait_result { WAIT_REACHED, WAIT_FAULTED, WAIT_DIED, WAIT_TIMED_OUT, WAIT_CROWDED, WAIT_UNFILTERED };

struct batch {
  uint32_t first_image, image_count, calls, flags;
};

/// Maps the page that a child and the conductor share, unless it is there already.
bool child_map(struct child *child);

/// Forks a child for object `slot` and waits until the object is loaded.
enum wait_result child_start(struct conductor *conductor, struct child *child, size_t slot);

/// Commands a batch; does not wait.
void child_command(struct child *child, const struct batch *batch);

/// Waits until the child reports `phase` of its current batch. With `spin`, does so without giving
/// up the core for the first milliseconds. `when` receives the time at which it was seen.
enum wait_result child_wait(
  struct child *child, enum child_phase phase, uint64_t deadline, bool spin, uint64_t *when);

/// Commands a batch and waits for its end under the job's call limit.
enum wait_result child_run(
  struct conductor *conductor, struct child *child, const struct batch *batch);

/// Kills the child with all that it may have started, and reaps it.
void child_end(struct child *child);

/// Describes why `child` did not reach what it was asked for.
struct outcome outcome_of(
  const struct conductor *conductor, const struct child *child, enum wait_result waited,
  const struct image *image);
