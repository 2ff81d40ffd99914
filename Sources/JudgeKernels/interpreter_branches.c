#include "interpreter_internal.h"

#include <stdlib.h>

static int reserve(void **list, size_t *capacity, size_t count, size_t size) {
  if (count < *capacity) return 1;
  size_t grown_capacity = *capacity * 2 + 64;
  void *grown = realloc(*list, grown_capacity * size);
  if (!grown) return 0;
  *list = grown;
  *capacity = grown_capacity;
  return 1;
}

int rk_log(struct rk_machine *m, struct rk_log_entry entry) {
  if (!reserve((void **)&m->log, &m->log_capacity, m->log_count, sizeof entry)) return 0;
  m->log[m->log_count++] = entry;
  return 1;
}

uint32_t rk_guard(struct rk_machine *m, uint32_t outer, uint32_t condition, int negated) {
  uint32_t inner = rk_negated(m->graph, condition);
  if (inner) {
    condition = inner;
    negated = !negated;
  }
  return rk_intern(m->graph, RK_NODE_GUARD, 1, (unsigned)negated, outer, condition, 0);
}

int rk_enter(struct rk_machine *m, uint32_t condition, uint32_t start, uint32_t middle, uint32_t end)
{
  if (!reserve((void **)&m->frames, &m->frame_capacity, m->frame_count, sizeof *m->frames))
    return 0;
  m->frames[m->frame_count++] = (struct rk_frame){
    .condition = condition, .outer_guard = m->guard, .start = start, .middle = middle, .end = end,
    .side = m->next_side++, .log_start = m->log_count, .then_start = m->kept_count,
  };
  m->guard = rk_guard(m, m->guard, condition, 0);
  return 1;
}

int rk_decided(const struct rk_machine *m, uint32_t condition) {
  for (size_t i = 0; i < m->frame_count; i++) {
    const struct rk_frame *frame = &m->frames[i];
    if (frame->condition == condition) return !frame->in_else;
    if (rk_negated(m->graph, frame->condition) == condition) return frame->in_else;
  }
  if (rk_set_has(&m->assumed, (uint64_t)condition << 1 | 1)) return 1;
  if (rk_set_has(&m->assumed, (uint64_t)condition << 1)) return 0;
  return -1;
}

static struct rk_value current(struct rk_machine *m, const struct rk_log_entry *entry) {
  if (entry->object == RK_REGISTER) return m->registers[entry->offset];
  return rk_machine_peek(m, entry->object, entry->offset, entry->width);
}

static void restore(struct rk_machine *m, const struct rk_log_entry *entry) {
  if (entry->object == RK_REGISTER) {
    m->registers[entry->offset] = entry->value;
    m->register_stamps[entry->offset] = 0;
    return;
  }
  struct rk_object_state *o = &m->objects[entry->object];
  rk_put_cell(m, o, entry->offset, entry->width, entry->value);
}

/// The first side has ended: keeps what it wrote and takes it back.
void rk_switch_side(struct rk_machine *m) {
  struct rk_frame *frame = &m->frames[m->frame_count - 1];
  size_t order = 0;
  while (m->log_count > frame->log_start) {
    struct rk_log_entry entry = m->log[--m->log_count], kept = entry;
    kept.value = current(m, &entry);
    kept.order = order++;
    restore(m, &entry);
    if (!reserve((void **)&m->kept, &m->kept_capacity, m->kept_count, sizeof kept)) {
      m->graph->exhausted = 1;
      return;
    }
    m->kept[m->kept_count++] = kept;
  }
  frame->then_count = m->kept_count - frame->then_start;
  frame->in_else = 1;
  frame->side = m->next_side++;
  m->guard = rk_guard(m, frame->outer_guard, frame->condition, 1);
}

static int by_place(const void *left, const void *right) {
  const struct rk_log_entry *a = left, *b = right;
  if (a->object != b->object) return a->object < b->object ? -1 : 1;
  if (a->offset != b->offset) return a->offset < b->offset ? -1 : 1;
  if (a->width != b->width) return a->width < b->width ? -1 : 1;
  return a->order < b->order ? -1 : a->order > b->order;
}

static int same_place(const struct rk_log_entry *a, const struct rk_log_entry *b) {
  return a->object == b->object && a->offset == b->offset && a->width == b->width;
}

