#include "symbolic_rules.h"

#include <string.h>

/// A sum as constant and terms; one node is a sum of itself.
struct sum {
  uint64_t constant;
  const uint64_t *terms;
  size_t count;
  uint64_t own[2];
};

static void view(const struct rk_graph *g, uint32_t x, unsigned width, struct sum *sum) {
  switch (rk_op(g, x)) {
    case RK_NODE_CONSTANT:
      *sum = (struct sum){.constant = rk_constant_bits(g, x)};
      return;
    case RK_NODE_LINEAR:
      if (rk_width(g, x) == width) {
        const uint64_t *list = rk_list(g, x);
        *sum = (struct sum){.constant = list[0], .terms = list + 1};
        sum->count = (rk_list_count(g, x) - 1) / 2;
        return;
      }
      break;
    default: break;
  }
  *sum = (struct sum){.count = 1, .own = {1, x}};
  sum->terms = sum->own;
}

static int is_constant(const struct rk_graph *g, uint32_t x) {
  return rk_op(g, x) == RK_NODE_CONSTANT;
}

/// The node of a list [constant, coefficient, node, …] of `count` words.
static uint32_t finish(struct rk_graph *g, unsigned width, const uint64_t *list, size_t count) {
  if (count == 1) return rk_constant(g, list[0], width);
  if (count == 3 && list[0] == 0 && list[1] == 1) return (uint32_t)list[2];
  return rk_intern_list(g, RK_NODE_LINEAR, width, 0, list, count);
}

uint32_t rk_linear(struct rk_graph *g, unsigned width, uint32_t x, uint32_t y, uint64_t scale) {
  struct sum a, b;
  view(g, x, width, &a);
  view(g, y, width, &b);
  uint64_t mask = rk_mask(width);
  uint64_t *out = rk_scratch(g, 0, 1 + 2 * (a.count + b.count));
  if (!out) return 1;
  size_t count = 0, i = 0, j = 0;
  out[count++] = (a.constant + scale * b.constant) & mask;
  while (i < a.count || j < b.count) {
    uint64_t coefficient, node;
    if (j == b.count || (i < a.count && a.terms[2 * i + 1] < b.terms[2 * j + 1])) {
      coefficient = a.terms[2 * i];
      node = a.terms[2 * i++ + 1];
    } else if (i == a.count || b.terms[2 * j + 1] < a.terms[2 * i + 1]) {
      coefficient = scale * b.terms[2 * j];
      node = b.terms[2 * j++ + 1];
    } else {
      node = a.terms[2 * i + 1];
      coefficient = a.terms[2 * i++] + scale * b.terms[2 * j++];
    }
    if ((coefficient & mask) == 0) continue;
    out[count++] = coefficient & mask;
    out[count++] = node;
  }
  return finish(g, width, out, count);
}

/// Takes the factor 2^k or c out of c * x; returns x.
static uint32_t without_scale(const struct rk_graph *g, uint32_t x, unsigned width, uint64_t *scale)
{
  struct sum sum;
  view(g, x, width, &sum);
  if (sum.constant != 0 || sum.count != 1) return x;
  *scale *= sum.terms[0];
  return (uint32_t)sum.terms[1];
}

/// Merges two sorted lists of operands (one node is a list of itself) into scratch 0.
static size_t merged(struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t y)
{
  uint64_t own[2] = {x, y};
  const uint64_t *lists[2] = {&own[0], &own[1]};
  size_t counts[2] = {1, 1};
  for (int k = 0; k < 2; k++) {
    uint32_t n = (uint32_t)own[k];
    if (rk_op(g, n) == op && rk_width(g, n) == width) {
      lists[k] = rk_list(g, n);
      counts[k] = rk_list_count(g, n);
    }
  }
  uint64_t *out = rk_scratch(g, 0, counts[0] + counts[1]);
  if (!out) return 0;
  size_t i = 0, j = 0, count = 0;
  while (i < counts[0] || j < counts[1])
    out[count++] =
      j == counts[1] || (i < counts[0] && lists[0][i] <= lists[1][j]) ? lists[0][i++] : lists[1][j++];
  return count;
}

uint32_t rk_product(struct rk_graph *g, unsigned width, uint32_t x, uint32_t y) {
  uint32_t zero = rk_constant(g, 0, width);
  if (is_constant(g, x)) return rk_linear(g, width, zero, y, rk_constant_bits(g, x));
  if (is_constant(g, y)) return rk_linear(g, width, zero, x, rk_constant_bits(g, y));
  uint64_t scale = 1;
  x = without_scale(g, x, width, &scale);
  y = without_scale(g, y, width, &scale);
  size_t count = merged(g, RK_NODE_PRODUCT, width, x, y);
  if (!count) return 1;
  uint32_t product = rk_intern_list(g, RK_NODE_PRODUCT, width, 0, g->scratch[0], count);
  return scale == 1 ? product : rk_linear(g, width, zero, product, scale);
}

