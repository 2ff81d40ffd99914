/// The system call filters.
#pragma once

#include "seal.h"

/// Makes both filters; false where the machine has none.
bool filters_make(struct seal *seal);

/// Puts one on this process, for good.
bool filter_load(const struct filter *filter);
