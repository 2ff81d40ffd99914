#include "doctor.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
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
  {LAYER_LANDLOCK, "landlock"},
  {LAYER_SEALED_PAGES, "sealedPages"},
  {LAYER_MEMORY_GROUP, "memoryGroup"},
  {LAYER_PROCESS_GROUP, "processGroup"},
  {LAYER_CLOSED_DESCRIPTORS, "closedDescriptors"},
  {LAYER_EMPTY_ENVIRONMENT, "emptyEnvironment"},
};

// Sealing closes every descriptor: what the child reached is told on a page that both have.
static uint32_t layers_of_child(const struct seal *seal) {
  uint32_t *told =
    mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (told == MAP_FAILED) return 0;
  int conductor = getpid();
  pid_t child = fork();
  if (child == 0) {
    bool pages = seal_pages((uint8_t *)told + 4096, 4096);
    struct limits limits = {.cpu_seconds = 5, .memory = 1u << 30, .threads = 1};
    uint32_t layers = seal_child(seal, &limits, conductor);
    if ((layers & LAYER_SECCOMP) && !seal_calls(seal)) layers &= ~(uint32_t)LAYER_SECCOMP;
    *told = layers | (pages ? LAYER_SEALED_PAGES : 0);
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 0;
  return *told;
}

static uint32_t layers_of_cage(void) {
  struct cage cage;
  cage_make(&cage, (uint64_t)1 << 30, 8, 0);
  pid_t child = fork();
  if (child == 0) {
    cage_enter(&cage);
    _exit((int)(cage.layers >> 12));
  }
  int status = 0;
  bool told = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
  cage_remove(&cage);
  return told ? (uint32_t)WEXITSTATUS(status) << 12 : 0;
}

int doctor(void) {
  struct seal seal;
  uint32_t layers = LAYER_EMPTY_ENVIRONMENT | layers_of_cage();
  seal_prepare(&seal, 0, 1, NULL, 0);
  layers |= (seal.layers & ~(uint32_t)LAYER_SECCOMP) | layers_of_child(&seal);
  struct cores cores = choose_cores(1);
  printf("{\"schema\": \"ratchet.runner.doctor/1\", \"layers\": {");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    printf(
      "%s\"%s\": %s", i == 0 ? "" : ", ", names[i].name,
      layers & names[i].layer ? "true" : "false");
  printf("}, \"conductorCore\": %d, \"childCore\": %d}\n", cores.conductor, cores.children);
  return fflush(stdout) == 0 ? 0 : 1;
}