/// The truth that x is 0 or all ones by: x = -t, or x = t - 1 and `inverted`. 0 when there is none.
static uint32_t mask_truth(struct rk_graph *g, uint32_t x, unsigned width, int *inverted) {
  if (rk_op(g, x) == RK_NODE_SEXT) {
    uint32_t inner = g->nodes[x].a;
    return mask_truth(g, inner, rk_width(g, inner), inverted);
  }
  if (rk_op(g, x) != RK_NODE_LINEAR || rk_list_count(g, x) != 3) return 0;
  const uint64_t *list = rk_list(g, x);
  uint64_t ones = rk_mask(width);
  uint32_t inner = (uint32_t)list[2];
  if (g->low[inner] < 0 || g->high[inner] > 1) return 0;
  if (list[0] == 0 && list[1] == ones) *inverted = 0;
  else if (list[0] == ones && list[1] == 1) *inverted = 1;
  else return 0;
  return rk_resize(g, inner, 32, 0);
}

/// A choice, or a sum of one truth t and a constant: k + c * t is t ? k + c : k.
static int as_choice(
  struct rk_graph *g, uint32_t x, unsigned width, uint32_t *condition, uint32_t *first,
  uint32_t *second)
{
  if (rk_op(g, x) == RK_NODE_CHOICE) {
    *condition = g->nodes[x].a;
    *first = g->nodes[x].b;
    *second = g->nodes[x].c;
    return 1;
  }
  struct sum sum;
  view(g, x, width, &sum);
  if (sum.count != 1) return 0;
  uint32_t truth = (uint32_t)sum.terms[1];
  if (rk_op(g, truth) == RK_NODE_ZEXT) truth = g->nodes[truth].a;
  if (!rk_is_truth(g, truth)) return 0;
  uint64_t constant = sum.constant, scale = sum.terms[0];
  *condition = truth;
  *first = rk_constant(g, constant + scale, width);
  *second = rk_constant(g, constant, width);
  return 1;
}

/// Looks through choices with the same condition on both sides, and masks made of a truth.
static uint32_t bitwise_of_choices(
  struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t y)
{
  uint32_t a[3], b[3];
  int has_choice = rk_op(g, x) == RK_NODE_CHOICE || rk_op(g, y) == RK_NODE_CHOICE;
  if (has_choice && as_choice(g, x, width, &a[0], &a[1], &a[2])
      && as_choice(g, y, width, &b[0], &b[1], &b[2]) && a[0] == b[0]) {
    uint32_t first = rk_bitwise(g, op, width, a[1], b[1]);
    return rk_choice(g, a[0], first, rk_bitwise(g, op, width, a[2], b[2]));
  }
  if (op != RK_NODE_AND) return 0;
  for (int side = 0; side < 2; side++) {
    int inverted;
    uint32_t mask = side ? y : x, other = side ? x : y;
    uint32_t truth = mask_truth(g, mask, width, &inverted);
    if (!truth) continue;
    uint32_t zero = rk_constant(g, 0, width);
    return inverted ? rk_choice(g, truth, zero, other) : rk_choice(g, truth, other, zero);
  }
  return 0;
}

