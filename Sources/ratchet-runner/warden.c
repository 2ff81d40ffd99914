#include "warden.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "threads.h"

enum { ENDED_BY_LIMIT = 3, ENDED_BY_CALLER = 4 };

// The conductor keeps to its own deadline; the warden is for when it does not.
static const uint64_t grace = 1500000000ull;

// Enough for a compiler, or for a program of the user's with a thread for every core.
static const unsigned most_processes = 1024;

// The processes whose parent is this one, killed. Descendants become the warden's own children
// when their parents die, so repeating this reaches every one, whatever group it moved to.
static void kill_children(void) {
  DIR *processes = opendir("/proc");
  if (processes == NULL) return;
  pid_t self = getpid();
  for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
    pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
    if (process > 0 && parent_of(process) == self) kill(process, SIGKILL);
  }
  closedir(processes);
}

static void end_everything(void) {
  uint64_t deadline = now() + 2000000000ull;
  for (;;) {
    pid_t ended = waitpid(-1, NULL, WNOHANG);
    if (ended < 0 && errno != EINTR) return;
    if (ended == 0) {
      if (now() > deadline) return;
      kill_children();
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

// Forks what is watched: 0 in the child, which ends with the warden.
static pid_t fork_watched(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t warden = getpid();
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != warden) _exit(0);
  }
  return child;
}

void warden_begin(uint64_t wall_limit, struct cage *cage) {
  pid_t conductor = fork_watched();
  if (conductor == 0) {
    cage_enter(cage);
    return;
  }
  if (conductor < 0) _exit(2);
  int reason = watch(conductor, now() + wall_limit + grace);
  if (reason != 0) kill(conductor, SIGKILL);
  int status = 0;
  waitpid(conductor, &status, 0);
  end_everything();
  cage_remove(cage);
  if (reason != 0) _exit(reason);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

// Ends this process by a signal, so that whoever waits sees what became of the program.
static _Noreturn void end_by(int number) {
  signal(number, SIG_DFL);
  kill(getpid(), number);
  _exit(128 + number);
}

static void start_program(uint64_t memory, const char *directory, char **words) {
  struct rlimit none = {0, 0}, file = {(rlim_t)256 << 20, (rlim_t)256 << 20};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_FSIZE, &file);
  struct rlimit space = {memory, memory};
  if (memory != 0) setrlimit(RLIMIT_AS, &space);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, 0) < 0) _exit(126);
  close(nothing);
  setpgid(0, 0);
  if (chdir(directory) != 0) _exit(126);
  execv(words[0], words);
  _exit(127);
}

void warden_guard(uint64_t wall_limit, uint64_t memory, const char *directory, char **words) {
  struct cage cage;
  cage_make(&cage, memory, most_processes, 0);
  pid_t program = fork_watched();
  if (program == 0) {
    cage_enter(&cage);
    start_program(memory, directory, words);
  }
  if (program < 0) {
    cage_remove(&cage);
    return;
  }
  int reason = watch(program, now() + wall_limit);
  if (reason != 0) {
    kill(-program, SIGKILL);
    kill(program, SIGKILL);
  }
  int status = 0;
  waitpid(program, &status, 0);
  end_everything();
  cage_remove(&cage);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (reason != 0) end_by(SIGALRM);
  if (WIFSIGNALED(status)) end_by(WTERMSIG(status));
  _exit(WEXITSTATUS(status));
}
