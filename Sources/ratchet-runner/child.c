#include "child.h"

#include <alloca.h>
#include <dlfcn.h>
#include <fenv.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "audit.h"
#include "clock.h"

typedef void entry_function(void *const *arguments, void *result);

/// What a trampoline exports beside the entry: the file-scope objects that the function uses.
struct exported_global {
  void *address;
  unsigned long size;
};

static struct control *control;

static void report_fault(void) {
  report(control, atomic_load(&control->command), PHASE_FAULTED);
  _exit(128);
}

// Clang marks a sanitizer's trap with `ud1l check(%eax), %eax`; check 0 has no displacement byte.
static int32_t sanitizer_check(const uint8_t *instruction) {
#if defined(__x86_64__)
  if (instruction[0] == 0x67 && instruction[1] == 0x0f && instruction[2] == 0xb9) {
    if (instruction[3] == 0x00) return 0;
    if (instruction[3] == 0x40) return instruction[4];
  }
#endif
  (void)instruction;
  return -1;
}

static void on_fault(int number, siginfo_t *information, void *context) {
  control->fault_signal = (uint32_t)number;
  control->fault_code = information->si_code;
  control->fault_address = (uint64_t)(uintptr_t)information->si_addr;
  control->fault_call = number == SIGSYS ? information->si_syscall : -1;
  control->fault_check = -1;
#if defined(__x86_64__)
  const ucontext_t *at = context;
  control->fault_instruction = (uint64_t)at->uc_mcontext.gregs[REG_RIP];
  if (number == SIGILL)
    control->fault_check =
      sanitizer_check((const uint8_t *)(uintptr_t)control->fault_instruction);
#else
  (void)context;
#endif
  report_fault();
}

static _Noreturn void refuse(const char *message) {
  control->fault_signal = 0;
  snprintf(control->message, sizeof control->message, "%s", message);
  report(control, atomic_load(&control->command), PHASE_FAULTED);
  _exit(127);
}

// A stack that overflows leaves no room to say so: handlers have a stack of their own.
static void catch_faults(void) {
  static uint8_t stack[65536];
  stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&own, NULL);
  static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaction(signals[i], &action, NULL);
}

// What a library of threads goes by. Its threads sleep between loops: one that spins would take a core
// from the other object's calls.
static void tell_threads(uint64_t threads) {
  if (threads == 1) return;
  char number[24];
  snprintf(number, sizeof number, "%llu", (unsigned long long)threads);
  setenv("OMP_NUM_THREADS", number, 1);
  setenv("OMP_DYNAMIC", "false", 1);
  setenv("OMP_WAIT_POLICY", "passive", 1);
}

static void list_globals(void *library) {
  const struct exported_global *table = dlsym(library, "ratchet_globals");
  const unsigned long *count = dlsym(library, "ratchet_global_count");
  if (table == NULL || count == NULL) return;
  if (*count > MOST_GLOBALS) refuse("the object has too many globals");
  for (unsigned long i = 0; i < *count; i++)
    control->globals[i] =
      (struct object_global){(uint64_t)(uintptr_t)table[i].address, table[i].size};
  control->global_count = *count;
}

static size_t globals_extent(void) {
  size_t size = 0;
  for (uint64_t i = 0; i < control->global_count; i++)
    size += (control->globals[i].size + 15) & ~15ull;
  return size;
}

static void publish_globals(uint8_t *to) {
  for (uint64_t i = 0; i < control->global_count; i++) {
    const struct object_global *global = &control->globals[i];
    memcpy(to, (const void *)(uintptr_t)global->address, global->size);
    to += (global->size + 15) & ~15ull;
  }
}

static void restore_globals(const uint8_t *pristine, const struct image *image) {
  for (uint64_t i = 0; i < control->global_count; i++) {
    const struct object_global *global = &control->globals[i];
    memcpy((void *)(uintptr_t)global->address, pristine, global->size);
    pristine += (global->size + 15) & ~15ull;
  }
  for (size_t i = 0; i < image->global_count; i++) {
    const struct global_value *value = &image->globals[i];
    if (value->index >= control->global_count
        || value->size != control->globals[value->index].size)
      refuse("the image gives a value to a global that the object does not have");
    memcpy(
      (void *)(uintptr_t)control->globals[value->index].address,
      globals_region(image)->data + value->offset, value->size);
  }
}

// A call that breaks the ABI may leave the processor copying backwards or faulting at unaligned
// accesses.
static inline void settle_flags(void) {
#if defined(__x86_64__)
  const uint64_t direction = 1u << 10, alignment = 1u << 18;
  __builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~(direction | alignment));