uint32_t rk_bitwise(
  struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t y)
{
  uint64_t ones = rk_mask(width);
  if (is_constant(g, x)) {
    uint32_t t = x;
    x = y;
    y = t;
  }
  if (is_constant(g, x)) {
    uint64_t a = rk_constant_bits(g, x), b = rk_constant_bits(g, y);
    return rk_constant(
      g, op == RK_NODE_AND ? a & b : op == RK_NODE_OR ? a | b : a ^ b, width);
  }
  if (is_constant(g, y)) {
    uint64_t b = rk_constant_bits(g, y);
    if (b == 0) return op == RK_NODE_AND ? y : x;
    if (b == ones && op != RK_NODE_XOR) return op == RK_NODE_AND ? x : y;
    // ~x is -1 - x.
    if (b == ones) return rk_linear(g, width, y, x, UINT64_MAX);
    // A mask that keeps every bit that can be set.
    if (op == RK_NODE_AND && g->low[x] >= 0 && (b & (b + 1)) == 0 && (uint64_t)g->high[x] <= b)
      return x;
  }
  uint32_t choice = bitwise_of_choices(g, op, width, x, y);
  if (choice) return choice;
  size_t count = merged(g, op, width, x, y);
  if (!count) return 1;
  // Constants join; equal operands stand once, or cancel.
  uint64_t *list = g->scratch[0], constant = op == RK_NODE_AND ? ones : 0;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (is_constant(g, (uint32_t)list[i])) {
      uint64_t bits = rk_constant_bits(g, (uint32_t)list[i]);
      constant = op == RK_NODE_AND ? constant & bits : op == RK_NODE_OR ? constant | bits
                                                                        : constant ^ bits;
    } else if (kept > 0 && list[kept - 1] == list[i]) {
      if (op == RK_NODE_XOR) kept--;
    } else {
      list[kept++] = list[i];
    }
  }
  uint64_t neutral = op == RK_NODE_AND ? ones : 0;
  if ((op == RK_NODE_AND && constant == 0) || (op == RK_NODE_OR && constant == ones) || kept == 0)
    return rk_constant(g, constant, width);
  if (constant != neutral) {
    uint64_t node = rk_constant(g, constant, width);
    size_t at = kept++;
    for (; at > 0 && list[at - 1] > node; at--) list[at] = list[at - 1];
    list[at] = node;
  }
  if (kept == 1) return (uint32_t)list[0];
  return rk_intern_list(g, op, width, 0, list, kept);
}

static int64_t as_signed(uint64_t bits, unsigned width) {
  return (int64_t)(bits << (64 - width)) >> (64 - width);
}

uint32_t rk_divide(struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t y) {
  int not_negative = g->low[x] >= 0 && g->low[y] >= 0;
  // Of numbers that are not negative both kinds of division are one.
  if (not_negative && op == RK_NODE_SDIV) op = RK_NODE_UDIV;
  if (not_negative && op == RK_NODE_SREM) op = RK_NODE_UREM;
  if (is_constant(g, y)) {
    uint64_t b = rk_constant_bits(g, y);
    if (is_constant(g, x) && b != 0) {
      uint64_t a = rk_constant_bits(g, x);
      int64_t p = as_signed(a, width), q = as_signed(b, width);
      int wraps = q == -1;
      switch (op) {
        case RK_NODE_UDIV: return rk_constant(g, a / b, width);
        case RK_NODE_UREM: return rk_constant(g, a % b, width);
        case RK_NODE_SDIV: return rk_constant(g, wraps ? -(uint64_t)p : (uint64_t)(p / q), width);
        default: return rk_constant(g, wraps ? 0 : (uint64_t)(p % q), width);
      }
    }
    if (b == 1) return op == RK_NODE_UDIV || op == RK_NODE_SDIV ? x : rk_constant(g, 0, width);
    if (b != 0 && (b & (b - 1)) == 0) {
      unsigned shift = (unsigned)__builtin_ctzll(b);
      if (op == RK_NODE_UDIV)
        return rk_shift(g, RK_NODE_LSHR, width, x, rk_constant(g, shift, width));
      if (op == RK_NODE_UREM)
        return rk_bitwise(g, RK_NODE_AND, width, x, rk_constant(g, b - 1, width));
    }
  }
  return rk_intern(g, op, width, 0, x, y, 0);
}

uint32_t rk_shift(
  struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t amount)
{
  if (!is_constant(g, amount)) return rk_intern(g, op, width, 1, x, amount, 0);
  unsigned k = (unsigned)rk_constant_bits(g, amount);
  if (k == 0) return x;
  if (op == RK_NODE_SHL)
    return rk_linear(g, width, rk_constant(g, 0, width), x, UINT64_C(1) << k);
  if (op == RK_NODE_ASHR && g->low[x] >= 0) op = RK_NODE_LSHR;
  if (is_constant(g, x)) {
    uint64_t bits = rk_constant_bits(g, x);
    uint64_t shifted =
      op == RK_NODE_LSHR ? bits >> k : (uint64_t)(as_signed(bits, width) >> k);
    return rk_constant(g, shifted, width);
  }
  if (rk_op(g, x) == op && rk_extra(g, x) == 0) {
    unsigned sum = k + g->nodes[x].b;
    if (sum < width) return rk_intern(g, op, width, 0, g->nodes[x].a, sum, 0);
    if (op == RK_NODE_LSHR) return rk_constant(g, 0, width);
  }
  return rk_intern(g, op, width, 0, x, k, 0);
}

