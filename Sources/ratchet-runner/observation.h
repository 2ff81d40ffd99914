/// What a timed child does beside its calls, as the system tells it: its code, its variables, its
/// processor time, its threads and its descendants.
#pragma once

#include "conductor.h"

struct observation {
  struct witness witness;
  uint64_t cpu_start, cpu, threads;
  uint64_t wall;       // of its batches
  uint64_t allowed;    // processor time that they can have taken
  uint64_t cores;      // that it may use at once
  uint64_t waited;     // for cores, by all threads, when they slept last
  uint64_t placed;     // threads that have a core of their own
  uint64_t late;       // time that its threads worked on for when it had said that it was done
  uint64_t processes;  // that it has started and that are still there
  bool keeps_state, overspent;
  struct object_global *globals;  // as it listed them before its first call
  uint64_t global_count;
};

/// Begins when the object at `path` is loaded and before its first call: nothing foreign has run but
/// what loading runs.
void observation_begin(
  struct observation *observation, const struct child *child, const char *path);

/// The child was commanded something at `start` and had done it at `end`.
void observation_allow(struct observation *observation, uint64_t start, uint64_t end);

/// Waits until all threads of the child sleep, for a few milliseconds or a quarter of `took`, what its last
/// batch took, at most; gives new ones a core each. Returns for how long it worked on meanwhile.
uint64_t observation_settle(
  struct observation *observation, const struct child *child, uint64_t took);

/// Takes stock while the child is still there, of all but its descendants.
void observation_end(struct observation *observation, const struct child *child);

/// Writes what result.c describes.
void observation_write(const struct observation *observation, struct result *result);

void observation_free(struct observation *observation);
