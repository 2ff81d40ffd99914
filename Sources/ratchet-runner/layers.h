/// The layers of the sandbox by number. `SandboxLayers` in Swift has the same numbers.
#pragma once

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
  LAYER_LANDLOCK = 1u << 10,
  LAYER_SEALED_PAGES = 1u << 11,
  LAYER_MEMORY_GROUP = 1u << 12,
  LAYER_PROCESS_GROUP = 1u << 13,
  LAYER_CLOSED_DESCRIPTORS = 1u << 14,
  LAYER_EMPTY_ENVIRONMENT = 1u << 15,
};
