#include "interpreter_internal.h"

/// Whether the call has stored to the byte already, whenever it comes here: what it loads is its own.
static int has_stored(const struct rk_machine *m, size_t object, uint64_t offset) {
  if (m->objects[object].flags[offset] & RK_ACCESS_STORED) return 1;
  if (!m->guard) return 0;
  uint32_t access = rk_intern(
    m->graph, RK_NODE_ACCESS, 8, RK_ACCESS_STORED, (uint32_t)object, (uint32_t)offset, 0);
  for (uint32_t guard = m->guard; guard; guard = m->graph->nodes[guard].a)
    if (rk_set_has(&m->demands, (uint64_t)guard << 32 | access)) return 1;
  return 0;
}

/// Notes that bytes of an input are read or stored to.
void rk_touch(struct rk_machine *m, size_t object, uint64_t offset, uint64_t count, int kind) {
  struct rk_object_state *o = &m->objects[object];
  if (o->kind != RK_INPUT) return;
  for (uint64_t k = 0; k < count; k++) {
    if (o->flags[offset + k] & kind) continue;
    if (kind == RK_ACCESS_READ && has_stored(m, object, offset + k)) continue;
    if (!m->guard) {
      o->flags[offset + k] |= (uint8_t)kind;
      continue;
    }
    uint32_t access = rk_intern(
      m->graph, RK_NODE_ACCESS, 8, (unsigned)kind, (uint32_t)object, (uint32_t)(offset + k), 0);
    uint32_t guard = m->guard;
    rk_set_add(&m->demands, (uint64_t)guard << 32 | access);
    // Under a condition and its opposite is under none.
    while (guard) {
      struct rk_node node = m->graph->nodes[guard];
      unsigned opposite = !rk_extra(m->graph, guard);
      uint32_t sibling = rk_intern(m->graph, RK_NODE_GUARD, 1, opposite, node.a, node.b, 0);
      if (!rk_set_has(&m->demands, (uint64_t)sibling << 32 | access)) break;
      guard = node.a;
      if (!guard) o->flags[offset + k] |= (uint8_t)kind;
      else rk_set_add(&m->demands, (uint64_t)guard << 32 | access);
    }
  }
}

int rk_is_as_given(const struct rk_machine *m, uint64_t address, unsigned width) {
  size_t object = (size_t)(address >> RK_ADDRESS_SHIFT) - 1;
  if (object >= m->object_count || m->objects[object].kind != RK_INPUT) return 0;
  for (unsigned k = 0; k < width; k++)
    if (has_stored(m, object, address - m->objects[object].base + k)) return 0;
  return 1;
}
