#include "symbolic_rules.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static float as_float(uint64_t bits) {
  uint32_t low = (uint32_t)bits;
  float value;
  memcpy(&value, &low, sizeof value);
  return value;
}
static double as_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static uint64_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
static uint64_t double_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

uint64_t rk_fold_float(enum rk_node_op op, unsigned width, uint64_t x, uint64_t y, uint64_t z) {
  uint64_t sign = UINT64_C(1) << (width - 1);
  if (width == 32) {
    float a = as_float(x), b = as_float(y);
    switch (op) {
      case RK_NODE_FADD: return float_bits(a + b);
      case RK_NODE_FMUL: return float_bits(a * b);
      case RK_NODE_FDIV: return float_bits(a / b);
      case RK_NODE_FNEG: return x ^ sign;
      case RK_NODE_FABS: return x & ~sign;
      case RK_NODE_FMA: return float_bits(fmaf(a, b, as_float(z)));
      case RK_NODE_FEQ: return a == b;
      case RK_NODE_FLT: return a < b;
      default: return a <= b;
    }
  }
  double a = as_double(x), b = as_double(y);
  switch (op) {
    case RK_NODE_FADD: return double_bits(a + b);
    case RK_NODE_FMUL: return double_bits(a * b);
    case RK_NODE_FDIV: return double_bits(a / b);
    case RK_NODE_FNEG: return x ^ sign;
    case RK_NODE_FABS: return x & ~sign;
    case RK_NODE_FMA: return double_bits(fma(a, b, as_double(z)));
    case RK_NODE_FEQ: return a == b;
    case RK_NODE_FLT: return a < b;
    default: return a <= b;
  }
}

/// What x86-64 gives where C leaves the conversion of a number out of range undefined: the judge
/// only has to be the same on both sides.
static int64_t to_signed(double value) {
  return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}
static uint64_t to_unsigned(double value) {
  return value >= 0x1p63 && value < 0x1p64 ? (uint64_t)value : (uint64_t)to_signed(value);
}

uint64_t rk_fold_convert(uint64_t bits, enum rk_type from, enum rk_type to) {
  if (from == to) return bits;
  if (!rk_is_float(from)) {
    if (to == RK_F32)
      return float_bits(rk_is_signed(from) ? (float)(int64_t)bits : (float)bits);
    if (to == RK_F64)
      return double_bits(rk_is_signed(from) ? (double)(int64_t)bits : (double)bits);
    return rk_extend(bits, to);
  }
  double value = from == RK_F32 ? (double)as_float(bits) : as_double(bits);
  if (to == RK_F64) return double_bits(value);
  if (to == RK_F32) return float_bits((float)value);
  return rk_extend(rk_is_signed(to) ? (uint64_t)to_signed(value) : to_unsigned(value), to);
}

static int constant(const struct rk_graph *g, uint32_t x, uint64_t *bits) {
  if (rk_op(g, x) != RK_NODE_CONSTANT) return 0;
  *bits = rk_constant_bits(g, x);
  return 1;
}

static uint64_t number(double value, unsigned width) {
  return width == 32 ? float_bits((float)value) : double_bits(value);
}

uint32_t rk_float_negate(struct rk_graph *g, uint32_t x) {
  unsigned width = rk_width(g, x);
  uint64_t bits;
  if (constant(g, x, &bits))
    return rk_constant(g, rk_fold_float(RK_NODE_FNEG, width, bits, 0, 0), width);
  if (rk_op(g, x) == RK_NODE_FNEG) return g->nodes[x].a;
  return rk_intern(g, RK_NODE_FNEG, width, 0, x, 0, 0);
}

uint32_t rk_float_magnitude(struct rk_graph *g, uint32_t x) {
  unsigned width = rk_width(g, x);
  uint64_t bits;
  if (constant(g, x, &bits))
    return rk_constant(g, rk_fold_float(RK_NODE_FABS, width, bits, 0, 0), width);
  if (rk_op(g, x) == RK_NODE_FNEG) return rk_float_magnitude(g, g->nodes[x].a);
  // The bits without the sign, however a program takes it off.
  return rk_bitwise(g, RK_NODE_AND, width, x, rk_constant(g, rk_mask(width) >> 1, width));
}

uint32_t rk_float_add(struct rk_graph *g, uint32_t x, uint32_t y) {
  unsigned width = rk_width(g, x);
  uint64_t a, b;
  int known = constant(g, x, &a) + 2 * constant(g, y, &b);
  if (known == 3) return rk_constant(g, rk_fold_float(RK_NODE_FADD, width, a, b, 0), width);
  // x + (-0) = x for every x.
  if ((known & 2) && b == number(-0.0, width)) return x;
  if ((known & 1) && a == number(-0.0, width)) return y;
  if (x > y) {
    uint32_t t = x;
    x = y;
    y = t;
  }
  return rk_intern(g, RK_NODE_FADD, width, 0, x, y, 0);
}

/// Takes the sign off x; returns whether there was one.
static int without_sign(struct rk_graph *g, uint32_t *x) {
  uint64_t bits;
  if (constant(g, *x, &bits) && bits >> (rk_width(g, *x) - 1)) {
    *x = rk_float_negate(g, *x);
    return 1;
  }
  if (rk_op(g, *x) != RK_NODE_FNEG) return 0;
  *x = g->nodes[*x].a;
  return 1;
}

