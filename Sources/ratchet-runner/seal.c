#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint32_t mapping_may_not = 0x4 /* PROT_EXEC */;

// What a kernel needs: memory of its own, the clock, and a way to end.
static const int calling_calls[] = {
  SCMP_SYS(futex),         SCMP_SYS(munmap),        SCMP_SYS(mremap),
  SCMP_SYS(madvise),       SCMP_SYS(brk),           SCMP_SYS(exit),
  SCMP_SYS(exit_group),    SCMP_SYS(rt_sigreturn),  SCMP_SYS(clock_gettime),
  SCMP_SYS(gettimeofday),  SCMP_SYS(restart_syscall),
};

// What the dynamic linker needs besides. Files can be opened for reading only.
static const int loading_calls[] = {
  SCMP_SYS(read),     SCMP_SYS(pread64),     SCMP_SYS(close),   SCMP_SYS(fstat),
  SCMP_SYS(stat),     SCMP_SYS(newfstatat),  SCMP_SYS(lseek),   SCMP_SYS(mmap),
  SCMP_SYS(mprotect), SCMP_SYS(getcwd),      SCMP_SYS(access),  SCMP_SYS(faccessat),
  SCMP_SYS(readlink), SCMP_SYS(uname),       SCMP_SYS(getrandom), SCMP_SYS(sched_getaffinity),
  SCMP_SYS(prlimit64), SCMP_SYS(sysinfo),
};

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0) return false;
  return true;
}

static bool allow_loading(scmp_filter_ctx filter) {
  const uint64_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  size_t count = sizeof loading_calls / sizeof *loading_calls;
  return allow(filter, loading_calls, count)
    && seccomp_rule_add(
         filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0)) == 0
    && seccomp_rule_add(
         filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, writing, 0)) == 0
    && seccomp_rule_add(
         filter, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 1, SCMP_A0(SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER, 0))
         == 0;
}

// Memory may be mapped, but not a file's and not to be executed.
static bool allow_memory(scmp_filter_ctx filter) {
  return seccomp_rule_add(
           filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
           SCMP_A2(SCMP_CMP_MASKED_EQ, mapping_may_not, 0),
           SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS))
    == 0;
}

// A filter is made once, as instructions, because what makes it allocates memory and a child does
// nothing but load it.
static bool export_filter(scmp_filter_ctx filter, struct filter *out) {
  int file = memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) return false;
  bool done = seccomp_export_bpf(filter, file) == 0;
  off_t size = done ? lseek(file, 0, SEEK_END) : 0;
  if (size > 0) {
    out->instructions = malloc((size_t)size);
    out->count = (size_t)size / sizeof(struct sock_filter);
    done = out->instructions != NULL
      && pread(file, out->instructions, (size_t)size, 0) == size;
  }
  close(file);
  return done && out->count != 0;
}

static bool make_filter(bool loading, struct filter *out) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
  if (filter == NULL) return false;
  size_t count = sizeof calling_calls / sizeof *calling_calls;
  bool made = allow(filter, calling_calls, count)
    && (loading ? allow_loading(filter) : allow_memory(filter)) && export_filter(filter, out);
  seccomp_release(filter);
  return made;
}

static bool load_filter(const struct filter *filter) {
  struct sock_fprog program = {(unsigned short)filter->count, filter->instructions};
  return filter->count != 0
    && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &program) == 0;
}

// The first process of a process namespace ends with the conductor, and all others with it.
static bool start_first_process(void) {
  pid_t conductor = getpid();
  pid_t first = fork();
  if (first < 0) return false;
  if (first > 0) return true;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (kill(conductor, 0) != 0 && errno == ESRCH && getppid() != 0) _exit(0);
  prctl(PR_SET_NAME, "ratchet-first");
  syscall(SYS_close_range, 0u, ~0u, 0u);
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

static void enter_namespaces(struct seal *seal) {
  static const struct {
    int flag;
    uint32_t layer;
  } each[] = {
    {CLONE_NEWUSER, LAYER_USER_NAMESPACE}, {CLONE_NEWNS, LAYER_MOUNT_NAMESPACE},
    {CLONE_NEWIPC, LAYER_IPC_NAMESPACE},   {CLONE_NEWNET, LAYER_NETWORK_NAMESPACE},
    {CLONE_NEWPID, LAYER_PID_NAMESPACE},
  };
  for (size_t i = 0; i < sizeof each / sizeof *each; i++)
    if (unshare(each[i].flag) == 0) seal->layers |= each[i].layer;
  if (seal->layers & LAYER_MOUNT_NAMESPACE) make_files_read_only(seal);
  // A process namespace whose first process is missing takes no other.
  if ((seal->layers & LAYER_PID_NAMESPACE) && !start_first_process())
    seal->layers &= ~(uint32_t)LAYER_PID_NAMESPACE;
}

void seal_prepare(struct seal *seal) {
  memset(seal, 0, sizeof *seal);
  if (make_filter(true, &seal->loading) && make_filter(false, &seal->calling))
    seal->layers |= LAYER_SECCOMP;
  enter_namespaces(seal);
}

static uint64_t mapped_now(void) {
  char text[64] = {0};
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  return length > 0 ? strtoull(text, NULL, 10) * 4096 : 0;
}

static bool limit(int resource, uint64_t value) {
  struct rlimit both = {value, value};
  return setrlimit((__rlimit_resource_t)resource, &both) == 0;
}

static bool set_limits(const struct limits *limits) {
  uint64_t mapped = mapped_now();
  bool memory = mapped == 0 || limit(RLIMIT_AS, mapped + limits->memory);
  return limit(RLIMIT_CPU, limits->cpu_seconds) && memory && limit(RLIMIT_NOFILE, 16)
    && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0);
}

uint32_t seal_child(const struct seal *seal, const struct limits *limits, int conductor) {
  uint32_t layers = 0;
  setsid();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) layers |= LAYER_PARENT_DEATH;
  // In a process namespace of its own a child sees no parent: 0 stands for one outside.
  if (getppid() != conductor && getppid() != 0) _exit(0);
  if (set_limits(limits)) layers |= LAYER_RESOURCE_LIMITS;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) layers |= LAYER_NO_NEW_PRIVILEGES;
  prctl(PR_SET_DUMPABLE, 0);
  syscall(SYS_close_range, 0u, ~0u, 0u);
  if ((seal->layers & LAYER_SECCOMP) && load_filter(&seal->loading)) layers |= LAYER_SECCOMP;
  return layers;
}

bool seal_calls(const struct seal *seal) { return load_filter(&seal->calling); }
