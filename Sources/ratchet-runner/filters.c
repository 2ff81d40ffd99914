#include "filters.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(filter, call, ...) \
  (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(call), __VA_ARGS__) == 0)

// What a kernel needs: memory of its own, the clock, and a way to end.
static const int calling_calls[] = {
  SCMP_SYS(futex),         SCMP_SYS(munmap),        SCMP_SYS(brk),           SCMP_SYS(exit),          SCMP_SYS(exit_group),
  SCMP_SYS(rt_sigreturn),  SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
  SCMP_SYS(restart_syscall),
};

// What the dynamic linker needs besides. Files can be opened for reading only.
static const int loading_calls[] = {
  SCMP_SYS(read),      SCMP_SYS(pread64),   SCMP_SYS(close),  SCMP_SYS(fstat),
  SCMP_SYS(stat),      SCMP_SYS(newfstatat), SCMP_SYS(lseek), SCMP_SYS(getcwd),
  SCMP_SYS(access),    SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(uname),
  SCMP_SYS(getrandom), SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo),
};

// What a library of threads needs besides.
static const int thread_calls[] = {
  SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(rt_sigprocmask),
};

// The signal by which the C library tells its threads of new user ids; its handler comes with the first
// thread. No other can be handled.
static const uint64_t signal_of_threads = 33;

// What pthread_create asks for, no more and no less: another thread of the same process.
static const uint64_t flags_of_thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM
  | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

// Advice that says something of the caller's own pages. Others punch holes into shared ones, even into
// those that cannot be written.
static const uint64_t harmless_advice[] = {
  MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
};

static bool allow(scmp_filter_ctx filter, const int *calls, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0) return false;
  return true;
}

static bool allow_advice(scmp_filter_ctx filter) {
  for (size_t i = 0; i < sizeof harmless_advice / sizeof *harmless_advice; i++)
    if (!ALLOW(filter, madvise, 1, SCMP_A2(SCMP_CMP_EQ, harmless_advice[i]))) return false;
  return true;
}

// The flags of clone3 stand in memory, where a filter cannot read them: it is said not to be there, so
// that the library falls back on clone. Stacks are mapped without access and then made writable; what
// belongs to the judge is sealed against that.
static bool allow_threads(scmp_filter_ctx filter) {
  return allow(filter, thread_calls, sizeof thread_calls / sizeof *thread_calls)
    && ALLOW(filter, clone, 1, SCMP_A0(SCMP_CMP_EQ, flags_of_thread))
    && ALLOW(filter, rt_sigaction, 1, SCMP_A0(SCMP_CMP_EQ, signal_of_threads))
    && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0
    && ALLOW(filter, mprotect, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

// What a constructor could turn against the judge is held back: pages become neither writable nor
// executable after they were mapped, code comes from files alone, limits are only read, and the filter that
// comes next is the judge's: another could answer in its place.
static bool allow_loading(scmp_filter_ctx filter, const struct filter *next, bool threads) {
  const uint64_t scope = threads ? SECCOMP_FILTER_FLAG_TSYNC : 0;
  const uint64_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  return allow(filter, loading_calls, sizeof loading_calls / sizeof *loading_calls)
    && ALLOW(filter, openat, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0))
    && ALLOW(filter, open, 1, SCMP_A1(SCMP_CMP_MASKED_EQ, writing, 0))
    && ALLOW(filter, prlimit64, 1, SCMP_A2(SCMP_CMP_EQ, 0))
    && ALLOW(filter, mprotect, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, 0))
    && ALLOW(filter, mmap, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0))
    && ALLOW(
      filter, mmap, 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE, 0),
      SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0))
    && ALLOW(
      filter, seccomp, 3, SCMP_A0(SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER),
      SCMP_A1(SCMP_CMP_EQ, scope), SCMP_A2(SCMP_CMP_EQ, (uintptr_t)next->program));
}

// Memory may be mapped, but not a file's, not to be executed, and not at a chosen address, where a
// call could find what an earlier one left.
static bool allow_memory(scmp_filter_ctx filter) {
  return ALLOW(
           filter, mmap, 3, SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
           SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS))
    && ALLOW(
      filter, mremap, 1, SCMP_A3(SCMP_CMP_MASKED_EQ, ~(uint64_t)MREMAP_MAYMOVE, 0));
}

// A filter is made once, as instructions, because what makes it allocates memory and a child does
// nothing but load it. It stands in pages that can only be read.
static bool export_filter(scmp_filter_ctx filter, struct filter *out) {
  int file = memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) return false;
  off_t size = seccomp_export_bpf(filter, file) == 0 ? lseek(file, 0, SEEK_END) : 0;
  size_t whole = sizeof(struct sock_fprog) + (size_t)size;
  struct sock_fprog *program = size <= 0 ? MAP_FAILED
    : mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  bool done = program != MAP_FAILED;
  if (done) {
    program->len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
    program->filter = (struct sock_filter *)(program + 1);
    done = pread(file, program->filter, (size_t)size, 0) == size
      && mprotect(program, whole, PROT_READ) == 0;
    *out = (struct filter){program, whole};
  }
  close(file);
  return done;
}

// `next` is the filter that a loading one lets be put on it, or NULL for one under which calls are made.
static bool make(const struct filter *next, bool threads, struct filter *out) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
  if (filter == NULL) return false;
  bool loading = next != NULL;
  bool made = allow(filter, calling_calls, sizeof calling_calls / sizeof *calling_calls)
    && allow_advice(filter)
    && (loading ? ALLOW(filter, mremap, 0) && allow_loading(filter, next, threads)
                : allow_memory(filter))
    && (!threads || (allow_threads(filter) && (loading || ALLOW(filter, sched_getaffinity, 0))))
    && export_filter(filter, out);
  seccomp_release(filter);
  return made;
}

bool filters_make(struct seal *seal, bool threads) {
  return make(NULL, threads, &seal->calling) && make(&seal->calling, threads, &seal->loading);
}

bool filter_load(const struct filter *filter, bool has_threads) {
  const unsigned flags = has_threads ? SECCOMP_FILTER_FLAG_TSYNC : 0u;
  return filter->program != NULL
    && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter->program) == 0;
}
