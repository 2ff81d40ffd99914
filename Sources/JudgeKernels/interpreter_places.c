#include "interpreter_internal.h"

/// Addresses that depend on data: a load is a chain of choices among the cells that the address may
/// name, and a store makes each of them a choice. That the address names one of them is a demand.

enum { MOST_CELLS = 4096, ADDRESS_BITS = 36 };

struct places {
  size_t object;
  /// The addresses first, first + step, …
  uint64_t first, step, count;
  uint32_t node;
};

static uint64_t common_divisor(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// The multiples by which a sum moves: by the numbers themselves where it cannot wrap, else by their
/// power of two.
static uint64_t step_of(const struct rk_graph *g, uint32_t node, int wraps) {
  const uint64_t *list = rk_list(g, node);
  uint64_t step = 0;
  for (size_t i = 1; i < rk_list_count(g, node); i += 2) {
    int64_t coefficient = (int64_t)list[i];
    step = common_divisor(step, coefficient < 0 ? 0 - (uint64_t)coefficient : (uint64_t)coefficient);
  }
  return wraps ? step & (0 - step) : step;
}

static enum rk_status find_places(
  struct rk_machine *m, uint32_t node, int64_t displacement, unsigned width, struct places *places)
{
  struct rk_graph *g = m->graph;
  node = rk_linear(g, 64, node, rk_constant(g, (uint64_t)displacement, 64), 1);
  if (rk_op(g, node) == RK_NODE_CHOICE) m->fork = g->nodes[node].a;
  if (rk_op(g, node) != RK_NODE_LINEAR) return RK_DATA_ADDRESS;
  uint64_t constant = rk_list(g, node)[0];
  size_t object = (size_t)(constant >> ADDRESS_BITS) - 1;
  if (object >= m->object_count || !m->objects[object].is_alive) return RK_DATA_ADDRESS;
  const struct rk_object_state *o = &m->objects[object];
  uint64_t base = o->base, stray = UINT64_C(1) << 24;
  if (constant + stray < base || constant > base + o->size + stray || o->size < width)
    return RK_DATA_ADDRESS;
  int64_t low = g->low[node], high = g->high[node];
  int wraps = low == INT64_MIN && high == INT64_MAX;
  uint64_t step = step_of(g, node, wraps), last = base + o->size - width, first = base;
  if (step == 0 || step % width) return RK_DATA_ADDRESS;
  int is_inside = !wraps && low >= (int64_t)base && high <= (int64_t)last;
  if (!wraps && low > (int64_t)first) first = (uint64_t)low;
  if (!wraps && high < (int64_t)last) last = high < 0 ? 0 : (uint64_t)high;
  // The first address at or after `first` that the sum can reach.
  uint64_t phase = (constant - first) % step;
  if (constant < first) phase = (step - (first - constant) % step) % step;
  first += phase;
  if (first % width) return RK_DATA_ADDRESS;
  if (first > last) return RK_OUT_OF_BOUNDS;
  *places = (struct places){object, first, step, (last - first) / step + 1, node};
  if (places->count > MOST_CELLS) return RK_DATA_ADDRESS;
  if (!is_inside) {
    uint32_t offset = rk_linear(g, 64, node, rk_constant(g, base, 64), UINT64_MAX);
    rk_demand_of(
      m, RK_DEMAND_PLACE, 64, offset, rk_constant(g, o->size - width, 64));
  }
  return RK_RUNNING;
}

static uint32_t is_at(struct rk_machine *m, const struct places *places, uint64_t k) {
  uint32_t address = rk_constant(m->graph, places->first + k * places->step, 64);
  return rk_is_zero(m->graph, rk_linear(m->graph, 64, places->node, address, UINT64_MAX));
}

/// Notes that the cell is touched where the address is its own.
static void touch_at(
  struct rk_machine *m, const struct places *places, uint64_t k, uint32_t condition, unsigned width,
  int kind)
{
  const struct rk_object_state *o = &m->objects[places->object];
  if (o->kind != RK_INPUT) return;
  uint32_t outer = m->guard;
  if (places->count > 1) m->guard = rk_guard(m, outer, condition, 0);
  rk_touch(m, places->object, places->first + k * places->step - o->base, width, kind);
  m->guard = outer;
}

enum rk_status rk_load_somewhere(
  struct rk_machine *m, uint32_t address, int64_t displacement, enum rk_type type,
  struct rk_value *value)
{
  unsigned width = rk_type_width(type) / 8;
  struct places places;
  enum rk_status status = find_places(m, address, displacement, width, &places);
  if (status != RK_RUNNING) return status;
  uint64_t base = m->objects[places.object].base;
  uint32_t all = 0;
  for (uint64_t k = places.count; k-- > 0;) {
    uint32_t condition = is_at(m, &places, k);
    touch_at(m, &places, k, condition, width, RK_ACCESS_READ);
    uint64_t offset = places.first + k * places.step - base;
    struct rk_value cell = rk_machine_peek(m, places.object, offset, width);
    if (cell.node == RK_UNSET) return RK_UNSET_READ;
    uint32_t node = cell.node ? cell.node : rk_constant(m->graph, cell.bits, 8 * width);
    all = all ? rk_choice(m->graph, condition, node, all) : node;
  }
  *value = rk_value_of(m->graph, all, type);
  return RK_RUNNING;
}

enum rk_status rk_store_somewhere(
  struct rk_machine *m, uint32_t address, int64_t displacement, enum rk_type type,
  struct rk_value value)
{
  unsigned width = rk_type_width(type) / 8;
  struct places places;
  enum rk_status status = find_places(m, address, displacement, width, &places);
  if (status != RK_RUNNING) return status;
  if (m->objects[places.object].kind == RK_CONSTANT_OBJECT) return RK_STORE_TO_CONSTANT;
  uint64_t base = m->objects[places.object].base;
  uint32_t stored = rk_node_of(m->graph, value, type);
  for (uint64_t k = 0; k < places.count && status == RK_RUNNING; k++) {
    uint32_t condition = is_at(m, &places, k);
    touch_at(m, &places, k, condition, width, RK_ACCESS_STORED);
    uint64_t offset = places.first + k * places.step - base;
    struct rk_value old = rk_machine_peek(m, places.object, offset, width);
    uint32_t node = stored;
    if (places.count > 1) {
      // A cell that is left as it was has nothing to read yet.
      if (old.node == RK_UNSET) continue;
      uint32_t before = old.node ? old.node : rk_constant(m->graph, old.bits, 8 * width);
      node = rk_choice(m->graph, condition, stored, before);
    }
    status = rk_write_cell(
      m, (uint32_t)places.object, offset, width, rk_value_of(m->graph, node, type));
  }
  return status;
}
