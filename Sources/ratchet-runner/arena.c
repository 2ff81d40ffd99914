#include "arena.h"

#include <JudgeKernels.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const size_t page = 4096;
static const size_t globals_bytes = (size_t)1 << 30;
static const size_t largest_arena = (size_t)1 << 43;

// While objects are examined a wrong subscript may be wrong by a whole row: what lies between
// regions is as wide as that. Timed objects have been examined; their regions lie close together,
// as they would in a program, so that page tables cost the same.
static size_t gap_of(const struct job *job) {
  return job->mode == JOB_EXAMINE ? (size_t)16 << 20 : page;
}

static size_t pages_for(size_t bytes) { return (bytes + page - 1) & ~(page - 1); }

static void describe_own_regions(struct image *image) {
  size_t offset = image->argument_count * sizeof(void *);
  for (size_t i = 0; i < image->argument_count; i++) {
    offset = (offset + 63) & ~(size_t)63;
    image->arguments[i].offset = offset;
    offset += image->arguments[i].size;
  }
  *argument_region(image) = (struct region){.size = offset, .placement = FLUSH_START};
  *result_region(image) =
    (struct region){.size = image->result_size, .placement = FLUSH_START, .writable = true};
  offset = 0;
  for (size_t i = 0; i < image->global_count; i++) {
    offset = (offset + 15) & ~(size_t)15;
    image->globals[i].offset = offset;
    offset += image->globals[i].size;
  }
  *globals_region(image) = (struct region){.size = offset, .placement = FLUSH_START};
}

static size_t extent_of(const struct region *region) {
  if (region->placement == AT_OFFSET) return pages_for(region->size + region->offset);
  return pages_for(region->size);
}

// A region without bytes has no page: its address is that of an inaccessible one.
static void place(struct region *region, uint8_t *pages) {
  region->pages = pages;
  region->page_bytes = extent_of(region);
  switch (region->placement) {
    case FLUSH_END: region->data = pages + (region->page_bytes - region->size); break;
    case FLUSH_START: region->data = pages; break;
    case AT_OFFSET: region->data = pages + region->offset; break;
  }
}

static uint8_t canary(const uint8_t *at) { return (uint8_t)((uintptr_t)at * 0x3bu + 0x9du); }

static void fill(struct region *region) {
  uint8_t *pages = region->pages;
  const uint8_t *data = region->data;
  for (uint8_t *at = pages; at < data; at++) *at = canary(at);
  if (region->contents != NULL) memcpy(region->data, region->contents, region->size);
  for (uint8_t *at = region->data + region->size; at < pages + region->page_bytes; at++)
    *at = canary(at);
}

static const char *space_of(
  const struct image *image, const struct patch *patch, uint8_t **start, uint64_t *size) {
  if (patch->space == PATCH_REGION) {
    if (patch->index >= image->region_count) return "a patch names a region that is not there";
    *start = image->regions[patch->index].data;
    *size = image->regions[patch->index].size;
  } else if (patch->space == PATCH_ARGUMENT) {
    if (patch->index >= image->argument_count) return "a patch names no argument";
    const struct argument *argument = &image->arguments[patch->index];
    *start = argument_region(image)->data + argument->offset;
    *size = argument->size;
  } else {
    if (patch->index >= image->global_count) return "a patch names no global of the image";
    const struct global_value *global = &image->globals[patch->index];
    *start = globals_region(image)->data + global->offset;
    *size = global->size;
  }
  return NULL;
}

static const char *apply(struct arena *arena, struct image *image, const struct patch *patch) {
  uint8_t *start;
  uint64_t size;
  const char *problem = space_of(image, patch, &start, &size);
  if (problem != NULL) return problem;
  if (size < 8 || patch->offset > size - 8) return "a patch reaches past its object";
  if (patch->target_region >= image->region_count) return "a patch points to no region";
  uint64_t address =
    (uint64_t)(uintptr_t)image->regions[patch->target_region].data + patch->target_offset;
  memcpy(start + patch->offset, &address, 8);
  memcpy(start + patch->offset + arena->to_pristine, &address, 8);
  return NULL;
}

static const char *fill_image(struct arena *arena, struct image *image) {
  for (size_t i = 0; i < all_regions(image); i++) fill(&image->regions[i]);
  struct region *arguments = argument_region(image);
  for (size_t i = 0; i < image->argument_count; i++) {
    const struct argument *argument = &image->arguments[i];
    void *value = arguments->data + argument->offset;
    memcpy((void **)(void *)arguments->data + i, &value, sizeof value);
    if (argument->size != 0) memcpy(value, argument->bytes, argument->size);
  }
  for (size_t i = 0; i < image->global_count; i++) {
    const struct global_value *global = &image->globals[i];
    if (global->size != 0)
      memcpy(globals_region(image)->data + global->offset, global->bytes, global->size);
  }
  memset(result_region(image)->data, 0xa5, image->result_size);
  for (size_t i = 0; i < all_regions(image); i++) {
    struct region *region = &image->regions[i];
    memcpy(region->pages + arena->to_pristine, region->pages, region->page_bytes);
  }
  for (size_t i = 0; i < image->patch_count; i++) {
    const char *problem = apply(arena, image, &image->patches[i]);
    if (problem != NULL) return problem;
  }
  return NULL;
}

// Addresses vary with the seed: loads of one measurement differ, so that no figure rests on one
// lucky alignment, while two objects examined with the same seed see the same pointers.
static uint8_t *base_of(const struct job *job) {
  struct rk_random random;
  rk_random_seed(&random, job->seed);
  return (uint8_t *)(uintptr_t)(0x100000000000ull + (rk_random_below(&random, 1u << 16) << 21));
}

