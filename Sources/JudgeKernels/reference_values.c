#include "reference_values.h"

#include <stdlib.h>
#include <string.h>

#include "double_double.h"
#include "symbolic_rules.h"

#pragma STDC FP_CONTRACT OFF

/// What is known of a node: the bits that the program computes, and for floating ones the reference.
struct known {
  uint64_t bits;
  struct pair value;
  double magnitude;
  uint8_t is_known, is_float;
};

struct rk_reference {
  const struct rk_graph *g;
  struct known *nodes;
  const struct rk_contents *objects, *arguments;
  size_t object_count, argument_count, function_count;
  const uint8_t *functions;
};

static double number(uint64_t bits, unsigned width) {
  if (width == 32) {
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
  }
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t bits_of(double value, unsigned width) {
  uint64_t bits = 0;
  float narrow = (float)value;
  if (width == 32)
    memcpy(&bits, &narrow, sizeof narrow);
  else
    memcpy(&bits, &value, sizeof value);
  return bits;
}

/// A node as a floating value: bits that no floating operation made are taken as they are.
static struct known floating(const struct rk_reference *r, uint32_t n) {
  struct known x = r->nodes[n];
  if (!x.is_known || x.is_float) return x;
  x.value = pair_of(number(x.bits, rk_width(r->g, n)));
  x.magnitude = fabs(x.value.high);
  x.is_float = 1;
  return x;
}

static int64_t as_signed(uint64_t bits, unsigned width) {
  return (int64_t)(bits << (64 - width)) >> (64 - width);
}

static struct known integer(uint64_t bits, unsigned width) {
  return (struct known){.bits = bits & rk_mask(width), .is_known = 1};
}

static struct known real(struct pair value, double magnitude, uint64_t bits) {
  return (struct known){
    .bits = bits, .value = value, .magnitude = magnitude, .is_known = 1, .is_float = 1};
}

static struct known leaf(const struct rk_reference *r, uint32_t n) {
  const struct rk_node *node = &r->g->nodes[n];
  const struct rk_contents *from = NULL;
  uint32_t argument = UINT32_MAX - 1 - node->a;
  if (node->a < r->object_count) from = &r->objects[node->a];
  else if (argument < r->argument_count) from = &r->arguments[argument];
  unsigned bytes = rk_width(r->g, n) / 8;
  if (!from || bytes > 8 || (uint64_t)node->b + bytes > from->count) return (struct known){0};
  uint64_t bits = 0;
  memcpy(&bits, from->bytes + node->b, bytes);
  return integer(bits, 8 * bytes);
}

/// A list of integers; the first word of a sum is its constant, then come coefficients and nodes.
static struct known list(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  enum rk_node_op op = rk_op(g, n);
  unsigned width = rk_width(g, n);
  const uint64_t *words = rk_list(g, n);
  size_t count = rk_list_count(g, n);
  if (op == RK_NODE_LINEAR) {
    uint64_t sum = words[0];
    for (size_t i = 1; i + 1 < count; i += 2) {
      struct known x = r->nodes[words[i + 1]];
      if (!x.is_known) return x;
      sum += words[i] * x.bits;
    }
    return integer(sum, width);
  }
  struct known all = r->nodes[words[0]];
  for (size_t i = 1; i < count && all.is_known; i++) {
    struct known x = r->nodes[words[i]];
    if (!x.is_known) return x;
    int64_t a = as_signed(all.bits, width), b = as_signed(x.bits, width);
    switch (op) {
      case RK_NODE_PRODUCT: all.bits *= x.bits; break;
      case RK_NODE_AND: all.bits &= x.bits; break;
      case RK_NODE_OR: all.bits |= x.bits; break;
      case RK_NODE_XOR: all.bits ^= x.bits; break;
      case RK_NODE_SMIN: all.bits = a < b ? all.bits : x.bits; break;
      case RK_NODE_SMAX: all.bits = a > b ? all.bits : x.bits; break;
      case RK_NODE_UMIN: all.bits = all.bits < x.bits ? all.bits : x.bits; break;
      default: all.bits = all.bits > x.bits ? all.bits : x.bits; break;
    }
    all.bits &= rk_mask(width);
  }
  return all.is_known ? integer(all.bits, width) : all;
}

/// The magnitude of a floating value is an `and` of its bits.
static struct known conjunction(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  struct known all = list(r, n);
  if (!all.is_known || rk_list_count(g, n) != 2) return all;
  const uint64_t *words = rk_list(g, n);
  unsigned width = rk_width(g, n);
  for (int side = 0; side < 2; side++) {
    struct known x = r->nodes[words[side]], mask = r->nodes[words[1 - side]];
    if (x.is_float && rk_op(g, (uint32_t)words[1 - side]) == RK_NODE_CONSTANT
        && mask.bits == rk_mask(width) >> 1)
      return real(x.value.high < 0 ? pair_negate(x.value) : x.value, x.magnitude, all.bits);
  }
  return all;
}

static struct known arithmetic(const struct rk_reference *r, uint32_t n) {
  const struct rk_node *node = &r->g->nodes[n];
  enum rk_node_op op = rk_op(r->g, n);
  unsigned width = rk_width(r->g, n);
  struct known x = floating(r, node->a);
  if (op == RK_NODE_FNEG)
    return x.is_known
      ? real(pair_negate(x.value), x.magnitude, rk_fold_float(op, width, x.bits, 0, 0))
      : x;
  struct known y = floating(r, node->b);
  struct known z = op == RK_NODE_FMA ? floating(r, node->c) : x;
  if (!x.is_known || !y.is_known || !z.is_known) return (struct known){0};
  if (op == RK_NODE_FADD)
    return real(
      pair_add(x.value, y.value), x.magnitude + y.magnitude,
      rk_fold_float(op, width, x.bits, y.bits, 0));
  if (op == RK_NODE_FMUL)
    return real(
      pair_multiply(x.value, y.value), x.magnitude * y.magnitude,
      rk_fold_float(op, width, x.bits, y.bits, 0));
  if (op == RK_NODE_FDIV) {
    double divisor = fabs(y.value.high);
    return real(
      pair_divide(x.value, y.value), x.magnitude / divisor * (y.magnitude / divisor),
      rk_fold_float(op, width, x.bits, y.bits, 0));
  }
  struct pair product = pair_multiply(x.value, y.value);
  uint64_t first = x.bits;
  if (rk_extra(r->g, n) & 1) {
    product = pair_negate(product);
    first = rk_fold_float(RK_NODE_FNEG, width, first, 0, 0);
  }
  return real(
    pair_add(product, z.value), x.magnitude * y.magnitude + z.magnitude,
    rk_fold_float(op, width, first, y.bits, z.bits));
}

static long double apply(enum rk_real_function f, long double x, long double y) {
  switch (f) {
    case RK_EXP: return expl(x);
    case RK_EXP2: return exp2l(x);
    case RK_EXPM1: return expm1l(x);
    case RK_LOG: return logl(x);
    case RK_LOG2: return log2l(x);
    case RK_LOG10: return log10l(x);
    case RK_LOG1P: return log1pl(x);
    case RK_SIN: return sinl(x);
    case RK_COS: return cosl(x);
    case RK_TAN: return tanl(x);
    case RK_ASIN: return asinl(x);
    case RK_ACOS: return acosl(x);
    case RK_ATAN: return atanl(x);
    case RK_SINH: return sinhl(x);
    case RK_COSH: return coshl(x);
    case RK_TANH: return tanhl(x);
    case RK_CBRT: return cbrtl(x);
    case RK_POW: return powl(x, y);
    case RK_ATAN2: return atan2l(x, y);
    case RK_HYPOT: return hypotl(x, y);
    default: return NAN;
  }
}

static struct known call(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  const uint64_t *words = rk_list(g, n);
  size_t count = rk_list_count(g, n);
  unsigned callee = rk_extra(g, n), width = rk_width(g, n);
  enum rk_real_function f = callee < r->function_count ? r->functions[callee] : RK_UNKNOWN_FUNCTION;
  if (f == RK_UNKNOWN_FUNCTION || count == 0 || count > 2) return (struct known){0};
  struct known x = floating(r, (uint32_t)words[0]);
  struct known y = count > 1 ? floating(r, (uint32_t)words[1]) : x;
  if (!x.is_known || !y.is_known) return (struct known){0};
  if (f == RK_FABS)
    return real(
      x.value.high < 0 ? pair_negate(x.value) : x.value, x.magnitude,
      rk_fold_float(RK_NODE_FABS, width, x.bits, 0, 0));
  if (f == RK_SQRT) {
    struct pair root = pair_root(x.value);
    double felt = root.high > 0 ? x.magnitude / root.high : 0;
    double own = number(x.bits, width);
    return real(root, felt, bits_of(width == 32 ? sqrtf((float)own) : sqrt(own), width));
  }
  if (f == RK_FMIN || f == RK_FMAX) {
    double a = number(x.bits, width), b = number(y.bits, width);
    return (f == RK_FMIN ? a < b : a > b) || isnan(b) ? x : y;
  }
  long double a = (long double)x.value.high + x.value.low;
  long double b = (long double)y.value.high + y.value.low;
  long double value = apply(f, a, b);
  // What a unit of error in an operand is felt as: differences over a step that is small beside them.
  long double step = 0x1p-20L;
  long double felt = fabsl(apply(f, a + step * x.magnitude, b) - value) / step;
  if (count > 1) felt += fabsl(apply(f, a, b + step * y.magnitude) - value) / step;
  double high = (double)value;
  struct pair wide = {high, isfinite(high) ? (double)(value - high) : 0};
  // The program's own result only steers; it is the rounded one.
  long double own = apply(f, number(x.bits, width), number(y.bits, width));
  return real(wide, fabs(high) + (double)felt, bits_of((double)own, width));
}

static struct known convert(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  uint32_t a = g->nodes[n].a;
  unsigned width = rk_width(g, n), old = rk_extra(g, n);
  struct known x = r->nodes[a];
  if (!x.is_known) return x;
  enum rk_type narrow = old == 32 ? RK_F32 : RK_F64, wide = width == 32 ? RK_F32 : RK_F64;
  switch (rk_op(g, n)) {
    case RK_NODE_FEXT:
    case RK_NODE_FTRUNC:
      x = floating(r, a);
      return real(x.value, x.magnitude, rk_fold_convert(x.bits, narrow, wide));
    case RK_NODE_SITOF: {
      int64_t value = as_signed(x.bits, old);
      double high = (double)value;
      // 2^63 as a double is no int64_t.
      double low = high < 0x1p63 ? (double)(value - (int64_t)high) : (double)(value - INT64_MAX) - 1;
      return real(
        pair_normal(high, low), fabs(high), rk_fold_convert((uint64_t)value, RK_I64, wide));
    }
    case RK_NODE_UITOF: {
      double high = (double)x.bits;
      double low = high < 0x1p64 ? (double)(int64_t)(x.bits - (uint64_t)high)
                                 : -(double)(UINT64_MAX - x.bits) - 1;
      return real(pair_normal(high, low), high, rk_fold_convert(x.bits, RK_U64, wide));
    }
    case RK_NODE_FTOSI: return integer(rk_fold_convert(x.bits, narrow, RK_I64), width);
    default: return integer(rk_fold_convert(x.bits, narrow, RK_U64), width);
  }
}

static struct known division(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  struct known x = r->nodes[g->nodes[n].a], y = r->nodes[g->nodes[n].b];
  unsigned width = rk_width(g, n);
  if (!x.is_known || !y.is_known || y.bits == 0) return (struct known){0};
  int64_t a = as_signed(x.bits, width), b = as_signed(y.bits, width);
  switch (rk_op(g, n)) {
    case RK_NODE_SDIV: return integer(b == -1 ? 0 - (uint64_t)a : (uint64_t)(a / b), width);
    case RK_NODE_SREM: return integer(b == -1 ? 0 : (uint64_t)(a % b), width);
    case RK_NODE_UDIV: return integer(x.bits / y.bits, width);
    default: return integer(x.bits % y.bits, width);
  }
}

static struct known shift(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  struct known x = r->nodes[g->nodes[n].a], y = r->nodes[g->nodes[n].b];
  unsigned width = rk_width(g, n);
  if (!x.is_known || !y.is_known || y.bits >= width) return (struct known){0};
  switch (rk_op(g, n)) {
    case RK_NODE_SHL: return integer(x.bits << y.bits, width);
    case RK_NODE_LSHR: return integer(x.bits >> y.bits, width);
    default: return integer((uint64_t)(as_signed(x.bits, width) >> y.bits), width);
  }
}

static struct known comparison(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  enum rk_node_op op = rk_op(g, n);
  struct known x = r->nodes[g->nodes[n].a], y = x;
  if (op != RK_NODE_ZERO) y = r->nodes[g->nodes[n].b];
  if (!x.is_known || !y.is_known) return (struct known){0};
  unsigned width = rk_width(g, g->nodes[n].a);
  switch (op) {
    case RK_NODE_ZERO: return integer(x.bits == 0, 32);
    case RK_NODE_SLT: return integer(as_signed(x.bits, width) < as_signed(y.bits, width), 32);
    case RK_NODE_ULT: return integer(x.bits < y.bits, 32);
    default: return integer(rk_fold_float(op, width, x.bits, y.bits, 0), 32);
  }
}

static struct known bytes(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  if (rk_op(g, n) == RK_NODE_BYTE) {
    struct known x = r->nodes[g->nodes[n].a];
    return x.is_known ? integer(x.bits >> (8 * g->nodes[n].b), 8) : x;
  }
  const uint64_t *words = rk_list(g, n);
  uint64_t bits = 0;
  for (size_t i = 0; i < rk_list_count(g, n); i++) {
    struct known x = r->nodes[words[i]];
    if (!x.is_known) return x;
    bits |= x.bits << (8 * i);
  }
  return integer(bits, rk_width(g, n));
}

static struct known evaluate(const struct rk_reference *r, uint32_t n) {
  const struct rk_graph *g = r->g;
  const struct rk_node *node = &g->nodes[n];
  unsigned width = rk_width(g, n);
  switch (rk_op(g, n)) {
    case RK_NODE_LEAF: return leaf(r, n);
    case RK_NODE_CONSTANT: return integer(rk_constant_bits(g, n), width);
    case RK_NODE_AND: return conjunction(r, n);
    case RK_NODE_LINEAR: case RK_NODE_PRODUCT: case RK_NODE_OR: case RK_NODE_XOR:
    case RK_NODE_SMIN: case RK_NODE_SMAX: case RK_NODE_UMIN: case RK_NODE_UMAX:
      return list(r, n);
    case RK_NODE_SDIV: case RK_NODE_UDIV: case RK_NODE_SREM: case RK_NODE_UREM:
      return division(r, n);
    case RK_NODE_SHL: case RK_NODE_LSHR: case RK_NODE_ASHR: return shift(r, n);
    case RK_NODE_SEXT: {
      struct known x = r->nodes[node->a];
      return x.is_known ? integer((uint64_t)as_signed(x.bits, rk_extra(g, n)), width) : x;
    }
    case RK_NODE_ZEXT: case RK_NODE_TRUNC: {
      struct known x = r->nodes[node->a];
      return x.is_known ? integer(x.bits, width) : x;
    }
    case RK_NODE_ZERO: case RK_NODE_SLT: case RK_NODE_ULT: case RK_NODE_FEQ: case RK_NODE_FLT:
    case RK_NODE_FLE: return comparison(r, n);
    case RK_NODE_FADD: case RK_NODE_FMUL: case RK_NODE_FDIV: case RK_NODE_FNEG: case RK_NODE_FMA:
      return arithmetic(r, n);
    case RK_NODE_FEXT: case RK_NODE_FTRUNC: case RK_NODE_SITOF: case RK_NODE_UITOF:
    case RK_NODE_FTOSI: case RK_NODE_FTOUI: return convert(r, n);
    case RK_NODE_CHOICE: {
      struct known x = r->nodes[node->a];
      return x.is_known ? r->nodes[x.bits ? node->b : node->c] : x;
    }
    case RK_NODE_CALL: return call(r, n);
    case RK_NODE_BYTE: case RK_NODE_BYTES: return bytes(r, n);
    default: return (struct known){0};
  }
}

struct rk_reference *rk_reference_new(
  const struct rk_graph *g, const struct rk_contents *objects, size_t object_count,
  const struct rk_contents *arguments, size_t argument_count, const uint8_t *functions,
  size_t function_count) {
  struct rk_reference *r = calloc(1, sizeof *r);
  if (!r) return NULL;
  *r = (struct rk_reference){
    .g = g, .objects = objects, .arguments = arguments, .object_count = object_count,
    .argument_count = argument_count, .functions = functions, .function_count = function_count,
    .nodes = calloc(g->count, sizeof(struct known))};
  if (!r->nodes) {
    free(r);
    return NULL;
  }
  // Operands are made before what uses them.
  for (uint32_t n = 1; n < g->count; n++) r->nodes[n] = evaluate(r, n);
  return r;
}

void rk_reference_free(struct rk_reference *r) {
  if (!r) return;
  free(r->nodes);
  free(r);
}

int rk_reference_get(
  const struct rk_reference *r, struct rk_value value, enum rk_type type,
  struct rk_reference_value *result) {
  if (value.node == RK_UNSET || !rk_is_float(type)) return 0;
  unsigned width = rk_type_width(type);
  struct known x = value.node ? floating(r, value.node)
                              : real(pair_of(number(value.bits, width)),
                                     fabs(number(value.bits, width)), value.bits);
  if (!x.is_known) return 0;
  *result = (struct rk_reference_value){x.value.high, x.value.low, x.magnitude};
  return 1;
}
