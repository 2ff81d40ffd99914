/// Calls one object on every image of a job and says what happened.
#pragma once

#include "conductor.h"

void examine(struct conductor *conductor);
