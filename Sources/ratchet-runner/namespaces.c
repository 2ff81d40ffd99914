#include "namespaces.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The first process of a process namespace ends with the conductor, and all others with it.
static bool start_first_process(struct seal *seal) {
  pid_t conductor = getpid();
  pid_t first = fork();
  if (first < 0) return false;
  seal->first = first;
  if (first > 0) return true;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (kill(conductor, 0) != 0 && errno == ESRCH && getppid() != 0) _exit(0);
  prctl(PR_SET_NAME, "ratchet-first");
  syscall(SYS_close_range, 0u, ~0u, 0u);
  // Whoever loses its parent in here becomes this process's child, and is reaped by the kernel.
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}

static void make_files_read_only(struct seal *seal) {
#ifdef SYS_mount_setattr
  struct {
    uint64_t set, clear, propagation, user_namespace;
  } attributes = {.set = 0x1 | 0x2 | 0x4 /* read-only, no set-uid, no devices */,
                  .propagation = MS_PRIVATE};
  const unsigned recursive = 0x8000;
  if (syscall(SYS_mount_setattr, -1, "/", recursive, &attributes, sizeof attributes) == 0)
    seal->layers |= LAYER_READ_ONLY_FILES;
#endif
}

void namespaces_enter(struct seal *seal) {
  static const struct {
    int flag;
    uint32_t layer;
  } each[] = {
    {CLONE_NEWUSER, LAYER_USER_NAMESPACE}, {CLONE_NEWNS, LAYER_MOUNT_NAMESPACE},
    {CLONE_NEWIPC, LAYER_IPC_NAMESPACE},   {CLONE_NEWNET, LAYER_NETWORK_NAMESPACE},
    {CLONE_NEWPID, LAYER_PID_NAMESPACE},
  };
  for (size_t i = 0; i < sizeof each / sizeof *each; i++)
    if (!(seal->off & each[i].layer) && unshare(each[i].flag) == 0)
      seal->layers |= each[i].layer;
  // What is mounted in here is to be seen nowhere else.
  if (seal->layers & LAYER_MOUNT_NAMESPACE) mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  // Without a mount namespace of its own this would concern the whole machine.
  if ((seal->layers & LAYER_MOUNT_NAMESPACE) && !(seal->off & LAYER_READ_ONLY_FILES))
    make_files_read_only(seal);
  // A process namespace whose first process is missing takes no other.
  if ((seal->layers & LAYER_PID_NAMESPACE) && !start_first_process(seal))
    seal->layers &= ~(uint32_t)LAYER_PID_NAMESPACE;
}
