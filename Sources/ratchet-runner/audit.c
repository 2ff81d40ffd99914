#include "audit.h"

#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

static const struct arena *arena;
static const struct control *control;

void audit_begin(const struct arena *recorded, const struct control *table) {
  arena = recorded;
  control = table;
}

static void mark(uint8_t *shadow, size_t size, uint8_t kind) {
  for (size_t i = 0; i < size; i++) shadow[i] |= kind;
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
  } else {
    mark_global(address, size, kind);
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
  record((uintptr_t)from, size, SHADOW_READ);
  record((uintptr_t)to, size, SHADOW_STORED);
  return memcpy(to, from, size);
}
EXPORTED void *__asan_memmove(void *to, const void *from, size_t size) {
  record((uintptr_t)from, size, SHADOW_READ);
  record((uintptr_t)to, size, SHADOW_STORED);
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

EXPORTED void __asan_register_globals(void *globals, size_t count) { (void)globals, (void)count; }
EXPORTED void __asan_unregister_globals(void *globals, size_t count) {
  (void)globals, (void)count;
}
EXPORTED void __asan_handle_no_return(void) {}
EXPORTED void __asan_alloca_poison(uintptr_t at, uintptr_t size) { (void)at, (void)size; }
EXPORTED void __asan_allocas_unpoison(uintptr_t top, uintptr_t bottom) {
  (void)top, (void)bottom;
}