uint32_t rk_float_multiply(struct rk_graph *g, uint32_t x, uint32_t y) {
  unsigned width = rk_width(g, x);
  uint64_t a, b;
  int known = constant(g, x, &a) + 2 * constant(g, y, &b);
  if (known == 3) return rk_constant(g, rk_fold_float(RK_NODE_FMUL, width, a, b, 0), width);
  if ((known & 2) && b == number(1, width)) return x;
  if ((known & 1) && a == number(1, width)) return y;
  if ((known & 2) && b == number(-1, width)) return rk_float_negate(g, x);
  if ((known & 1) && a == number(-1, width)) return rk_float_negate(g, y);
  int negative = without_sign(g, &x) ^ without_sign(g, &y);
  if (x > y) {
    uint32_t t = x;
    x = y;
    y = t;
  }
  uint32_t product = rk_intern(g, RK_NODE_FMUL, width, 0, x, y, 0);
  return negative ? rk_float_negate(g, product) : product;
}

uint32_t rk_float_divide(struct rk_graph *g, uint32_t x, uint32_t y) {
  unsigned width = rk_width(g, x);
  uint64_t a, b;
  int known = constant(g, x, &a) + 2 * constant(g, y, &b);
  if (known == 3) return rk_constant(g, rk_fold_float(RK_NODE_FDIV, width, a, b, 0), width);
  if (known & 2) {
    // A power of two whose reciprocal is an ordinary number divides as exactly as it multiplies.
    double divisor = width == 32 ? (double)as_float(b) : as_double(b);
    int exponent;
    double fraction = frexp(divisor, &exponent);
    int limit = width == 32 ? 125 : 1020;
    if ((fraction == 0.5 || fraction == -0.5) && exponent > -limit && exponent < limit)
      return rk_float_multiply(g, x, rk_constant(g, number(1 / divisor, width), width));
  }
  int negative = without_sign(g, &x) ^ without_sign(g, &y);
  uint32_t quotient = rk_intern(g, RK_NODE_FDIV, width, 0, x, y, 0);
  return negative ? rk_float_negate(g, quotient) : quotient;
}

uint32_t rk_float_fma(struct rk_graph *g, uint32_t x, uint32_t y, uint32_t z, int is_doubtful) {
  unsigned width = rk_width(g, x);
  uint64_t a, b, c;
  if (!is_doubtful && constant(g, x, &a) && constant(g, y, &b) && constant(g, z, &c))
    return rk_constant(g, rk_fold_float(RK_NODE_FMA, width, a, b, c), width);
  int negative = without_sign(g, &x) ^ without_sign(g, &y);
  if (x > y) {
    uint32_t t = x;
    x = y;
    y = t;
  }
  return rk_intern(g, RK_NODE_FMA, width, (unsigned)negative | (is_doubtful ? 2u : 0), x, y, z);
}

static int is_product(const struct rk_graph *g, uint32_t x) {
  if (rk_op(g, x) == RK_NODE_FNEG) x = g->nodes[x].a;
  return rk_op(g, x) == RK_NODE_FMUL;
}

int rk_has_product_in_sum(const struct rk_graph *g) {
  for (uint32_t n = 2; n < g->count; n++)
    if (rk_op(g, n) == RK_NODE_FADD && (is_product(g, g->nodes[n].a) || is_product(g, g->nodes[n].b)))
      return 1;
  return 0;
}

uint32_t rk_float_compare(struct rk_graph *g, enum rk_node_op op, uint32_t x, uint32_t y) {
  unsigned width = rk_width(g, x);
  uint64_t a, b;
  if (constant(g, x, &a) && constant(g, y, &b))
    return rk_constant(g, rk_fold_float(op, width, a, b, 0), 32);
  if (op == RK_NODE_FEQ && x > y) {
    uint32_t t = x;
    x = y;
    y = t;
  }
  // Neither is x < x, not even of NaN.
  if (op == RK_NODE_FLT && x == y) return rk_constant(g, 0, 32);
  return rk_intern(g, op, 32, width, x, y, 0);
}

uint32_t rk_convert(struct rk_graph *g, uint32_t x, enum rk_type from, enum rk_type to) {
  uint64_t bits;
  unsigned width = rk_type_width(to), old = rk_type_width(from);
  if (constant(g, x, &bits))
    return rk_constant(g, rk_fold_convert(rk_extend(bits, from), from, to), width);
  if (!rk_is_float(from) && !rk_is_float(to)) return rk_resize(g, x, width, rk_is_signed(from));
  if (rk_is_float(from) && rk_is_float(to)) {
    if (width == old) return x;
    if (width < old && rk_op(g, x) == RK_NODE_FEXT) return g->nodes[x].a;
    return rk_intern(g, width > old ? RK_NODE_FEXT : RK_NODE_FTRUNC, width, old, x, 0, 0);
  }
  if (rk_is_float(to)) {
    int is_signed = rk_is_signed(from) || g->low[x] >= 0;
    // The number is the same in every wider integer type.
    if (rk_op(g, x) == RK_NODE_ZEXT || (rk_op(g, x) == RK_NODE_SEXT && is_signed)) {
      is_signed = rk_op(g, x) == RK_NODE_SEXT || g->low[g->nodes[x].a] >= 0;
      x = g->nodes[x].a;
      old = rk_width(g, x);
    }
    return rk_intern(g, is_signed ? RK_NODE_SITOF : RK_NODE_UITOF, width, old, x, 0, 0);
  }
  return rk_intern(
    g, rk_is_signed(to) ? RK_NODE_FTOSI : RK_NODE_FTOUI, width, old, x, 0, 0);
}
