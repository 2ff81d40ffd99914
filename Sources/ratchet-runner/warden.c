#include "warden.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

enum { ENDED_BY_LIMIT = 3, ENDED_BY_CALLER = 4 };

// The conductor keeps to its own deadline; the warden is for when it does not.
static const uint64_t grace = 1500000000ull;

// Descendants become the warden's own children when their parents die: none is lost.
static void reap_everything(void) {
  uint64_t deadline = now() + 1000000000ull;
  for (;;) {
    pid_t ended = waitpid(-1, NULL, WNOHANG);
    if (ended < 0 && errno != EINTR) return;
    if (ended == 0) {
      if (now() > deadline) return;
      struct timespec pause = {0, 200000};
      nanosleep(&pause, NULL);
    }
  }
}

static int poll_time(uint64_t deadline) {
  uint64_t time = now();
  if (time >= deadline) return 0;
  uint64_t left = (deadline - time) / 1000000 + 1;
  return left > 60000 ? 60000 : (int)left;
}

// Why the conductor has to end: 0 when it ended by itself.
static int watch(pid_t conductor, uint64_t deadline) {
  int handle = (int)syscall(SYS_pidfd_open, conductor, 0u);
  for (;;) {
    struct pollfd watched[2] = {{0, 0, 0}, {handle, POLLIN, 0}};
    int most = handle < 0 ? 10 : poll_time(deadline);
    if (now() < deadline) poll(watched, handle < 0 ? 1 : 2, most);
    siginfo_t ended = {0};
    if (waitid(P_PID, (id_t)conductor, &ended, WEXITED | WNOHANG | WNOWAIT) == 0
        && ended.si_pid == conductor)
      return 0;
    if (watched[0].revents & (POLLHUP | POLLERR)) return ENDED_BY_CALLER;
    if (now() >= deadline) return ENDED_BY_LIMIT;
  }
}

void warden_begin(uint64_t wall_limit) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t warden = getpid();
  pid_t conductor = fork();
  if (conductor == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != warden) _exit(0);
    return;
  }
  if (conductor < 0) _exit(2);
  int reason = watch(conductor, now() + wall_limit + grace);
  if (reason != 0) kill(conductor, SIGKILL);
  int status = 0;
  waitpid(conductor, &status, 0);
  reap_everything();
  if (reason != 0) _exit(reason);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}