static uint8_t *map_at(uint8_t *address, size_t size, int protection) {
  void *mapped = mmap(
    address, size, protection,
    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  return mapped == MAP_FAILED ? NULL : mapped;
}

static const char *map_parallel(const struct job *job, struct arena *arena) {
  uint8_t *base = base_of(job);
  ptrdiff_t step = (ptrdiff_t)1 << 44;
  arena->base = map_at(base, arena->size, PROT_NONE);
  if (arena->base == NULL) return "the memory of the images cannot be mapped";
  if (map_at(base + step, arena->size, PROT_READ | PROT_WRITE) == NULL)
    return "the copy of the images cannot be mapped";
  arena->to_pristine = step;
  arena->globals_size = globals_bytes;
  arena->globals = map_at(base + 3 * step, 2 * globals_bytes, PROT_READ | PROT_WRITE);
  if (arena->globals == NULL) return "the memory for globals cannot be mapped";
  if (job->flags & JOB_AUDIT) {
    if (map_at(base + 2 * step, arena->size, PROT_READ | PROT_WRITE) == NULL)
      return "the shadow of the images cannot be mapped";
    arena->to_shadow = 2 * step;
    arena->global_shadow = map_at(base + 4 * step, globals_bytes, PROT_READ | PROT_WRITE);
    if (arena->global_shadow == NULL) return "the shadow of the globals cannot be mapped";
  }
  return NULL;
}

// Gives every image its place and the arena its size.
static const char *lay_out(struct job *job, struct arena *arena) {
  size_t gap = gap_of(job);
  size_t end = gap;
  arena->size = end;
  for (size_t i = 0; i < job->image_count; i++) {
    struct image *image = &job->images[i];
    describe_own_regions(image);
    size_t extent = 0;
    for (size_t r = 0; r < all_regions(image); r++) {
      if (image->regions[r].size > largest_arena) return "a region is too large";
      extent += extent_of(&image->regions[r]) + gap;
      if (extent > largest_arena) return "an image is too large";
    }
    if (image->kept_bytes == 0) image->stands_at = end - gap;
    else if (extent > image->kept_bytes) return "an image is larger than the place kept for it";
    if (image->stands_at % page != 0) return "an image does not stand at a page";
    if (image->stands_at > largest_arena - gap - extent) return "the images are too large";
    end = gap + image->stands_at + extent;
    if (end > arena->size) arena->size = end;
  }
  return NULL;
}

const char *arena_make(struct job *job, struct arena *arena) {
  memset(arena, 0, sizeof *arena);
  size_t gap = gap_of(job);
  const char *problem = lay_out(job, arena);
  if (problem == NULL) problem = map_parallel(job, arena);
  if (problem != NULL) return problem;
  for (size_t i = 0; i < job->image_count; i++) {
    struct image *image = &job->images[i];
    uint8_t *at = arena->base + gap + image->stands_at;
    for (size_t r = 0; r < all_regions(image); r++) {
      place(&image->regions[r], at);
      size_t bytes = image->regions[r].page_bytes;
      if (bytes != 0 && mprotect(at, bytes, PROT_READ | PROT_WRITE) != 0)
        return "the pages of a region cannot be opened";
      at += bytes + gap;
    }
    problem = fill_image(arena, image);
    if (problem != NULL) return problem;
  }
  return NULL;
}

void arena_restore(const struct arena *arena, const struct image *image) {
  for (size_t i = 0; i < all_regions(image); i++) {
    const struct region *region = &image->regions[i];
    if (region->writable)
      memcpy(region->pages, region->pages + arena->to_pristine, region->page_bytes);
  }
}

int arena_protect(const struct arena *arena, const struct job *job) {
  for (size_t i = 0; i < job->image_count; i++)
    for (size_t r = 0; r < all_regions(&job->images[i]); r++) {
      const struct region *region = &job->images[i].regions[r];
      if (region->writable || region->page_bytes == 0) continue;
      if (mprotect(region->pages, region->page_bytes, PROT_READ) != 0) return -1;
    }
  return mprotect(arena->base + arena->to_pristine, arena->size, PROT_READ);
}

static bool differ(const uint8_t *from, const uint8_t *to, ptrdiff_t other, const uint8_t **where) {
  if (memcmp(from, from + other, (size_t)(to - from)) == 0) return false;
  // The child may still be writing, so that nothing differs any more.
  while (from < to - 1 && *from == from[other]) from++;
  *where = from;
  return true;
}

bool arena_damage(
  const struct arena *arena, const struct image *image, size_t *region, int64_t *offset) {
  for (size_t i = 0; i < all_regions(image); i++) {
    const struct region *each = &image->regions[i];
    const uint8_t *where;
    const uint8_t *end = each->data + each->size;
    if (!differ(each->pages, each->data, arena->to_pristine, &where)
        && !differ(end, each->pages + each->page_bytes, arena->to_pristine, &where))
      continue;
    *region = i;
    *offset = where - each->data;
    return true;
  }
  return false;
}

bool arena_locate(const struct image *image, uint64_t address, size_t *region, int64_t *offset) {
  uint64_t best = (uint64_t)8 << 20;
  bool found = false;
  for (size_t i = 0; i < all_regions(image); i++) {
    const struct region *each = &image->regions[i];
    uint64_t start = (uint64_t)(uintptr_t)each->data, end = start + each->size;
    uint64_t distance = address < start ? start - address : address >= end ? address - end : 0;
    if (distance >= best) continue;
    best = distance;
    found = true;
    *region = i;
    *offset = (int64_t)(address - start);
  }
  return found;
}
