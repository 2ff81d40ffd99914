#include "freed_memory.h"

#include <malloc.h>

void rk_keep_freed_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
}
