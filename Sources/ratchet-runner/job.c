// The job format, version 3.
//
// All numbers are 64-bit little-endian words; a byte string is its length followed by its bytes,
// padded with zeros to a multiple of eight. Nothing is optional and nothing may follow the end.
//
//     word    magic, the bytes "RATCHET3"
//     word    mode: 0 examine, 1 time
//     word    flags, see job.h
//     word    seed of everything random
//     word    wall limit of the job, in nanoseconds
//     word    limit of one call (examine) or batch (time), in nanoseconds
//     word    bytes of memory that a child may map beyond its images
//     word    time: nanoseconds of timed pairs          (0 in examine)
//     word    time: most pairs                          (0 in examine)
//     word    time: calls per batch, 0 to choose        (0 in examine)
//     word    time: outputs are checked every so many pairs
//     word    time: thousandths of the other's time beyond which an object loses a pair; pairs end early
//             when it has lost the first dozen; 0 for never
//     word    nanoseconds of processor time that all threads of one object may use together; 0 for the
//             wall limit and two seconds of each thread; whole seconds are counted
//     word    threads that an object may have, its first one among them; 1 to 256
//     word    number of objects, 1 in examine, 2 in time (original, candidate)
//             for each: string path
//     word    number of images; in time they are replicas that the calls of a batch go through
//             for each:
//               word number of regions, for each:
//                 word size, word placement, word offset, word writable (0 or 1),
//                 string contents: `size` bytes, or the empty string for zeros
//               word number of arguments, for each: string value
//               word number of patches, for each:
//                 word space (0 region, 1 argument, 2 global), word index in that space,
//                 word offset, word target region, word target offset
//               word number of globals given a value, for each:
//                 word index in the object's table, string value
//               word size of the result
//               word where the image stands, word bytes kept for it there; 0 and 0 to stand behind
//               the image before it
//
// A patch writes the address of `target offset` inside `target region` over eight bytes. An
// unknown magic is refused: the format changes only together with its magic.

#include "job.h"

#include <stdlib.h>
#include <string.h>

struct cursor {
  const uint8_t *at;
  size_t left;
  const char *problem;
};

static void fail(struct cursor *cursor, const char *problem) {
  if (cursor->problem == NULL) cursor->problem = problem;
  cursor->left = 0;
}

static uint64_t word(struct cursor *cursor) {
  if (cursor->left < 8) {
    fail(cursor, "the job ends too early");
    return 0;
  }
  uint64_t value;
  memcpy(&value, cursor->at, 8);
  cursor->at += 8;
  cursor->left -= 8;
  return value;
}

static const uint8_t *string(struct cursor *cursor, uint64_t *length) {
  *length = word(cursor);
  uint64_t padded = (*length + 7) & ~7ull;
  if (padded < *length || padded > cursor->left) {
    fail(cursor, "a string of the job is longer than the job");
    *length = 0;
    return NULL;
  }
  const uint8_t *bytes = cursor->at;
  cursor->at += padded;
  cursor->left -= padded;
  return bytes;
}

// Every element of a list takes at least `smallest` bytes, so a count that lies is found before
// anything is allocated for it.
static size_t count(struct cursor *cursor, size_t smallest) {
  uint64_t value = word(cursor);
  if (value > cursor->left / smallest) {
    fail(cursor, "a list of the job is longer than the job");
    return 0;
  }
  return (size_t)value;
}

static void *list(struct cursor *cursor, size_t elements, size_t size) {
  void *memory = calloc(elements == 0 ? 1 : elements, size);
  if (memory == NULL) fail(cursor, "out of memory");
  return memory;
}

static void read_regions(struct cursor *cursor, struct image *image) {
  size_t regions = count(cursor, 40);
  image->regions = list(cursor, regions + 3, sizeof *image->regions);
  if (image->regions == NULL) return;
  image->region_count = regions;
  for (size_t i = 0; i < regions; i++) {
    struct region *region = &image->regions[i];
    region->size = word(cursor);
    region->placement = (enum placement)word(cursor);
    region->offset = word(cursor);
    region->writable = word(cursor) != 0;
    uint64_t length;
    const uint8_t *contents = string(cursor, &length);
    region->contents = length == 0 ? NULL : contents;
    if (length != 0 && length != region->size) fail(cursor, "a region has too few contents");
    if (region->placement > AT_OFFSET) fail(cursor, "a region has an unknown placement");
    if (region->offset >= 1u << 20) fail(cursor, "a region's offset is a mebibyte or more");
  }
}

