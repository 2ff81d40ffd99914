/// The job that the conductor reads: objects to load, memory images to call them on, and limits.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_THREADS = 256 };

enum job_mode { JOB_EXAMINE = 0, JOB_TIME = 1 };

/// Where a region stands inside its pages.
enum placement {
  FLUSH_END = 0,    // its last byte is the last one before an inaccessible page
  FLUSH_START = 1,  // its first byte is the first one after an inaccessible page
  AT_OFFSET = 2,    // `offset` bytes after an inaccessible page
};

enum job_flags {
  JOB_AUDIT = 1u << 0,          // return the bytes that the object read and stored
  JOB_TWICE = 1u << 1,          // call twice per image and compare
  JOB_WITHOUT_SECCOMP = 1u << 2,  // run even where no system call filter can be had
  JOB_OWN_EXPECTATION = 1u << 3,  // timed outputs are compared with the same object's first
  JOB_RESTORE_ALWAYS = 1u << 4,   // the call modifies its inputs: restore before every batch
  JOB_FIRST_MAY_LOSE = 1u << 5,   // `loss` is of the first object, not of the second
  JOB_IN_A_ROW = 1u << 6,         // examine: two calls before the outputs are read
  // The upper 32 bits are layers of the sandbox to leave out, which tests alone do.
};

struct region {
  uint64_t size;
  enum placement placement;
  uint64_t offset;
  bool writable;
  const uint8_t *contents;  // `size` bytes of the job, or NULL for zeros
  uint8_t *data;            // where the region stands in the arena
  uint8_t *pages;           // its first accessible page
  size_t page_bytes;        // how many accessible bytes follow `pages`
};

struct argument {
  uint64_t size;
  const uint8_t *bytes;
  size_t offset;  // of the value inside the argument region
};

/// The space whose bytes a patch replaces by an address.
enum patch_space { PATCH_REGION = 0, PATCH_ARGUMENT = 1, PATCH_GLOBAL = 2 };

struct patch {
  enum patch_space space;
  uint64_t index;
  uint64_t offset;
  uint64_t target_region;
  uint64_t target_offset;
};

struct global_value {
  uint64_t index;  // in the object's table of globals
  uint64_t size;
  const uint8_t *bytes;
  size_t offset;  // of the value inside the region of global values
};

/// One call's memory. Three regions of the runner's own follow the job's: the arguments, the
/// result, and the values of the globals.
struct image {
  size_t region_count;
  struct region *regions;  // region_count + 3
  size_t argument_count;
  struct argument *arguments;
  size_t patch_count;
  struct patch *patches;
  size_t global_count;
  struct global_value *globals;
  uint64_t result_size;
  uint64_t stands_at;   // bytes from the start of the arena, so that jobs agree on addresses
  uint64_t kept_bytes;  // 0: the image stands behind the one before it
};

static inline struct region *argument_region(const struct image *image) {
  return &image->regions[image->region_count];
}
static inline struct region *result_region(const struct image *image) {
  return &image->regions[image->region_count + 1];
}
static inline struct region *globals_region(const struct image *image) {
  return &image->regions[image->region_count + 2];
}
static inline size_t all_regions(const struct image *image) { return image->region_count + 3; }

struct job {
  enum job_mode mode;
  uint64_t flags;
  uint32_t layers_off;
  uint64_t seed;
  uint64_t wall_limit;    // nanoseconds for the whole job
  uint64_t call_limit;    // nanoseconds for one call or batch
  uint64_t memory_limit;  // bytes that a child may map beyond the images
  uint64_t timing_limit;  // nanoseconds of timed pairs
  uint64_t pair_limit;
  uint64_t calls_per_batch;  // 0: chosen so that a batch lasts 100 microseconds
  uint64_t check_every;
  uint64_t loss;  // thousandths of the other's time; 0: pairs never end early
  uint64_t processor_limit;  // nanoseconds of all threads of one child; 0: the wall limit's and a little of each
  uint64_t threads;  // that an object may have, each with a core; 1: it can start none
  size_t object_count;
  const char **objects;
  size_t image_count;
  struct image *images;
};

/// Reads a whole job from `bytes`, which must outlive it. Returns NULL when it was read, else why
/// it could not be.
const char *job_read(const uint8_t *bytes, size_t size, struct job *job);
