/// Times two objects in turn.
#pragma once

#include "conductor.h"

void time_pairs(struct conductor *conductor);
