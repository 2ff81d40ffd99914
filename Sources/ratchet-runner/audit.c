#include "audit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORTED __attribute__((visibility("default")))

enum { MOST_BLOCKS = 16, STACK_WATCHED = 16 << 20 };

// An allocation of the call, with a byte for each of its bytes: whether the call has stored to it.
struct block {
  uintptr_t start;
  size_t size;
  uint8_t *stored;
};

static const struct arena *arena;
static struct control *control;
static uintptr_t image_start, image_end;
static uintptr_t stack_top;      // the object's frames lie below
static uint8_t *stack_stored;    // whether the call has stored to each byte below the top
static size_t stack_depth;       // how many of them may be set
static struct block blocks[MOST_BLOCKS];
static size_t block_count;

void audit_begin(const struct arena *recorded, struct control *table) {
  void *marks = mmap(
    NULL, STACK_WATCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  stack_stored = marks == MAP_FAILED ? NULL : marks;
  control = table;
  arena = recorded;
}

static void forget_blocks(void) {
  for (size_t i = 0; i < block_count; i++) free(blocks[i].stored);
  block_count = 0;
}

__attribute__((noinline)) void audit_call(const struct image *image) {
  image_start = UINTPTR_MAX, image_end = 0;
  for (size_t i = 0; i < all_regions(image); i++) {
    uintptr_t start = (uintptr_t)image->regions[i].pages;
    uintptr_t end = start + image->regions[i].page_bytes;
    if (start < image_start) image_start = start;
    if (end > image_end) image_end = end;
  }
  forget_blocks();
  if (stack_stored != NULL) memset(stack_stored, 0, stack_depth);
  stack_depth = 0;
  control->strays = 0;
  // This frame begins where the object's will: behind it lie a return address and the caller's frame.
  stack_top = (uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *);
}

static bool is_on_stack(uintptr_t address) {
  return stack_stored != NULL && address < stack_top && stack_top - address <= STACK_WATCHED;
}

// Where it is noted whether the call has stored to a byte of its own; NULL for any other byte.
static uint8_t *note_of(uintptr_t address) {
  if (is_on_stack(address)) return stack_stored + (stack_top - 1 - address);
  for (size_t i = 0; i < block_count; i++)
    if (address - blocks[i].start < blocks[i].size)
      return blocks[i].stored + (address - blocks[i].start);
  return NULL;
}

static void reach_down_to(uintptr_t address) {
  if (is_on_stack(address) && stack_top - address > stack_depth) stack_depth = stack_top - address;
}

static bool record_own(uintptr_t address, size_t size, uint8_t kind) {
  if (note_of(address) == NULL) return false;
  reach_down_to(address);
  for (size_t i = 0; i < size; i++) {
    uint8_t *note = note_of(address + i);
    if (note == NULL) break;
    if (kind == SHADOW_STORED) *note = 1;
    else if (!*note) control->strays |= STRAY_DEAD;
  }
  return true;
}

// The runner's frames lie above the object's; its copies and notes stand behind the arena.
static bool is_judge(uintptr_t address) {
  const uintptr_t frames = (uintptr_t)1 << 16;
  uintptr_t offset = address - (uintptr_t)arena->base;
  return address - stack_top < frames || offset - (uintptr_t)arena->to_pristine < arena->size
    || offset - (uintptr_t)arena->to_shadow < arena->size
    || address - (uintptr_t)arena->globals < 2 * arena->globals_size
    || address - (uintptr_t)arena->global_shadow < arena->globals_size;
}

// A load of what the call itself has stored tells nothing of what was there before: it is no read.
static void mark(uint8_t *shadow, size_t size, uint8_t kind) {
  for (size_t i = 0; i < size; i++)
    if (kind == SHADOW_STORED || !(shadow[i] & SHADOW_STORED)) shadow[i] |= kind;
}

static void mark_global(uintptr_t address, size_t size, uint8_t kind) {
  uint8_t *shadow = arena->global_shadow;
  for (uint64_t i = 0; i < control->global_count; i++) {
    const struct object_global *global = &control->globals[i];
    if (address - global->address < global->size) {
      uint64_t start = address - global->address;
      uint64_t most = global->size - start;
      mark(shadow + start, size < most ? size : most, kind);
      return;
    }
    shadow += (global->size + 15) & ~15ull;
  }
}

static void record(uintptr_t address, size_t size, uint8_t kind) {
  if (arena == NULL || size == 0) return;
  uintptr_t offset = address - (uintptr_t)arena->base;
  if (offset < arena->size) {
    size_t most = arena->size - offset;
    mark((uint8_t *)address + arena->to_shadow, size < most ? size : most, kind);
    if (stack_top != 0 && (address < image_start || address >= image_end))
      control->strays |= STRAY_JUDGE;
  } else if (stack_top == 0 || !record_own(address, size, kind)) {
    if (stack_top != 0 && is_judge(address)) control->strays |= STRAY_JUDGE;
    mark_global(address, size, kind);
  }
}

// To copy what was never stored is no use of it: padding is copied with a structure.
static void record_copy(uintptr_t to, uintptr_t from, size_t size) {
  bool is_own = stack_top != 0 && note_of(from) != NULL;
  if (!is_own) record(from, size, SHADOW_READ);
  if (!is_own || note_of(to) == NULL) {
    record(to, size, SHADOW_STORED);
    return;
  }
  reach_down_to(to);
  for (size_t i = 0; i < size; i++) {
    const uint8_t *source = note_of(from + i);
    uint8_t *target = note_of(to + i);
    if (target != NULL) *target = source == NULL || *source;
  }
}

#define ACCESS(bytes)                                                                   \
  EXPORTED void __asan_load##bytes##_noabort(uintptr_t at) { record(at, bytes, SHADOW_READ); } \
  EXPORTED void __asan_store##bytes##_noabort(uintptr_t at) { record(at, bytes, SHADOW_STORED); }

// The names are the compiler's.
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
EXPORTED void __asan_loadN_noabort(uintptr_t at, size_t size) { record(at, size, SHADOW_READ); }
EXPORTED void __asan_storeN_noabort(uintptr_t at, size_t size) {
  record(at, size, SHADOW_STORED);
}

EXPORTED void *__asan_memcpy(void *to, const void *from, size_t size) {
  record_copy((uintptr_t)to, (uintptr_t)from, size);
  return memcpy(to, from, size);
}
EXPORTED void *__asan_memmove(void *to, const void *from, size_t size) {
  record_copy((uintptr_t)to, (uintptr_t)from, size);
  return memmove(to, from, size);
}
EXPORTED void *__asan_memset(void *to, int value, size_t size) {
  record((uintptr_t)to, size, SHADOW_STORED);
  return memset(to, value, size);
}

// Compilers that cannot name these calls apart leave them to the linker (`--wrap`).
EXPORTED void *__wrap_memcpy(void *to, const void *from, size_t size) {
  return __asan_memcpy(to, from, size);
}
EXPORTED void *__wrap_memmove(void *to, const void *from, size_t size) {
  return __asan_memmove(to, from, size);
}
EXPORTED void *__wrap_memset(void *to, int value, size_t size) {
  return __asan_memset(to, value, size);
}

// Allocations are wrapped to watch them, and where nothing is audited, to let all of them fail.
EXPORTED void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  if (arena == NULL) return NULL;
  void *made = aligned_alloc(alignment, size);
  uint8_t *stored = made == NULL || block_count == MOST_BLOCKS ? NULL : calloc(size + 1, 1);
  if (stored == NULL) return made;
  // A block that was freed may have stood here.
  for (size_t i = 0; i < block_count; i++)
    if (blocks[i].start < (uintptr_t)made + size && (uintptr_t)made < blocks[i].start + blocks[i].size)
      blocks[i].size = 0;
  blocks[block_count++] = (struct block){(uintptr_t)made, size, stored};
  return made;
}

// Where some allocations of a call fail: all but the first, all but the first two, or every other one.
static uint32_t allocations;

void audit_restart_allocations(void) { allocations = 0; }

EXPORTED void *ratchet_allocate_once(size_t alignment, size_t size) {
  return allocations++ > 0 ? NULL : aligned_alloc(alignment, size);
}
EXPORTED void *ratchet_allocate_twice(size_t alignment, size_t size) {
  return allocations++ > 1 ? NULL : aligned_alloc(alignment, size);
}
EXPORTED void *ratchet_allocate_alternately(size_t alignment, size_t size) {
  return allocations++ % 2 == 0 ? NULL : aligned_alloc(alignment, size);
}

EXPORTED void __asan_register_globals(void *globals, size_t count) { (void)globals, (void)count; }
EXPORTED void __asan_unregister_globals(void *globals, size_t count) {
  (void)globals, (void)count;
}
EXPORTED void __asan_handle_no_return(void) {}
EXPORTED void __asan_alloca_poison(uintptr_t at, uintptr_t size) { (void)at, (void)size; }
EXPORTED void __asan_allocas_unpoison(uintptr_t top, uintptr_t bottom) {
  (void)top, (void)bottom;
}
