/// The runner's outermost process: it sees to it that nothing outlives its limit.
#pragma once

#include <stdint.h>

/// Forks the conductor, which returns from here, and stays behind itself: it ends when the
/// conductor has ended, when the wall limit is over, or when nobody holds the other end of
/// descriptor 0 any more, and takes every descendant with it.
void warden_begin(uint64_t wall_limit);

/// Runs a foreign program, a compiler say, in `directory` under the same watch: `words` ends with
/// NULL. Returns only when it could not be started; else this process ends as the program did, or of SIGALRM at
/// the limit.
void warden_guard(uint64_t wall_limit, const char *directory, char **words);
