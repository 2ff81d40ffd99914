#include "doctor.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cores.h"
#include "seal.h"

static const struct {
  uint32_t layer;
  const char *name;
} names[] = {
  {LAYER_SECCOMP, "seccomp"},
  {LAYER_NO_NEW_PRIVILEGES, "noNewPrivileges"},
  {LAYER_RESOURCE_LIMITS, "resourceLimits"},
  {LAYER_PARENT_DEATH, "parentDeath"},
  {LAYER_USER_NAMESPACE, "userNamespace"},
  {LAYER_PID_NAMESPACE, "processNamespace"},
  {LAYER_MOUNT_NAMESPACE, "mountNamespace"},
  {LAYER_NETWORK_NAMESPACE, "networkNamespace"},
  {LAYER_IPC_NAMESPACE, "ipcNamespace"},
  {LAYER_READ_ONLY_FILES, "readOnlyFiles"},
};

static uint32_t layers_of_child(const struct seal *seal) {
  int conductor = getpid();
  pid_t child = fork();
  if (child == 0) {
    // Sealing closes every descriptor: what it reached is told by the exit status, which has room
    // for the layers that are the child's own.
    struct limits limits = {.cpu_seconds = 5, .memory = 1u << 30};
    uint32_t layers = seal_child(seal, &limits, conductor);
    if ((layers & LAYER_SECCOMP) && !seal_calls(seal)) layers &= ~(uint32_t)LAYER_SECCOMP;
    _exit((int)(layers & 0x0f));
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 0;
  return (uint32_t)WEXITSTATUS(status);
}

int doctor(void) {
  struct seal seal;
  seal_prepare(&seal);
  const uint32_t of_child =
    LAYER_SECCOMP | LAYER_NO_NEW_PRIVILEGES | LAYER_RESOURCE_LIMITS | LAYER_PARENT_DEATH;
  uint32_t layers = (seal.layers & ~of_child) | layers_of_child(&seal);
  struct cores cores = choose_cores();
  printf("{\"schema\": \"ratchet.runner.doctor/1\", \"layers\": {");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    printf(
      "%s\"%s\": %s", i == 0 ? "" : ", ", names[i].name,
      layers & names[i].layer ? "true" : "false");
  printf("}, \"conductorCore\": %d, \"childCore\": %d}\n", cores.conductor, cores.children);
  return fflush(stdout) == 0 ? 0 : 1;
}