#endif
}

static _Noreturn void serve(
  const struct child_setup *setup, entry_function *entry, const uint8_t *pristine) {
  uint8_t *published = setup->arena->globals + setup->slot * setup->arena->globals_size;
  uint32_t seen = 0;
  for (;;) {
    uint32_t batch;
    while ((batch = atomic_load(&control->command)) == seen)
      futex_wait(&control->command, seen, NULL);
    seen = batch;
    settle_flags();
    const struct image *images = &setup->job->images[control->first_image];
    uint32_t flags = control->flags, calls = control->calls, count = control->image_count;
    if (flags & BATCH_RESTORE) {
      for (uint32_t i = 0; i < count; i++) arena_restore(setup->arena, &images[i]);
      if (control->global_count != 0 && !(flags & BATCH_KEEP_GLOBALS))
        restore_globals(pristine, &images[0]);
    }
    fesetenv(FE_DFL_ENV);
    if (flags & BATCH_HOLD) {
      report(control, batch, PHASE_READY);
      while (atomic_load_explicit(&control->go, memory_order_acquire) != batch) relax();
    }
    if (setup->job->flags & JOB_AUDIT) audit_call(&images[0]);
    audit_restart_allocations();
    for (uint32_t call = 0, i = 0; call < calls; call++) {
      entry((void *const *)(void *)argument_region(&images[i])->data, result_region(&images[i])->data);
      if (++i == count) i = 0;
    }
    if (flags & BATCH_PUBLISH) {
      settle_flags();
      publish_globals(published);
    }
    report(control, batch, PHASE_DONE);
  }
}

// The conductor opens what it needs of this process while it still may. It has had time to do so: to
// sleep would mean to wait for the core again.
static void wait_for_watch(void) {
  for (int i = 0; i < 1000 && !atomic_load(&control->watched); i++) sched_yield();
  while (!atomic_load(&control->watched)) futex_wait(&control->watched, 0, NULL);
}

// What belongs to the judge stays where it is and as it is protected.
static bool seal_judge(const struct child_setup *setup) {
  const struct arena *arena = setup->arena;
  return seal_pages(control, sizeof *control) && seal_pages(arena->base, arena->size)
    && seal_pages(arena->base + arena->to_pristine, arena->size)
    && seal_pages(arena->globals, 2 * arena->globals_size) && seal_filters(setup->seal);
}

_Noreturn void child_main(const struct child_setup *setup) {
  control = setup->control;
  if (setup->cores != NULL) sched_setaffinity(0, sizeof *setup->cores, setup->cores);
  if (arena_protect(setup->arena, setup->job) != 0) refuse("memory cannot be protected");
  catch_faults();
  wait_for_watch();
  // Before anything else, for the filter allows no such call.
  bool sealed = !(setup->seal->off & LAYER_SEALED_PAGES) && seal_judge(setup);
  uint32_t layers = seal_child(setup->seal, &setup->limits, setup->conductor);
  control->layers = layers | (sealed ? LAYER_SEALED_PAGES : 0);
  if (!(layers & LAYER_SECCOMP) && !(setup->job->flags & JOB_WITHOUT_SECCOMP))
    refuse("no system call filter can be had here");
  if (setup->job->threads > 1 && !sealed)
    refuse("threads can be had only where pages can be sealed (Linux 6.10)");
  tell_threads(setup->job->threads);
  // A unit's other functions may call what is defined elsewhere in the project; only what the kernel
  // calls has to be there.
  void *library = dlopen(setup->object, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) refuse(dlerror());
  entry_function *entry = (entry_function *)dlsym(library, "ratchet_entry");
  if (entry == NULL) refuse("the object has no entry");
  list_globals(library);
  size_t extent = globals_extent();
  if (extent > setup->arena->globals_size) refuse("the object's globals are too large");
  uint8_t *pristine = malloc(extent == 0 ? 1 : extent);
  if (pristine == NULL) refuse("out of memory for the object's globals");
  publish_globals(pristine);
  if (setup->job->flags & JOB_AUDIT) audit_begin(setup->arena, control);
  if ((layers & LAYER_SECCOMP) && !seal_calls(setup->seal)) refuse("the filter was not taken");
  report(control, 0, PHASE_DONE);
  volatile uint8_t *stack = alloca(setup->stack_offset + 16);
  stack[0] = 0;
  serve(setup, entry, pristine);
}
