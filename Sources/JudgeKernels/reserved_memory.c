#define _GNU_SOURCE
#include "reserved_memory.h"

#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

void *rk_reserve(size_t bytes) {
  void *start = mmap(
    NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
    0);
  return start == MAP_FAILED ? NULL : start;
}

void rk_use_large_pages(void *start, size_t bytes) {
#ifdef MADV_HUGEPAGE
  // Without them everything works as well, if slower: what is answered does not matter.
  (void)madvise(start, bytes, MADV_HUGEPAGE);
#else
  (void)start;
  (void)bytes;
#endif
}

void rk_unreserve(void *start, size_t bytes) {
  if (start) munmap(start, bytes ? bytes : 1);
}