static void read_arguments(struct cursor *cursor, struct image *image) {
  size_t arguments = count(cursor, 8);
  image->arguments = list(cursor, arguments, sizeof *image->arguments);
  if (image->arguments == NULL) return;
  image->argument_count = arguments;
  for (size_t i = 0; i < arguments; i++)
    image->arguments[i].bytes = string(cursor, &image->arguments[i].size);
}

static void read_patches(struct cursor *cursor, struct image *image) {
  size_t patches = count(cursor, 40);
  image->patches = list(cursor, patches, sizeof *image->patches);
  if (image->patches == NULL) return;
  image->patch_count = patches;
  for (size_t i = 0; i < patches; i++) {
    struct patch *patch = &image->patches[i];
    patch->space = (enum patch_space)word(cursor);
    patch->index = word(cursor);
    patch->offset = word(cursor);
    patch->target_region = word(cursor);
    patch->target_offset = word(cursor);
    if (patch->space > PATCH_GLOBAL) fail(cursor, "a patch has an unknown space");
  }
}

static void read_image(struct cursor *cursor, struct image *image) {
  read_regions(cursor, image);
  read_arguments(cursor, image);
  read_patches(cursor, image);
  size_t globals = count(cursor, 16);
  image->globals = list(cursor, globals, sizeof *image->globals);
  if (image->globals == NULL) return;
  image->global_count = globals;
  for (size_t i = 0; i < globals; i++) {
    image->globals[i].index = word(cursor);
    image->globals[i].bytes = string(cursor, &image->globals[i].size);
  }
  image->result_size = word(cursor);
  if (image->result_size > 1u << 20) fail(cursor, "a result is larger than a mebibyte");
  image->stands_at = word(cursor);
  image->kept_bytes = word(cursor);
}

static void read_objects(struct cursor *cursor, struct job *job) {
  size_t objects = count(cursor, 8);
  if (objects != (job->mode == JOB_TIME ? 2 : 1)) {
    fail(cursor, "the number of objects does not fit the mode");
    return;
  }
  job->objects = list(cursor, objects, sizeof *job->objects);
  if (job->objects == NULL) return;
  job->object_count = objects;
  for (size_t i = 0; i < objects; i++) {
    uint64_t length;
    const uint8_t *path = string(cursor, &length);
    char *copy = path == NULL ? NULL : strndup((const char *)path, length);
    if (copy == NULL) fail(cursor, "an object has no path");
    job->objects[i] = copy;
  }
}

const char *job_read(const uint8_t *bytes, size_t size, struct job *job) {
  struct cursor cursor = {bytes, size, NULL};
  memset(job, 0, sizeof *job);
  uint64_t magic = word(&cursor);
  if (memcmp(&magic, "RATCHET3", 8) != 0) return "not a job of version 3";
  uint64_t mode = word(&cursor);
  if (mode > JOB_TIME) return "the job has an unknown mode";
  job->mode = (enum job_mode)mode;
  uint64_t flags = word(&cursor);
  job->flags = flags & 0xffffffff;
  job->layers_off = (uint32_t)(flags >> 32);
  job->seed = word(&cursor);
  job->wall_limit = word(&cursor);
  job->call_limit = word(&cursor);
  job->memory_limit = word(&cursor);
  job->timing_limit = word(&cursor);
  job->pair_limit = word(&cursor);
  job->calls_per_batch = word(&cursor);
  job->check_every = word(&cursor);
  job->loss = word(&cursor);
  job->processor_limit = word(&cursor);
  job->threads = word(&cursor);
  if (job->threads < 1 || job->threads > MOST_THREADS)
    fail(&cursor, "the job asks for no thread or for too many");
  read_objects(&cursor, job);
  size_t images = count(&cursor, 40);
  job->images = list(&cursor, images, sizeof *job->images);
  if (cursor.problem != NULL) return cursor.problem;
  job->image_count = images;
  for (size_t i = 0; i < images && cursor.problem == NULL; i++)
    read_image(&cursor, &job->images[i]);
  if (cursor.problem == NULL && cursor.left != 0) fail(&cursor, "bytes follow the job's end");
  if (cursor.problem == NULL && job->mode == JOB_TIME && images == 0)
    fail(&cursor, "nothing to time: the job has no image");
  return cursor.problem;
}
