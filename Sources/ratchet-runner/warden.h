/// The runner's outermost process: it sees to it that nothing outlives its limit.
#pragma once

#include <stdint.h>

/// Forks the conductor, which returns from here, and stays behind itself: it ends when the
/// conductor has ended, when the wall limit is over, or when nobody holds the other end of
/// descriptor 0 any more, and takes every descendant with it.
void warden_begin(uint64_t wall_limit);
