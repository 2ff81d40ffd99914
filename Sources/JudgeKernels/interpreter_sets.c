#include "interpreter_internal.h"

#include <stdlib.h>

static size_t slot(const struct rk_set *set, uint64_t key) {
  uint64_t x = key * 0x9e3779b97f4a7c15ull;
  size_t at = (size_t)(x ^ x >> 32) & set->mask;
  while (set->slots[at] && set->slots[at] != key) at = (at + 1) & set->mask;
  return at;
}

/// Keys are never 0. Returns 0 when there is no memory.
int rk_set_add(struct rk_set *set, uint64_t key) {
  if (set->count * 2 >= set->capacity) {
    size_t capacity = set->capacity ? set->capacity * 2 : 256;
    uint64_t *slots = calloc(capacity, sizeof *slots);
    uint64_t *list = realloc(set->list, capacity * sizeof *list);
    if (list) set->list = list;
    if (!slots || !list) {
      free(slots);
      return 0;
    }
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    set->mask = capacity - 1;
    for (size_t i = 0; i < set->count; i++) set->slots[slot(set, set->list[i])] = set->list[i];
  }
  size_t at = slot(set, key);
  if (set->slots[at]) return 1;
  set->slots[at] = key;
  set->list[set->count++] = key;
  return 1;
}

int rk_set_has(const struct rk_set *set, uint64_t key) {
  return set->count > 0 && set->slots[slot(set, key)] == key;
}

void rk_set_free(struct rk_set *set) {
  free(set->slots);
  free(set->list);
}

void rk_demand_of(
  struct rk_machine *m, enum rk_demand demand, unsigned width, uint32_t a, uint32_t b)
{
  if (demand == RK_DEMAND_SUM || demand == RK_DEMAND_PRODUCT) {
    if (a > b) {
      uint32_t t = a;
      a = b;
      b = t;
    }
  }
  uint32_t node = rk_intern(m->graph, RK_NODE_OBLIGATION, width, demand, a, b, 0);
  if (!rk_set_add(&m->demands, (uint64_t)m->guard << 32 | node)) m->graph->exhausted = 1;
}

void rk_machine_observe(struct rk_machine *m, uint8_t *outcomes) { m->outcomes = outcomes; }

int rk_machine_assume(struct rk_machine *m, uint32_t condition, int truth) {
  return rk_set_add(&m->assumed, (uint64_t)condition << 1 | (truth != 0));
}

/// Whether `m` makes the demand or access under this guard or one that holds more often.
static int makes(const struct rk_machine *m, uint32_t node, uint32_t guard) {
  for (;;) {
    if (rk_set_has(&m->demands, (uint64_t)guard << 32 | node)) return 1;
    if (!guard) break;
    guard = m->graph->nodes[guard].a;
  }
  if (rk_op(m->graph, node) != RK_NODE_ACCESS) return 0;
  struct rk_node access = m->graph->nodes[node];
  return access.a < m->object_count && access.b < m->objects[access.a].size
         && (m->objects[access.a].flags[access.b] & rk_extra(m->graph, node));
}

size_t rk_first_new_demand(
  const struct rk_machine *candidate, const struct rk_machine *original, size_t from,
  uint32_t *node, uint32_t *guard)
{
  for (size_t i = from; i < candidate->demands.count; i++) {
    uint64_t key = candidate->demands.list[i];
    *node = (uint32_t)key;
    *guard = (uint32_t)(key >> 32);
    if (!makes(original, *node, *guard)) return i;
  }
  return SIZE_MAX;
}
