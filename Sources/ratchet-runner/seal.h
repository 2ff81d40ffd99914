/// The layers between a child and the machine.
///
/// They promise to contain buggy and gaming candidates, not an exploit of the kernel.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layers.h"

struct sock_fprog;

struct seal {
  uint32_t off;     // layers that are left out, by a test alone
  uint32_t layers;  // what seal_prepare reached
  struct filter {
    const struct sock_fprog *program;  // begins pages of its own, which hold its instructions too
    size_t size;                       // of these pages
  } loading, calling;
  bool starts_threads;  // what the filters let through
  int files;  // the rules of Landlock, or -1
  int first;  // the first process of the process namespace, or 0
};

/// Enters new namespaces, as many as the machine allows, and prepares the rules for files and the
/// system call filters. Called once in the conductor, before the first child. The conductor keeps no
/// thread. With `threads` above 1 the filters let children start threads. `objects` are the files that
/// children will load.
void seal_prepare(
  struct seal *seal, uint32_t off, uint64_t threads, const char *const *objects, size_t count);

/// The limits of one child.
struct limits {
  uint64_t cpu_seconds;
  uint64_t memory;  // bytes beyond what is mapped now
  uint64_t threads;
};

/// Own session, death with the conductor, limits, no new privileges, closed descriptors, files that
/// may be read; then the filter under which the object is loaded. Returns what was reached.
uint32_t seal_child(const struct seal *seal, const struct limits *limits, int conductor);

/// Keeps the filters as they are: a constructor could else put another in their place.
bool seal_filters(const struct seal *seal);

/// The filter under which the object is called: no file, no process, no signal, no network.
bool seal_calls(const struct seal *seal);

/// Pages that this process can neither unmap, move nor protect otherwise from now on; false where
/// the system has no such thing.
bool seal_pages(void *start, size_t size);