static uint32_t truncate(struct rk_graph *g, uint32_t x, unsigned width, int depth) {
  if (rk_width(g, x) == width) return x;
  struct rk_node node = g->nodes[x];
  switch (rk_op(g, x)) {
    case RK_NODE_CONSTANT: return rk_constant(g, rk_constant_bits(g, x), width);
    case RK_NODE_SEXT: case RK_NODE_ZEXT: {
      unsigned inner = rk_width(g, node.a);
      if (inner == width) return node.a;
      if (inner > width) return truncate(g, node.a, width, depth);
      return rk_resize(g, node.a, width, rk_op(g, x) == RK_NODE_SEXT);
    }
    case RK_NODE_TRUNC: return truncate(g, node.a, width, depth);
    case RK_NODE_LINEAR: {
      // The low bits of a sum are the sum of the low bits.
      size_t count = rk_list_count(g, x);
      if (depth > 6 || count > 33) break;
      uint64_t list[33];
      memcpy(list, rk_list(g, x), count * sizeof *list);
      uint32_t sum = rk_constant(g, list[0], width);
      for (size_t i = 1; i < count; i += 2)
        sum = rk_linear(g, width, sum, truncate(g, (uint32_t)list[i + 1], width, depth + 1), list[i]);
      return sum;
    }
    case RK_NODE_PRODUCT: case RK_NODE_AND: case RK_NODE_OR: case RK_NODE_XOR: {
      size_t count = rk_list_count(g, x);
      enum rk_node_op op = rk_op(g, x);
      if (depth > 6 || count > 32) break;
      uint64_t list[32];
      memcpy(list, rk_list(g, x), count * sizeof *list);
      uint32_t all = truncate(g, (uint32_t)list[0], width, depth + 1);
      for (size_t i = 1; i < count; i++) {
        uint32_t next = truncate(g, (uint32_t)list[i], width, depth + 1);
        all = op == RK_NODE_PRODUCT ? rk_product(g, width, all, next)
                                    : rk_bitwise(g, op, width, all, next);
      }
      return all;
    }
    case RK_NODE_CHOICE:
      if (depth > 6) break;
      {
        uint32_t first = truncate(g, node.b, width, depth + 1);
        return rk_choice(g, node.a, first, truncate(g, node.c, width, depth + 1));
      }
    default: break;
  }
  return rk_intern(g, RK_NODE_TRUNC, width, rk_width(g, x), x, 0, 0);
}

/// An extended sum that cannot wrap is the sum of the extended terms.
static uint32_t extend_sum(struct rk_graph *g, uint32_t x, unsigned width) {
  size_t count = rk_list_count(g, x);
  unsigned old = rk_width(g, x);
  int64_t most = (int64_t)(rk_mask(old) >> 1);
  // Bounds narrower than the type's were found without wrapping (`bound_linear`).
  if (count > 33 || (g->low[x] == -most - 1 && g->high[x] == most)) return 0;
  uint64_t list[33];
  memcpy(list, rk_list(g, x), count * sizeof *list);
  uint32_t sum = rk_constant(g, (uint64_t)as_signed(list[0], old), width);
  for (size_t i = 1; i < count; i += 2)
    sum = rk_linear(
      g, width, sum, rk_resize(g, (uint32_t)list[i + 1], width, 1),
      (uint64_t)as_signed(list[i], old));
  return sum;
}

uint32_t rk_resize(struct rk_graph *g, uint32_t x, unsigned width, int is_signed) {
  unsigned old = rk_width(g, x);
  if (old == width) return x;
  if (old > width) return truncate(g, x, width, 0);
  if (is_constant(g, x)) {
    uint64_t bits = rk_constant_bits(g, x);
    return rk_constant(g, is_signed ? (uint64_t)as_signed(bits, old) : bits, width);
  }
  if (g->low[x] >= 0) is_signed = 0;
  enum rk_node_op op = rk_op(g, x);
  if (op == RK_NODE_LINEAR && (is_signed || g->low[x] >= 0)) {
    uint32_t sum = extend_sum(g, x, width);
    if (sum) return sum;
  }
  if (op == RK_NODE_ZEXT || (op == RK_NODE_SEXT && is_signed))
    return rk_resize(g, g->nodes[x].a, width, op == RK_NODE_SEXT);
  if (op == RK_NODE_CHOICE) {
    struct rk_node node = g->nodes[x];
    if (is_constant(g, node.b) || is_constant(g, node.c)) {
      uint32_t first = rk_resize(g, node.b, width, is_signed);
      return rk_choice(g, node.a, first, rk_resize(g, node.c, width, is_signed));
    }
  }
  return rk_intern(g, is_signed ? RK_NODE_SEXT : RK_NODE_ZEXT, width, old, x, 0, 0);
}
