/// Which bytes an object reads and stores, byte by byte.
///
/// The object is compiled with `-fsanitize=kernel-address` such that every access is a call. Those
/// calls end here instead of in a sanitizer's runtime: the runner exports them by name.
#pragma once

#include "arena.h"
#include "control.h"

/// Begins recording in this process. `control` lists the object's globals.
void audit_begin(const struct arena *arena, const struct control *control);
