#include "conductor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "child.h"
#include "clock.h"
#include "threads.h"

static const uint64_t millisecond = 1000000;

static bool has_ended(struct child *child) {
  if (child->pid == 0) return true;
  if (waitpid(child->pid, &child->status, WNOHANG) != child->pid) return false;
  child->pid = 0;
  return true;
}

static bool settled(
  struct child *child, uint32_t target, enum wait_result *result) {
  uint32_t state = atomic_load_explicit(&child->control->state, memory_order_acquire);
  if (state == target) {
    *result = WAIT_REACHED;
    return true;
  }
  if (state % 4 == PHASE_FAULTED) {
    *result = WAIT_FAULTED;
    return true;
  }
  return false;
}

// Limits on processes do not bind every user, and control groups are not everywhere.
static bool is_crowded(const struct child *child, uint64_t most) {
  return child->most_threads > 1 && threads_of(child->pid) > most;
}

// A constructor may report in the judge's place that the object is loaded, without the filter for calls.
static bool lacks_filters(const struct conductor *conductor, const struct child *child) {
  if (conductor->job->flags & JOB_WITHOUT_SECCOMP) return false;
  uint64_t own, filters;
  return filters_of(getpid(), &own) && (!filters_of(child->pid, &filters) || filters < own + 2);
}

// Checks what is slow to check: the deadline, and whether the child is still there and keeps to its
// threads.
static bool given_up(
  struct child *child, uint32_t target, uint64_t deadline, enum wait_result *result) {
  if (has_ended(child)) {
    if (!settled(child, target, result)) *result = WAIT_DIED;
    return true;
  }
  if (is_crowded(child, child->most_threads)) {
    *result = WAIT_CROWDED;
    return true;
  }
  if (now() < deadline) return false;
  *result = WAIT_TIMED_OUT;
  return true;
}

static bool spin_for(
  struct child *child, uint32_t target, uint64_t deadline, uint64_t *when,
  enum wait_result *result) {
  uint64_t start = now(), checked = start;
  for (;;) {
    for (int i = 0; i < 64; i++) {
      if (settled(child, target, result)) {
        *when = now();
        return true;
      }
      relax();
    }
    uint64_t time = now();
    if (time - checked > 2 * millisecond) {
      checked = time;
      if (given_up(child, target, deadline, result)) return true;
      if (time - start > 50 * millisecond) return false;
    }
  }
}

enum wait_result child_wait(
  struct child *child, enum child_phase phase, uint64_t deadline, bool spin, uint64_t *when) {
  struct control *control = child->control;
  uint32_t target = child->batch * 4 + (uint32_t)phase;
  enum wait_result result = WAIT_TIMED_OUT;
  if (spin && spin_for(child, target, deadline, when, &result)) return result;
  atomic_store(&control->conductor_waits, 1);
  for (;;) {
    uint32_t state = atomic_load(&control->state);
    if (settled(child, target, &result)) break;
    if (given_up(child, target, deadline, &result)) break;
    struct timespec slice = {0, 5 * (long)millisecond};
    futex_wait(&control->state, state, &slice);
  }
  *when = now();
  atomic_store(&control->conductor_waits, 0);
  return result;
}

void child_command(struct child *child, const struct batch *batch) {
  struct control *control = child->control;
  control->first_image = batch->first_image;
  control->image_count = batch->image_count;
  control->calls = batch->calls;
  control->flags = batch->flags;
  child->batch++;
  atomic_store(&control->command, child->batch);
  futex_wake(&control->command);
}

enum wait_result child_run(
  struct conductor *conductor, struct child *child, const struct batch *batch) {
  child_command(child, batch);
  uint64_t when, deadline = now() + conductor->job->call_limit;
  if (deadline > conductor->deadline) deadline = conductor->deadline;
  enum wait_result waited = child_wait(child, PHASE_DONE, deadline, false, &when);
  return waited == WAIT_REACHED && is_crowded(child, child->most_threads) ? WAIT_CROWDED : waited;
}

static struct child_setup setup_of(
  struct conductor *conductor, struct child *child, size_t slot) {
  const struct job *job = conductor->job;
  uint64_t seconds = job->processor_limit != 0 ? (job->processor_limit + 999999999ull) / 1000000000ull
                                               : (job->wall_limit / 1000000000ull + 2) * job->threads;
  return (struct child_setup){
    .object = conductor->job->objects[slot],
    .job = conductor->job,
    .arena = &conductor->arena,
    .seal = &conductor->seal,
    .control = child->control,
    .limits = {.cpu_seconds = seconds, .memory = conductor->job->memory_limit,
               .threads = conductor->job->threads},
    .cores = conductor->child_cores,
    .conductor = getpid(),
    .slot = slot,
    .stack_offset = conductor->stack_offset,
  };
}

