/// The system call filters.
#pragma once

#include "seal.h"

/// Makes both filters; false where the machine has none. With `threads` they let the process start
/// threads, and nothing else start.
bool filters_make(struct seal *seal, bool threads);

/// Puts one on this process, for good; where it may have threads already, on all of them.
bool filter_load(const struct filter *filter, bool has_threads);