/// Stores what a place holds behind the branch.
static enum rk_status settle(
  struct rk_machine *m, const struct rk_program *program, uint32_t condition,
  const struct rk_log_entry *place, struct rk_value first, struct rk_value second)
{
  int is_register = place->object == RK_REGISTER;
  struct rk_value merged = second;
  if (first.node != second.node || (!first.node && first.bits != second.bits)) {
    if (first.node == RK_UNSET || second.node == RK_UNSET) {
      // Whoever reads it reads what one of the sides left unset.
      merged = (struct rk_value){0, RK_UNSET};
    } else if (is_register) {
      enum rk_type type =
        (enum rk_type)program->variable_types[place->offset - program->constant_count];
      uint32_t a = rk_node_of(m->graph, first, type), b = rk_node_of(m->graph, second, type);
      merged = rk_value_of(m->graph, rk_choice(m->graph, condition, a, b), type);
    } else {
      unsigned width = 8 * place->width;
      uint32_t a = first.node ? first.node : rk_constant(m->graph, first.bits, width);
      uint32_t b = second.node ? second.node : rk_constant(m->graph, second.bits, width);
      uint32_t node = rk_choice(m->graph, condition, a, b);
      merged = rk_op(m->graph, node) == RK_NODE_CONSTANT
                 ? (struct rk_value){rk_constant_bits(m->graph, node), 0}
                 : (struct rk_value){0, node};
    }
  }
  if (!is_register)
    return rk_write_cell(m, place->object, place->offset, place->width, merged);
  if (m->frame_count) {
    uint32_t side = m->frames[m->frame_count - 1].side;
    if (m->register_stamps[place->offset] != side) {
      m->register_stamps[place->offset] = side;
      struct rk_log_entry entry = {RK_REGISTER, 0, place->offset, m->registers[place->offset], 0};
      if (!rk_log(m, entry)) return RK_OUT_OF_MEMORY;
    }
  }
  m->registers[place->offset] = merged;
  return RK_RUNNING;
}

/// The first entry of a sorted list for a place; `count` when there is none.
static size_t find(
  const struct rk_log_entry *list, size_t count, const struct rk_log_entry *place)
{
  struct rk_log_entry key = *place;
  key.order = 0;
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (by_place(&list[middle], &key) < 0) low = middle + 1;
    else high = middle;
  }
  return low < count && same_place(&list[low], place) ? low : count;
}

/// Both sides have ended: every place that one of them wrote becomes a choice.
///
/// A place may stand in a log twice, when an inner branch wrote it in between; the entry that comes
/// first in the sorted list has its last value.
enum rk_status rk_merge(struct rk_machine *m, const struct rk_program *program) {
  struct rk_frame frame = m->frames[m->frame_count - 1];
  size_t count = m->log_count - frame.log_start;
  struct rk_log_entry *second = malloc((count + 1) * sizeof *second);
  if (!second) return RK_OUT_OF_MEMORY;
  for (size_t i = count; i-- > 0;) {
    struct rk_log_entry entry = m->log[frame.log_start + i];
    second[i] = entry;
    second[i].value = current(m, &entry);
    second[i].order = count - 1 - i;
    restore(m, &entry);
  }
  m->log_count = frame.log_start;
  m->frame_count--;
  m->guard = frame.outer_guard;
  struct rk_log_entry *first = m->kept + frame.then_start;
  qsort(first, frame.then_count, sizeof *first, by_place);
  qsort(second, count, sizeof *second, by_place);
  enum rk_status status = RK_RUNNING;
  for (size_t i = 0; i < count && status == RK_RUNNING; i++) {
    if (i > 0 && same_place(&second[i - 1], &second[i])) continue;
    size_t both = find(first, frame.then_count, &second[i]);
    struct rk_value value =
      both < frame.then_count ? first[both].value : current(m, &second[i]);
    status = settle(m, program, frame.condition, &second[i], value, second[i].value);
  }
  for (size_t i = 0; i < frame.then_count && status == RK_RUNNING; i++) {
    if (i > 0 && same_place(&first[i - 1], &first[i])) continue;
    if (find(second, count, &first[i]) < count) continue;
    struct rk_value now = current(m, &first[i]);
    status = settle(m, program, frame.condition, &first[i], first[i].value, now);
  }
  m->kept_count = frame.then_start;
  free(second);
  return status;
}
