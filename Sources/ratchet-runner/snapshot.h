/// A copy of what a call left behind, in memory that no child has.
#pragma once

#include "conductor.h"

struct snapshot {
  uint8_t *bytes;
  size_t size;
};

struct difference {
  size_t region;  // index among the image's regions; the number of all of them for globals
  int64_t offset;
  uint8_t expected, found;
};

/// The bytes of the published globals of `child`.
size_t published_size(const struct child *child);

/// Copies the writable regions of `image` and the globals that `child` published.
bool snapshot_take(
  struct snapshot *snapshot, const struct conductor *conductor, const struct image *image,
  const struct child *child, size_t slot);

/// The first difference between a snapshot and what is there now; false when there is none.
bool snapshot_differs(
  const struct snapshot *snapshot, const struct conductor *conductor, const struct image *image,
  const struct child *child, size_t slot, struct difference *difference);

void snapshot_free(struct snapshot *snapshot);

/// Writes regions and globals to the result, as result.c describes.
void write_outputs(
  struct conductor *conductor, const struct image *image, const struct child *child, size_t slot);

/// Puts a snapshot back where outputs stand. Only once no child runs any more.
void snapshot_restore(
  const struct snapshot *snapshot, const struct conductor *conductor, const struct image *image,
  const struct child *child, size_t slot);
