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

/// The operand of a comparison in the width of what is chosen: 0 when it is no extension of such.
static uint32_t narrowed(
  struct rk_graph *g, uint32_t x, unsigned width, enum rk_node_op *extension)
{
  enum rk_node_op op = rk_op(g, x);
  if (rk_width(g, x) == width) return x;
  if (op == RK_NODE_CONSTANT) {
    uint32_t inner = rk_constant(g, rk_constant_bits(g, x), width);
    // Which extension gives the constant back is for the other operand to say.
    if (rk_resize(g, inner, rk_width(g, x), *extension != RK_NODE_ZEXT) == x) return inner;
    return 0;
  }
  if ((op != RK_NODE_SEXT && op != RK_NODE_ZEXT) || rk_width(g, g->nodes[x].a) != width) return 0;
  *extension = op;
  return g->nodes[x].a;
}

static uint64_t order(const struct rk_graph *g, uint32_t x, int is_signed) {
  uint64_t bits = rk_constant_bits(g, x);
  return is_signed ? bits ^ (UINT64_C(1) << (rk_width(g, x) - 1)) : bits;
}

/// The least or greatest of two, flattened: both are associative and commutative. In a list the
/// nodes are sorted; a constant stands behind them.
static uint32_t extreme(struct rk_graph *g, enum rk_node_op op, uint32_t x, uint32_t y) {
  int is_signed = op == RK_NODE_SMIN || op == RK_NODE_SMAX;
  int is_least = op == RK_NODE_SMIN || op == RK_NODE_UMIN;
  uint64_t own[2] = {x, y};
  const uint64_t *lists[2] = {&own[0], &own[1]};
  size_t counts[2] = {1, 1}, i = 0, j = 0, count = 0;
  uint32_t constant = 0;
  for (int k = 0; k < 2; k++) {
    uint32_t n = (uint32_t)own[k];
    if (rk_op(g, n) == op) {
      lists[k] = rk_list(g, n);
      counts[k] = rk_list_count(g, n);
    }
    uint32_t last = (uint32_t)lists[k][counts[k] - 1];
    if (rk_op(g, last) != RK_NODE_CONSTANT) continue;
    counts[k]--;
    int is_better =
      !constant || (order(g, last, is_signed) < order(g, constant, is_signed)) == is_least;
    if (is_better) constant = last;
  }
  uint64_t *out = rk_scratch(g, 0, counts[0] + counts[1] + 1);
  if (!out) return 1;
  while (i < counts[0] || j < counts[1]) {
    uint64_t next =
      j == counts[1] || (i < counts[0] && lists[0][i] <= lists[1][j]) ? lists[0][i++] : lists[1][j++];
    if (count == 0 || out[count - 1] != next) out[count++] = next;
  }
  if (constant) {
    // The end of the type's range decides, or says nothing beside others.
    uint64_t mask = rk_mask(rk_width(g, x)), neutral = is_least ? mask : 0;
    uint64_t place = order(g, constant, is_signed);
    if (place == (neutral ^ mask)) return constant;
    if (place != neutral || count == 0) out[count++] = constant;
  }
  if (count == 1) return (uint32_t)out[0];
  return rk_intern_list(g, op, rk_width(g, x), 0, out, count);
}

/// x < y ? x : y and its like, with comparisons in the width of x or wider.
static uint32_t choice_of_extreme(
  struct rk_graph *g, uint32_t condition, uint32_t x, uint32_t y)
{
  enum rk_node_op op = rk_op(g, condition), extension = RK_NODE_NONE;
  if (op != RK_NODE_SLT && op != RK_NODE_ULT) return 0;
  unsigned width = rk_width(g, x);
  uint32_t a = g->nodes[condition].a, b = g->nodes[condition].b;
  // Twice, so that a constant on the left sees the extension on the right.
  enum rk_node_op first = RK_NODE_NONE, second = RK_NODE_NONE;
  narrowed(g, a, width, &first);
  narrowed(g, b, width, &second);
  extension = first != RK_NODE_NONE ? first : second;
  if (second != RK_NODE_NONE && second != extension) return 0;
  uint32_t p = narrowed(g, a, width, &extension), q = narrowed(g, b, width, &extension);
  if (!p || !q) return 0;
  // Of extended operands the inner order is the extension's; a mixture has neither.
  if ((rk_width(g, a) == width) != (rk_width(g, b) == width)) return 0;
  int is_signed = extension == RK_NODE_NONE ? op == RK_NODE_SLT : extension == RK_NODE_SEXT;
  if (extension == RK_NODE_SEXT && op == RK_NODE_ULT) return 0;
  if (p == x && q == y) return extreme(g, is_signed ? RK_NODE_SMIN : RK_NODE_UMIN, x, y);
  if (p == y && q == x) return extreme(g, is_signed ? RK_NODE_SMAX : RK_NODE_UMAX, x, y);
  return 0;
}

