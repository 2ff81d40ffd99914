/// The memory of all images of a job, at the same addresses in the conductor and every child.
///
/// The arena is one shared mapping made before any child is forked, so that all processes see the
/// same physical pages at the same addresses and a pointer means the same everywhere. Around each
/// region's pages lie inaccessible ones; bytes of a region's pages that the region does not fill
/// are canaries. Two parallel mappings of the same extent hold each page's first contents
/// (`pristine`) and, when asked for, what was accessed (`shadow`, one byte per byte).
#pragma once

#include "job.h"

enum { SHADOW_READ = 1, SHADOW_STORED = 2 };

struct arena {
  uint8_t *base;
  size_t size;
  ptrdiff_t to_pristine;  // add to an address inside the arena
  ptrdiff_t to_shadow;    // 0 when there is no shadow
  uint8_t *globals;       // per object: the values that a child published
  size_t globals_size;    // for one object
  uint8_t *global_shadow;  // accesses to the globals of object 0, NULL when there is none
};

/// Lays out and fills all images. Returns NULL, or why it could not.
const char *arena_make(struct job *job, struct arena *arena);

/// Brings the writable regions of an image back to their first contents.
void arena_restore(const struct arena *arena, const struct image *image);

/// Makes read-only what a child may not write; called in the child.
int arena_protect(const struct arena *arena, const struct job *job);

/// The first byte outside the regions of `image` that was overwritten: true when there is one.
bool arena_damage(
  const struct arena *arena, const struct image *image, size_t *region, int64_t *offset);

/// The region of `image` that `address` lies in or is nearest to, within the inaccessible pages
/// around it; false when it is near none.
bool arena_locate(
  const struct image *image, uint64_t address, size_t *region, int64_t *offset);
