#include "symbolic_values.h"

static uint64_t scramble(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

uint64_t rk_draw_leaf(const struct rk_graph *g, uint32_t n, uint64_t seed, enum rk_draw draw) {
  const struct rk_node *node = &g->nodes[n];
  unsigned width = rk_width(g, n);
  uint64_t x = scramble(
    seed * 0x9e3779b97f4a7c15ull + ((uint64_t)node->a << 32 | node->b) + ((uint64_t)width << 56));
  x = scramble(x);
  uint64_t mask = rk_mask(width), top = UINT64_C(1) << (width - 1);
  switch (draw) {
    case RK_DRAW_ZERO: return 0;
    case RK_DRAW_SMALL: return x % 5;
    case RK_DRAW_SPARSE: return x & 3 ? 0 : (x >> 8) & mask;
    case RK_DRAW_EDGE: {
      const uint64_t edges[8] = {0, 1, mask, top, top - 1, top + 1, mask - 1, 2};
      return edges[x >> 8 & 7] & mask;
    }
    case RK_DRAW_NUMBER:
      // Numbers in [1, 2) of floating types; small characters.
      if (width == 32) return 0x3f800000 | (x & 0x7fffff);
      if (width == 64) return 0x3ff0000000000000ull | (x & 0xfffffffffffffull);
      return 32 + x % 96;
    default: return x & mask;
  }
}

void rk_draw_leaves(const struct rk_graph *g, uint64_t seed, enum rk_draw draw, uint64_t *values) {
  for (uint32_t n = 2; n < g->count; n++)
    if (rk_op(g, n) == RK_NODE_LEAF) values[n] = rk_draw_leaf(g, n, seed, draw);
}

static int64_t as_signed(uint64_t bits, unsigned width) {
  return (int64_t)(bits << (64 - width)) >> (64 - width);
}

/// As SMT-LIB has it: x / 0 is all ones of an unsigned x, x % 0 is x.
static uint64_t divide(enum rk_node_op op, uint64_t x, uint64_t y, unsigned width) {
  int64_t p = as_signed(x, width), q = as_signed(y, width);
  switch (op) {
    case RK_NODE_UDIV: return y ? x / y : UINT64_MAX;
    case RK_NODE_UREM: return y ? x % y : x;
    case RK_NODE_SDIV:
      if (q == 0) return p < 0 ? 1 : UINT64_MAX;
      return q == -1 ? 0 - x : (uint64_t)(p / q);
    default:
      if (q == 0) return x;
      return q == -1 ? 0 : (uint64_t)(p % q);
  }
}

/// As SMT-LIB has it: an amount that is too large leaves zero, or the sign.
static uint64_t shift(enum rk_node_op op, uint64_t x, uint64_t amount, unsigned width) {
  if (op == RK_NODE_ASHR) {
    unsigned k = amount >= width ? width - 1 : (unsigned)amount;
    return (uint64_t)(as_signed(x, width) >> k);
  }
  if (amount >= width) return 0;
  return op == RK_NODE_SHL ? x << amount : x >> amount;
}

static uint64_t fold_list(const struct rk_graph *g, uint32_t n, const uint64_t *values) {
  const uint64_t *list = rk_list(g, n);
  size_t count = rk_list_count(g, n);
  unsigned width = rk_width(g, n);
  enum rk_node_op op = rk_op(g, n);
  if (op == RK_NODE_LINEAR) {
    uint64_t sum = list[0];
    for (size_t i = 1; i < count; i += 2) sum += list[i] * values[list[i + 1]];
    return sum;
  }
  if (op == RK_NODE_CALL) {
    uint64_t x = g->nodes[n].tag;
    for (size_t i = 0; i < count; i++) x = scramble(x ^ values[list[i]]) + i;
    return x;
  }
  if (op == RK_NODE_BYTES) {
    uint64_t x = 0;
    for (size_t i = 0; i < count; i++) x |= (values[list[i]] & 0xff) << 8 * i;
    return x;
  }
  uint64_t all = values[list[0]];
  for (size_t i = 1; i < count; i++) {
    uint64_t x = values[list[i]];
    int less = op == RK_NODE_SMIN || op == RK_NODE_SMAX ? as_signed(x, width) < as_signed(all, width)
                                                        : x < all;
    switch (op) {
      case RK_NODE_PRODUCT: all *= x; break;
      case RK_NODE_AND: all &= x; break;
      case RK_NODE_OR: all |= x; break;
      case RK_NODE_XOR: all ^= x; break;
      case RK_NODE_SMIN: case RK_NODE_UMIN: all = less ? x : all; break;
      default: all = less ? all : x; break;
    }
  }
  return all;
}

static enum rk_type floating(unsigned width) { return width == 32 ? RK_F32 : RK_F64; }
static enum rk_type integer(unsigned width, int is_signed) {
  enum rk_type unsigned_type = width == 8    ? RK_U8
                               : width == 16 ? RK_U16
                               : width == 32 ? RK_U32
                                             : RK_U64;
  return is_signed ? (enum rk_type)(unsigned_type - 1) : unsigned_type;
}

static uint64_t convert(uint64_t bits, enum rk_type from, enum rk_type to) {
  return rk_fold_convert(rk_extend(bits, from), from, to);
}

static uint64_t evaluate(const struct rk_graph *g, uint32_t n, const uint64_t *values) {
  const struct rk_node *node = &g->nodes[n];
  unsigned width = rk_width(g, n), extra = rk_extra(g, n);
  enum rk_node_op op = rk_op(g, n);
  uint64_t a = values[node->a < n ? node->a : 0], b = values[node->b < n ? node->b : 0];
  switch (op) {
    case RK_NODE_CONSTANT: return rk_constant_bits(g, n);
    case RK_NODE_LEAF: return values[n];
    case RK_NODE_LINEAR: case RK_NODE_PRODUCT: case RK_NODE_AND: case RK_NODE_OR: case RK_NODE_XOR:
    case RK_NODE_SMIN: case RK_NODE_SMAX: case RK_NODE_UMIN: case RK_NODE_UMAX: case RK_NODE_CALL:
    case RK_NODE_BYTES:
      return fold_list(g, n, values);
    case RK_NODE_SDIV: case RK_NODE_UDIV: case RK_NODE_SREM: case RK_NODE_UREM:
      return divide(op, a, b, width);
    case RK_NODE_SHL: case RK_NODE_LSHR: case RK_NODE_ASHR:
      return shift(op, a, extra ? b : node->b, width);
    case RK_NODE_SEXT: return (uint64_t)as_signed(a, extra);
    case RK_NODE_ZEXT: case RK_NODE_TRUNC: return a;
    case RK_NODE_ZERO: return a == 0;
    case RK_NODE_SLT: return as_signed(a, extra) < as_signed(b, extra);
    case RK_NODE_ULT: return a < b;
    case RK_NODE_FEQ: case RK_NODE_FLT: case RK_NODE_FLE:
      return rk_fold_float(op, extra, a, b, 0);
    case RK_NODE_FADD: case RK_NODE_FMUL: case RK_NODE_FDIV: case RK_NODE_FNEG:
      return rk_fold_float(op, width, a, b, 0);
    case RK_NODE_FMA: {
      uint64_t sign = UINT64_C(1) << (width - 1);
      return rk_fold_float(op, width, extra & 1 ? a ^ sign : a, b, values[node->c]);
    }
    case RK_NODE_FEXT: case RK_NODE_FTRUNC:
      return convert(a, floating(extra), floating(width));
    case RK_NODE_SITOF: case RK_NODE_UITOF:
      return convert(a, integer(extra, op == RK_NODE_SITOF), floating(width));
    case RK_NODE_FTOSI: case RK_NODE_FTOUI:
      return convert(a, floating(extra), integer(width, op == RK_NODE_FTOSI));
    case RK_NODE_CHOICE: return a ? b : values[node->c];
    case RK_NODE_BYTE: return a >> 8 * node->b & 0xff;
    default: return 0;
  }
}

void rk_evaluate(const struct rk_graph *g, uint64_t *values) {
  values[0] = values[1] = 0;
  for (uint32_t n = 2; n < g->count; n++)
    values[n] = evaluate(g, n, values) & rk_mask(rk_width(g, n) ? rk_width(g, n) : 64);
}

void rk_mix_signatures(const struct rk_graph *g, const uint64_t *values, uint64_t *signatures) {
  for (uint32_t n = 2; n < g->count; n++) {
    uint64_t value = values[n];
    // NaN equals NaN, whatever its payload.
    if (rk_is_nan(value, rk_width(g, n))) value = UINT64_MAX;
    signatures[n] = scramble(signatures[n] * 0x9e3779b97f4a7c15ull + value);
  }
}

size_t rk_operand_count(const struct rk_graph *g, uint32_t n) {
  switch (rk_op(g, n)) {
    case RK_NODE_LINEAR: return (rk_list_count(g, n) - 1) / 2;
    case RK_NODE_PRODUCT: case RK_NODE_AND: case RK_NODE_OR: case RK_NODE_XOR: case RK_NODE_SMIN:
    case RK_NODE_SMAX: case RK_NODE_UMIN: case RK_NODE_UMAX: case RK_NODE_CALL: case RK_NODE_BYTES:
      return rk_list_count(g, n);
    case RK_NODE_SHL: case RK_NODE_LSHR: case RK_NODE_ASHR: return rk_extra(g, n) ? 2 : 1;
    case RK_NODE_SEXT: case RK_NODE_ZEXT: case RK_NODE_TRUNC: case RK_NODE_ZERO: case RK_NODE_FNEG:
    case RK_NODE_FEXT: case RK_NODE_FTRUNC: case RK_NODE_SITOF: case RK_NODE_UITOF:
    case RK_NODE_FTOSI: case RK_NODE_FTOUI: case RK_NODE_BYTE:
      return 1;
    case RK_NODE_SDIV: case RK_NODE_UDIV: case RK_NODE_SREM: case RK_NODE_UREM: case RK_NODE_SLT:
    case RK_NODE_ULT: case RK_NODE_FEQ: case RK_NODE_FLT: case RK_NODE_FLE: case RK_NODE_FADD:
    case RK_NODE_FMUL: case RK_NODE_FDIV:
      return 2;
    case RK_NODE_FMA: case RK_NODE_CHOICE: return 3;
    default: return 0;
  }
}

uint32_t rk_operand(const struct rk_graph *g, uint32_t n, size_t index) {
  switch (rk_op(g, n)) {
    case RK_NODE_LINEAR: return (uint32_t)rk_list(g, n)[2 * index + 2];
    case RK_NODE_PRODUCT: case RK_NODE_AND: case RK_NODE_OR: case RK_NODE_XOR: case RK_NODE_SMIN:
    case RK_NODE_SMAX: case RK_NODE_UMIN: case RK_NODE_UMAX: case RK_NODE_CALL: case RK_NODE_BYTES:
      return (uint32_t)rk_list(g, n)[index];
    default: return index == 0 ? g->nodes[n].a : index == 1 ? g->nodes[n].b : g->nodes[n].c;
  }
}
