/// The layers between a child and the machine.
///
/// They promise to contain buggy and gaming candidates, not an exploit of the kernel.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum layer {
  LAYER_SECCOMP = 1u << 0,
  LAYER_NO_NEW_PRIVILEGES = 1u << 1,
  LAYER_RESOURCE_LIMITS = 1u << 2,
  LAYER_PARENT_DEATH = 1u << 3,
  LAYER_USER_NAMESPACE = 1u << 4,
  LAYER_PID_NAMESPACE = 1u << 5,
  LAYER_MOUNT_NAMESPACE = 1u << 6,
  LAYER_NETWORK_NAMESPACE = 1u << 7,
  LAYER_IPC_NAMESPACE = 1u << 8,
  LAYER_READ_ONLY_FILES = 1u << 9,
};

struct seal {
  uint32_t layers;  // what seal_prepare reached
  struct filter {
    void *instructions;
    size_t count;
  } loading, calling;
};

/// Enters new namespaces, as many as the machine allows, and prepares the system call filters.
/// Called once in the conductor, before the first child. The conductor keeps no thread.
void seal_prepare(struct seal *seal);

/// The limits of one child.
struct limits {
  uint64_t cpu_seconds;
  uint64_t memory;  // bytes beyond what is mapped now
};

/// Own session, death with the conductor, limits, no new privileges, closed descriptors; then the
/// filter under which the object is loaded. Returns what was reached.
uint32_t seal_child(const struct seal *seal, const struct limits *limits, int conductor);

/// The filter under which the object is called: no file, no process, no signal, no network.
bool seal_calls(const struct seal *seal);
