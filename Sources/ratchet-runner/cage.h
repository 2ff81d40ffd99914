/// A control group of a job's own: a ceiling over the memory and the number of processes of all that
/// the job starts, which limits of single processes do not give.
#pragma once

#include <stdint.h>

struct cage {
  uint32_t layers;  // LAYER_MEMORY_GROUP, LAYER_PROCESS_GROUP
  char paths[2][512];
};

/// Makes groups below this process's own, where the system lets it; version 1 of control groups or
/// version 2. `memory` in bytes, 0 for no ceiling; `off` holds layers to leave out. Removes what runners
/// left that are gone.
void cage_make(struct cage *cage, uint64_t memory, unsigned processes, uint32_t off);

/// Moves this process into the groups. Layers that could not be had are taken from `cage`.
void cage_enter(struct cage *cage);

/// Removes the groups, once they are empty.
void cage_remove(struct cage *cage);
