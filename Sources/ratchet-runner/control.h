/// The page that the conductor and one child share, and the futexes on it.
///
/// The conductor writes a batch's description, then raises `command`. The child prepares the
/// memory; when it was asked to hold, it reports READY and spins until `go` has the same number.
/// It makes its calls and reports DONE. A child that faults reports FAULTED and ends. What the
/// child writes here is never trusted beyond this page: time and outputs are taken elsewhere.
#pragma once

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum child_phase { PHASE_BUSY = 0, PHASE_READY = 1, PHASE_DONE = 2, PHASE_FAULTED = 3 };

enum batch_flags {
  BATCH_RESTORE = 1u << 0,  // bring regions and globals back to their first contents
  BATCH_HOLD = 1u << 1,     // report READY and wait for `go` before the first call
  BATCH_PUBLISH = 1u << 2,  // copy the globals to where the conductor reads them
  BATCH_KEEP_GLOBALS = 1u << 3,  // when restoring, leave the globals as calls left them
};

enum { MOST_GLOBALS = 256 };

/// What an audited call touched that was neither its arguments' nor its own.
enum stray {
  STRAY_DEAD = 1u << 0,   // it loaded from its stack or its allocations what it had not stored
  STRAY_JUDGE = 1u << 1,  // memory of the runner's: its stack, copies, images of other calls
};

struct object_global {
  uint64_t address;
  uint64_t size;
};

struct control {
  _Alignas(64) _Atomic uint32_t command;
  uint32_t flags;
  uint32_t first_image;
  uint32_t image_count;
  uint32_t calls;
  _Alignas(64) _Atomic uint32_t go;
  _Alignas(64) _Atomic uint32_t state;  // 4 * number of the batch + child_phase
  _Atomic uint32_t conductor_waits;
  _Atomic uint32_t watched;  // the conductor has opened what it needs of the child
  _Alignas(64) uint32_t fault_signal;  // 0 when the object could not be loaded
  int32_t fault_code;
  int32_t fault_call;  // number of the refused system call, else -1
  int32_t fault_check;  // number of the sanitizer check that trapped, else -1
  uint64_t fault_address;
  uint64_t fault_instruction;
  uint64_t global_count;
  struct object_global globals[MOST_GLOBALS];
  uint32_t layers;  // that the child reached
  uint32_t strays;  // of the last audited call
  char message[480];
};

static inline long futex_wait(_Atomic uint32_t *word, uint32_t seen, const struct timespec *most) {
  return syscall(SYS_futex, word, FUTEX_WAIT, seen, most, NULL, 0);
}

static inline long futex_wake(_Atomic uint32_t *word) {
  return syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static inline void report(struct control *control, uint32_t batch, enum child_phase phase) {
  atomic_store(&control->state, batch * 4 + (uint32_t)phase);
  if (atomic_load(&control->conductor_waits)) futex_wake(&control->state);
}
