/// Which bytes an object reads and stores, byte by byte.
///
/// The object is compiled with `-fsanitize=kernel-address` such that every access is a call. Those
/// calls end here instead of in a sanitizer's runtime: the runner exports them by name.
#pragma once

#include "arena.h"
#include "control.h"

/// Begins recording in this process. `control` lists the object's globals and is told of strays.
void audit_begin(const struct arena *arena, struct control *control);

/// Tells that the caller is about to call the object on `image`: what lies above its frame from here
/// on, and all other images, are none of the object's business.
void audit_call(const struct image *image);

// Before a call whose allocations are counted.
void audit_restart_allocations(void);
