/// Bytes of the outputs that the conductor changes before a batch, to see whether the calls write them.
///
/// Restoring all outputs costs a copy, and a call could see that it was done. A few bytes that differ
/// from what an earlier call left there can be told from nothing: a call that rests on what is there
/// leaves them as they are.
#pragma once

#include <JudgeKernels.h>

#include "conductor.h"

enum { MOST_POKES = 32 };

struct pokes {
  struct poke {
    uint8_t *at;
    uint8_t right;  // what a call leaves there
    uint8_t wrong;  // what it was found to leave it in place of
    uint32_t image;
  } all[MOST_POKES];
  size_t count;
};

/// Chooses bytes at random among what the first `images` images let a call write, and changes them.
/// The outputs are those of an earlier call.
void pokes_choose(struct pokes *pokes, struct job *job, uint32_t images, struct rk_random *random);

/// Keeps those that have been written since, and puts the others right.
void pokes_keep_written(struct pokes *pokes);

/// Changes a few of those that lie in the first `images` images, to what they were changed to before: a call
/// that takes the smaller of two values writes whatever is larger, and keeps what is not.
void pokes_apply(const struct pokes *pokes, uint32_t images, struct rk_random *random);