bool child_map(struct child *child) {
  if (child->control != NULL) return true;
  void *mapped = mmap(
    NULL, sizeof *child->control, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  child->control = mapped == MAP_FAILED ? NULL : mapped;
  return child->control != NULL;
}

enum wait_result child_start(struct conductor *conductor, struct child *child, size_t slot) {
  if (!child_map(child)) return WAIT_DIED;
  memset(child->control, 0, sizeof *child->control);
  child->batch = 0;
  child->status = 0;
  child->most_threads = conductor->job->threads;
  child->cores = conductor->child_cores;
  struct child_setup setup = setup_of(conductor, child, slot);
  atomic_store(&child->control->watched, child->witness == NULL);
  child->pid = fork();
  if (child->pid == 0) child_main(&setup);
  if (child->pid < 0) {
    child->pid = 0;
    return WAIT_DIED;
  }
  if (child->witness != NULL) {
    witness_open(child->witness, child->pid);
    atomic_store(&child->control->watched, 1);
    futex_wake(&child->control->watched);
  }
  // Loading takes milliseconds; a constructor may hang as well as a call.
  uint64_t when, deadline = now() + conductor->job->call_limit + 2000 * millisecond;
  if (deadline > conductor->deadline) deadline = conductor->deadline;
  enum wait_result waited = child_wait(child, PHASE_DONE, deadline, false, &when);
  conductor->child_layers = child->control->layers;
  if (waited != WAIT_REACHED) return waited;
  if (lacks_filters(conductor, child)) return WAIT_UNFILTERED;
  // What loading starts would go on beside every call.
  return is_crowded(child, 1) ? WAIT_CROWDED : waited;
}

// The child's own group first: it made itself a session before it loaded anything.
void child_end(struct child *child) {
  if (child->pid == 0) return;
  kill(-child->pid, SIGKILL);
  kill(child->pid, SIGKILL);
  while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR) {}
  child->pid = 0;
}

static struct outcome fault_of(const struct child *child, const struct image *image) {
  const struct control *control = child->control;
  struct outcome outcome = {.region = -1};
  if (control->fault_signal == 0) {
    outcome.kind = OUTCOME_NOT_LOADED;
    memcpy(outcome.message, control->message, sizeof outcome.message);
    outcome.message[sizeof outcome.message - 1] = 0;
    return outcome;
  }
  outcome.kind = control->fault_signal == SIGSYS ? OUTCOME_FORBIDDEN : OUTCOME_FAULT;
  outcome.signal = control->fault_signal;
  outcome.code = control->fault_signal == SIGSYS ? control->fault_call : control->fault_code;
  outcome.check = control->fault_check;
  outcome.address = control->fault_address;
  size_t region;
  if (image != NULL && outcome.kind == OUTCOME_FAULT
      && arena_locate(image, control->fault_address, &region, &outcome.offset))
    outcome.region = (int64_t)region;
  return outcome;
}

struct outcome outcome_of(
  const struct conductor *conductor, const struct child *child, enum wait_result waited,
  const struct image *image) {
  (void)conductor;
  struct outcome outcome = {.region = -1, .check = -1};
  switch (waited) {
    case WAIT_REACHED: outcome.kind = OUTCOME_RETURNED; break;
    case WAIT_FAULTED: outcome = fault_of(child, image); break;
    case WAIT_TIMED_OUT: outcome.kind = OUTCOME_TIMED_OUT; break;
    case WAIT_CROWDED:
      outcome.kind = OUTCOME_FORBIDDEN;
      outcome.signal = SIGSYS;
      outcome.code = SYS_clone;
      break;
    case WAIT_UNFILTERED:
      outcome.kind = OUTCOME_FORBIDDEN;
      outcome.signal = SIGSYS;
      outcome.code = SYS_seccomp;
      break;
    case WAIT_DIED:
      if (WIFSIGNALED(child->status)) {
        outcome.kind = OUTCOME_KILLED;
        outcome.signal = (uint64_t)WTERMSIG(child->status);
      } else {
        outcome.kind = OUTCOME_EXITED;
        outcome.code = WEXITSTATUS(child->status);
      }
      break;
  }
  return outcome;
}
