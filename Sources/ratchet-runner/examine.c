#include "examine.h"

#include <string.h>

#include "clock.h"
#include "snapshot.h"

static void write_accesses(struct conductor *conductor, const struct image *image) {
  struct result *result = conductor->result;
  if (!(conductor->job->flags & JOB_AUDIT)) {
    result_string(result, NULL, 0);
    return;
  }
  size_t size = 0;
  for (size_t i = 0; i < image->region_count; i++) size += image->regions[i].size;
  result_word(result, size);
  for (size_t i = 0; i < image->region_count; i++)
    result_bytes(
      result, image->regions[i].data + conductor->arena.to_shadow, image->regions[i].size);
  result_padding(result, size);
}

static void write_global_accesses(struct conductor *conductor, const struct child *child) {
  struct result *result = conductor->result;
  if (!(conductor->job->flags & JOB_AUDIT) || published_size(child) == 0) {
    result_string(result, NULL, 0);
    return;
  }
  size_t size = 0;
  uint64_t count = child->control->global_count;
  for (uint64_t i = 0; i < count; i++) size += child->control->globals[i].size;
  result_word(result, size);
  const uint8_t *shadow = conductor->arena.global_shadow;
  for (uint64_t i = 0; i < count; i++) {
    uint64_t each = child->control->globals[i].size;
    result_bytes(result, shadow, each);
    shadow += (each + 15) & ~15ull;
  }
  result_padding(result, size);
}

static void write_place(struct result *result, bool found, size_t region, int64_t offset) {
  result_word(result, found);
  if (!found) return;
  result_word(result, region);
  result_word(result, (uint64_t)offset);
}

struct second_call {
  enum wait_result waited;
  bool differs;
  struct difference difference;
};

// The outputs of the first call are written before the second one overwrites them.
static struct second_call call_again(
  struct conductor *conductor, struct child *child, size_t index, const struct snapshot *first) {
  struct image *image = &conductor->job->images[index];
  struct batch batch = {(uint32_t)index, 1, 1, BATCH_RESTORE | BATCH_PUBLISH};
  struct second_call second = {.waited = child_run(conductor, child, &batch)};
  second.differs = second.waited != WAIT_REACHED
    || snapshot_differs(first, conductor, image, child, 0, &second.difference);
  return second;
}

static void write_second_call(
  struct conductor *conductor, struct child *child, size_t index) {
  struct image *image = &conductor->job->images[index];
  struct snapshot first = {0};
  if (!(conductor->job->flags & JOB_TWICE)
      || !snapshot_take(&first, conductor, image, child, 0)) {
    write_place(conductor->result, false, 0, 0);
    return;
  }
  struct second_call second = call_again(conductor, child, index, &first);
  write_place(
    conductor->result, second.differs, second.difference.region, second.difference.offset);
  if (second.waited != WAIT_REACHED) child_end(child);
  snapshot_free(&first);
}

static void write_returned(
  struct conductor *conductor, struct child *child, size_t index, uint64_t nanoseconds) {
  struct image *image = &conductor->job->images[index];
  struct result *result = conductor->result;
  result_word(result, nanoseconds);
  write_outputs(conductor, image, child, 0);
  write_accesses(conductor, image);
  write_global_accesses(conductor, child);
  size_t region = 0;
  int64_t offset = 0;
  bool damaged = arena_damage(&conductor->arena, image, &region, &offset);
  write_place(result, damaged, region, offset);
  result_word(result, child->control->strays);
  write_second_call(conductor, child, index);
}

static void clear_global_shadow(struct conductor *conductor, const struct child *child) {
  if (conductor->arena.global_shadow != NULL)
    memset(conductor->arena.global_shadow, 0, published_size(child));
}

static void examine_image(struct conductor *conductor, struct child *child, size_t index) {
  struct image *image = &conductor->job->images[index];
  struct outcome outcome;
  if (now() >= conductor->deadline) {
    outcome = (struct outcome){.kind = OUTCOME_OUT_OF_TIME, .region = -1, .check = -1};
    result_outcome(conductor->result, &outcome);
    return;
  }
  enum wait_result waited = WAIT_REACHED;
  if (child->pid == 0) waited = child_start(conductor, child, 0);
  uint64_t started = now();
  if (waited == WAIT_REACHED) {
    clear_global_shadow(conductor, child);
    uint32_t calls = conductor->job->flags & JOB_IN_A_ROW ? 2 : 1;
    struct batch batch = {(uint32_t)index, 1, calls, BATCH_RESTORE | BATCH_PUBLISH};
    waited = child_run(conductor, child, &batch);
  }
  uint64_t nanoseconds = now() - started;
  outcome = outcome_of(conductor, child, waited, image);
  result_outcome(conductor->result, &outcome);
  if (waited == WAIT_REACHED)
    write_returned(conductor, child, index, nanoseconds);
  else
    child_end(child);
}

void examine(struct conductor *conductor) {
  struct child child = {0};
  result_word(conductor->result, conductor->job->image_count);
  for (size_t i = 0; i < conductor->job->image_count; i++) examine_image(conductor, &child, i);
  child_end(&child);
}
