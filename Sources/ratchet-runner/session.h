/// What one job of paired timing keeps, from its first call to its answer.
#pragma once

#include <JudgeKernels.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "conductor.h"
#include "observation.h"
#include "pokes.h"
#include "snapshot.h"

struct pair {
  uint64_t nanoseconds[2];
  uint64_t candidate_first;
  uint64_t cpu[2];  // processor time of all threads, with waking and going to sleep; 0 for one thread
  bool disturbed;  // another process had the core for a part of it
};

struct side {
  struct child child;
  struct snapshot *first;  // per image: the outputs of the first call
  uint64_t wall;
  uint64_t cpu;  // of its last batch, where it has threads
  bool disturbed;  // during its last batch
  struct observation seen;
};

struct session {
  struct conductor *conductor;
  struct side sides[2];
  bool repeatable;  // calls give the same outputs again without restoring
  bool settled;     // both objects' first calls have been made
  uint32_t images, calls;
  struct rk_random random;
  struct pokes pokes;
  struct pair *pairs;
  size_t pair_count, pair_room;
  uint64_t checks;
  struct outcome outcomes[2];
  bool stopped;  // by an outcome or a wrong output
  struct wrong {
    bool is;
    uint64_t object, image;
    struct difference difference;
  } wrong;
};

/// Counts the threads and processes that the objects left, before the children end.
void session_take_stock(struct session *session);

/// Appends everything that was found to the conductor's result.
void session_write(struct session *session);
