/// Which files an object may touch: Landlock, by the system calls themselves.
#pragma once

#include <stdbool.h>
#include <stddef.h>

/// Rules that let a process read the libraries of the system and the `count` files at `files`, and
/// do nothing else to any file, open no TCP port, and, on newer systems, signal nobody outside.
/// Returns their descriptor, -1 where the system has no Landlock.
int landlock_rules(const char *const *files, size_t count);

/// Puts this process, and all that it starts, under the rules for good.
bool landlock_enter(int rules);