/// The constant x - y when the two sums differ by nothing else.
static int differs_by_constant(
  const struct rk_graph *g, uint32_t x, uint32_t y, uint64_t *difference)
{
  const uint64_t *lists[2];
  uint64_t own[2][3];
  size_t counts[2];
  uint32_t sides[2] = {x, y};
  for (int k = 0; k < 2; k++) {
    if (rk_op(g, sides[k]) == RK_NODE_CONSTANT) return 0;
    if (rk_op(g, sides[k]) == RK_NODE_LINEAR) {
      lists[k] = rk_list(g, sides[k]);
      counts[k] = rk_list_count(g, sides[k]);
    } else {
      own[k][0] = 0;
      own[k][1] = 1;
      own[k][2] = sides[k];
      lists[k] = own[k];
      counts[k] = 3;
    }
  }
  if (counts[0] != counts[1]) return 0;
  for (size_t i = 1; i < counts[0]; i++)
    if (lists[0][i] != lists[1][i]) return 0;
  *difference = lists[0][0] - lists[1][0];
  return 1;
}

/// Terms that both arms add stand outside: c ? s + x : s + y is s + (c ? x : y). 0 when there are none.
static uint32_t choice_of_sums(struct rk_graph *g, uint32_t condition, uint32_t x, uint32_t y) {
  enum { MOST_TERMS = 64 };
  if (rk_is_truth(g, x) || rk_is_truth(g, y)) return 0;
  uint64_t own[2][3] = {{0, 1, x}, {0, 1, y}};
  const uint64_t *lists[2] = {own[0], own[1]};
  size_t counts[2] = {3, 3};
  for (int k = 0; k < 2; k++) {
    uint32_t n = (uint32_t)own[k][2];
    if (rk_op(g, n) == RK_NODE_CONSTANT) return 0;
    if (rk_op(g, n) != RK_NODE_LINEAR) continue;
    lists[k] = rk_list(g, n);
    counts[k] = rk_list_count(g, n);
  }
  unsigned width = rk_width(g, x);
  uint64_t common[2 * MOST_TERMS];
  size_t count = 0;
  for (size_t i = 1, j = 1; i < counts[0] && j < counts[1] && count < 2 * MOST_TERMS;) {
    if (lists[0][i + 1] == lists[1][j + 1] && lists[0][i] == lists[1][j]) {
      common[count++] = lists[0][i];
      common[count++] = lists[0][i + 1];
    }
    int first = lists[0][i + 1] <= lists[1][j + 1], second = lists[0][i + 1] >= lists[1][j + 1];
    i += first ? 2 : 0;
    j += second ? 2 : 0;
  }
  if (count == 0) return 0;
  uint32_t sum = rk_constant(g, 0, width);
  for (size_t i = 0; i < count; i += 2)
    sum = rk_linear(g, width, sum, (uint32_t)common[i + 1], common[i]);
  x = rk_linear(g, width, x, sum, UINT64_MAX);
  y = rk_linear(g, width, y, sum, UINT64_MAX);
  return rk_linear(g, width, sum, rk_choice(g, condition, x, y), 1);
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
  uint32_t best = choice_of_extreme(g, condition, x, y);
  if (best) return best;
  // c ? y + d : y is y + d * c.
  uint64_t difference;
  if (differs_by_constant(g, x, y, &difference))
    return rk_linear(g, width, y, rk_resize(g, condition, width, 0), difference);
  uint32_t sum = choice_of_sums(g, condition, x, y);
  if (sum) return sum;
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
