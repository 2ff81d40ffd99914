#include "symbolic_rules.h"

int rk_is_truth(const struct rk_graph *g, uint32_t x) {
  return rk_width(g, x) == 32 && g->low[x] >= 0 && g->high[x] <= 1;
}

uint32_t rk_negation(struct rk_graph *g, uint32_t x) {
  return rk_linear(g, 32, rk_constant(g, 1, 32), x, UINT64_MAX);
}

uint32_t rk_negated(const struct rk_graph *g, uint32_t x) {
  if (rk_op(g, x) != RK_NODE_LINEAR || rk_width(g, x) != 32 || rk_list_count(g, x) != 3) return 0;
  const uint64_t *list = rk_list(g, x);
  if (list[0] != 1 || list[1] != UINT32_MAX || !rk_is_truth(g, (uint32_t)list[2])) return 0;
  return (uint32_t)list[2];
}

uint32_t rk_is_zero(struct rk_graph *g, uint32_t x) {
  unsigned width = rk_width(g, x);
  switch (rk_op(g, x)) {
    case RK_NODE_CONSTANT: return rk_constant(g, rk_constant_bits(g, x) == 0, 32);
    case RK_NODE_ZEXT: case RK_NODE_SEXT: return rk_is_zero(g, g->nodes[x].a);
    case RK_NODE_LINEAR: {
      if (rk_is_truth(g, x)) break;
      // x and -x are zero together: the one whose first coefficient is smaller stands for both.
      uint32_t opposite = rk_linear(g, width, rk_constant(g, 0, width), x, UINT64_MAX);
      uint64_t first = rk_list(g, x)[1];
      if (rk_is_truth(g, opposite) || ((0 - first) & rk_mask(width)) < first) x = opposite;
      break;
    }
    default: break;
  }
  if (rk_is_truth(g, x)) return rk_negation(g, x);
  if (g->low[x] > 0 || g->high[x] < 0) return rk_constant(g, 0, 32);
  return rk_intern(g, RK_NODE_ZERO, 32, width, x, 0, 0);
}

uint32_t rk_less(struct rk_graph *g, uint32_t x, uint32_t y, int is_signed) {
  unsigned width = rk_width(g, x);
  if (x == y) return rk_constant(g, 0, 32);
  if (!is_signed && g->low[x] >= 0 && g->low[y] >= 0) is_signed = 1;
  if (is_signed) {
    if (g->high[x] < g->low[y]) return rk_constant(g, 1, 32);
    if (g->low[x] >= g->high[y]) return rk_constant(g, 0, 32);
  } else {
    if (rk_op(g, x) == RK_NODE_CONSTANT && rk_op(g, y) == RK_NODE_CONSTANT)
      return rk_constant(g, rk_constant_bits(g, x) < rk_constant_bits(g, y), 32);
    if (rk_op(g, y) == RK_NODE_CONSTANT && rk_constant_bits(g, y) == 0)
      return rk_constant(g, 0, 32);
  }
  return rk_intern(g, is_signed ? RK_NODE_SLT : RK_NODE_ULT, 32, width, x, y, 0);
}

uint32_t rk_choice(struct rk_graph *g, uint32_t condition, uint32_t x, uint32_t y) {
  if (x == y) return x;
  if (rk_op(g, condition) == RK_NODE_CONSTANT) return rk_constant_bits(g, condition) ? x : y;
  uint32_t negated = rk_negated(g, condition);
  if (negated) {
    uint32_t t = x;
    x = y;
    y = t;
    condition = negated;
  }
  // An arm that asks the same again has its answer.
  if (rk_op(g, x) == RK_NODE_CHOICE && g->nodes[x].a == condition) x = g->nodes[x].b;
  if (rk_op(g, y) == RK_NODE_CHOICE && g->nodes[y].a == condition) y = g->nodes[y].c;
  if (x == y) return x;
  unsigned width = rk_width(g, x);
  if (rk_op(g, x) == RK_NODE_CONSTANT && rk_op(g, y) == RK_NODE_CONSTANT) {
    uint64_t a = rk_constant_bits(g, x), b = rk_constant_bits(g, y);
    if (a == 1 && b == 0) return rk_resize(g, condition, width, 0);
    if (a == 0 && b == 1) return rk_resize(g, rk_negation(g, condition), width, 0);
  }
  return rk_intern(g, RK_NODE_CHOICE, width, 0, condition, x, y);
}

uint32_t rk_byte(struct rk_graph *g, uint32_t x, unsigned index) {
  if (rk_width(g, x) == 8) return x;
  if (rk_op(g, x) == RK_NODE_CONSTANT) return rk_constant(g, rk_constant_bits(g, x) >> 8 * index, 8);
  if (rk_op(g, x) == RK_NODE_BYTES) return (uint32_t)rk_list(g, x)[index];
  if (rk_op(g, x) == RK_NODE_CHOICE) {
    struct rk_node node = g->nodes[x];
    uint32_t first = rk_byte(g, node.b, index);
    return rk_choice(g, node.a, first, rk_byte(g, node.c, index));
  }
  return rk_intern(g, RK_NODE_BYTE, 8, 0, x, index, 0);
}

uint32_t rk_join_bytes(struct rk_graph *g, const uint32_t *bytes, unsigned count) {
  if (count == 1) return bytes[0];
  uint64_t constant = 0;
  int is_constant = 1, is_whole = 1;
  uint32_t whole = rk_op(g, bytes[0]) == RK_NODE_BYTE ? g->nodes[bytes[0]].a : 0;
  uint64_t list[8];
  for (unsigned i = 0; i < count; i++) {
    list[i] = bytes[i];
    if (rk_op(g, bytes[i]) == RK_NODE_CONSTANT) {
      constant |= rk_constant_bits(g, bytes[i]) << 8 * i;
    } else {
      is_constant = 0;
    }
    is_whole = is_whole && rk_op(g, bytes[i]) == RK_NODE_BYTE && g->nodes[bytes[i]].a == whole
               && g->nodes[bytes[i]].b == i;
  }
  if (is_constant) return rk_constant(g, constant, 8 * count);
  if (is_whole && rk_width(g, whole) == 8 * count) return whole;
  // Bytes of two values under one condition.
  uint32_t condition = rk_op(g, bytes[0]) == RK_NODE_CHOICE ? g->nodes[bytes[0]].a : 0;
  uint32_t arms[2][8];
  for (unsigned i = 0; i < count && condition; i++) {
    if (rk_op(g, bytes[i]) != RK_NODE_CHOICE || g->nodes[bytes[i]].a != condition) {
      condition = 0;
    } else {
      arms[0][i] = g->nodes[bytes[i]].b;
      arms[1][i] = g->nodes[bytes[i]].c;
    }
  }
  if (condition) {
    uint32_t first = rk_join_bytes(g, arms[0], count);
    return rk_choice(g, condition, first, rk_join_bytes(g, arms[1], count));
  }
  return rk_intern_list(g, RK_NODE_BYTES, 8 * count, 0, list, count);
}
