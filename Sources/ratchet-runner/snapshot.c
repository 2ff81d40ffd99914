#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

static uint64_t round16(uint64_t size) { return (size + 15) & ~15ull; }

// A child could write anything on its page: sizes are believed only as far as they fit.
static uint64_t believed_globals(const struct child *child) {
  uint64_t count = child->control->global_count;
  return count > MOST_GLOBALS ? 0 : count;
}

size_t published_size(const struct child *child) {
  size_t size = 0;
  for (uint64_t i = 0; i < believed_globals(child); i++) {
    uint64_t each = child->control->globals[i].size;
    if (each > (1u << 30) || size + round16(each) > (1u << 30)) return size;
    size += round16(each);
  }
  return size;
}

static const uint8_t *published(const struct conductor *conductor, size_t slot) {
  return conductor->arena.globals + slot * conductor->arena.globals_size;
}

bool snapshot_take(
  struct snapshot *snapshot, const struct conductor *conductor, const struct image *image,
  const struct child *child, size_t slot) {
  size_t globals = published_size(child), size = globals;
  for (size_t i = 0; i < all_regions(image); i++)
    if (image->regions[i].writable) size += image->regions[i].size;
  snapshot->size = size;
  snapshot->bytes = malloc(size + 1);
  if (snapshot->bytes == NULL) return false;
  uint8_t *at = snapshot->bytes;
  for (size_t i = 0; i < all_regions(image); i++) {
    const struct region *region = &image->regions[i];
    if (!region->writable) continue;
    memcpy(at, region->data, region->size);
    at += region->size;
  }
  memcpy(at, published(conductor, slot), globals);
  return true;
}

static bool first_difference(
  const uint8_t *expected, const uint8_t *found, size_t size, struct difference *difference) {
  if (memcmp(expected, found, size) == 0) return false;
  size_t at = 0;
  // A child that claimed too early to have ended may still be writing: what differed a moment ago need
  // not differ now, and counts all the same.
  while (at < size - 1 && expected[at] == found[at]) at++;
  difference->offset = (int64_t)at;
  difference->expected = expected[at];
  difference->found = found[at];
  return true;
}

bool snapshot_differs(
  const struct snapshot *snapshot, const struct conductor *conductor, const struct image *image,
  const struct child *child, size_t slot, struct difference *difference) {
  const uint8_t *at = snapshot->bytes;
  for (size_t i = 0; i < all_regions(image); i++) {
    const struct region *region = &image->regions[i];
    if (!region->writable) continue;
    difference->region = i;
    if (first_difference(at, region->data, region->size, difference)) return true;
    at += region->size;
  }
  difference->region = all_regions(image);
  size_t left = (size_t)(snapshot->bytes + snapshot->size - at);
  size_t globals = published_size(child);
  size_t both = left < globals ? left : globals;
  return first_difference(at, published(conductor, slot), both, difference);
}

void snapshot_free(struct snapshot *snapshot) {
  free(snapshot->bytes);
  *snapshot = (struct snapshot){0};
}

void write_outputs(
  struct conductor *conductor, const struct image *image, const struct child *child, size_t slot) {
  struct result *result = conductor->result;
  result_word(result, image->region_count + 2);
  for (size_t i = 0; i < image->region_count + 2; i++)
    result_string(result, image->regions[i].data, image->regions[i].size);
  const uint8_t *globals = published(conductor, slot);
  uint64_t count = published_size(child) == 0 ? 0 : believed_globals(child);
  result_word(result, count);
  for (uint64_t i = 0; i < count; i++) {
    result_string(result, globals, child->control->globals[i].size);
    globals += round16(child->control->globals[i].size);
  }
}

void snapshot_restore(
  const struct snapshot *snapshot, const struct conductor *conductor, const struct image *image,
  const struct child *child, size_t slot) {
  const uint8_t *at = snapshot->bytes;
  for (size_t i = 0; i < all_regions(image); i++) {
    const struct region *region = &image->regions[i];
    if (!region->writable) continue;
    memcpy(region->data, at, region->size);
    at += region->size;
  }
  size_t left = (size_t)(snapshot->bytes + snapshot->size - at);
  size_t globals = published_size(child);
  memcpy(
    conductor->arena.globals + slot * conductor->arena.globals_size, at,
    left < globals ? left : globals);
}
