/// The runner's outermost process: it sees to it that nothing outlives its limit.
#pragma once

#include <stdint.h>

#include "cage.h"

/// Forks the conductor, which returns from here, and stays behind itself: it ends when the
/// conductor has ended, when the wall limit is over, or when nobody holds the other end of
/// descriptor 0 any more, and takes every descendant with it. The conductor is in `cage`, which goes
/// with the warden.
void warden_begin(uint64_t wall_limit, struct cage *cage);

/// Runs a foreign program, a compiler say, in `directory` under the same watch: `words` ends with
/// NULL. `memory` in bytes is for each process and for all together, 0 for no limit. Returns only when
/// it could not be started; else this process ends as the program did, or of SIGALRM at the limit.
void warden_guard(uint64_t wall_limit, uint64_t memory, const char *directory, char **words);
