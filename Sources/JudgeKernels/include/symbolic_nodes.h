/// The symbolic domain of the reference interpreter: a graph of operations in which equal values have
/// one node.
///
/// Every operation is made by a constructor that folds constants, brings operands into a normal form
/// and then looks the result up, so that two values are the same operation exactly when they are the
/// same node. What the normal forms take for granted is said beside each constructor. Nothing is
/// freed before the graph; what would pass the limits sets `exhausted`.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The types that registers and cells hold. Integers are two's complement.
enum rk_type {
  RK_I8, RK_U8, RK_I16, RK_U16, RK_I32, RK_U32, RK_I64, RK_U64, RK_F32, RK_F64,
};

/// A value: concrete when `node` is 0, with `bits` extended to 64 as its type says; else a node.
struct rk_value {
  uint64_t bits;
  uint32_t node;
};

/// The `node` of an object that was never stored to.
#define RK_UNSET UINT32_MAX

enum rk_node_op {
  RK_NODE_NONE,
  /// `width` bits of an input: a = object, b = offset in bytes.
  RK_NODE_LEAF,
  /// a, b = low and high half of the bits.
  RK_NODE_CONSTANT,
  /// List: constant, then pairs of coefficient and node, by node; modulo 2^width.
  RK_NODE_LINEAR,
  /// Lists of nodes, sorted.
  RK_NODE_PRODUCT, RK_NODE_AND, RK_NODE_OR, RK_NODE_XOR,
  /// The least and the greatest of integers, likewise.
  RK_NODE_SMIN, RK_NODE_SMAX, RK_NODE_UMIN, RK_NODE_UMAX,
  RK_NODE_SDIV, RK_NODE_UDIV, RK_NODE_SREM, RK_NODE_UREM,
  RK_NODE_SHL, RK_NODE_LSHR, RK_NODE_ASHR,
  /// From the width in `extra` to `width`.
  RK_NODE_SEXT, RK_NODE_ZEXT, RK_NODE_TRUNC,
  /// 0 or 1 in 32 bits; the operands' width in `extra`.
  RK_NODE_ZERO, RK_NODE_SLT, RK_NODE_ULT, RK_NODE_FEQ, RK_NODE_FLT, RK_NODE_FLE,
  /// RK_NODE_FABS names the operation alone: its node is an `and` of the bits.
  RK_NODE_FADD, RK_NODE_FMUL, RK_NODE_FDIV, RK_NODE_FNEG, RK_NODE_FABS,
  /// a * b + c with one rounding; -(a * b) + c when `extra` is 1.
  RK_NODE_FMA,
  RK_NODE_FEXT, RK_NODE_FTRUNC,
  /// Integer of width `extra` to floating, floating of width `extra` to integer.
  RK_NODE_SITOF, RK_NODE_UITOF, RK_NODE_FTOSI, RK_NODE_FTOUI,
  /// a ? b : c.
  RK_NODE_CHOICE,
  /// List of arguments; the callee in `extra`.
  RK_NODE_CALL,
  /// Byte `b` of a; and bytes from the lowest, a list.
  RK_NODE_BYTE, RK_NODE_BYTES,
  /// What is asked of an operation: see `rk_obligation`.
  RK_NODE_OBLIGATION,
  /// A byte touched: a = object, b = offset, extra = kind.
  RK_NODE_ACCESS,
  /// Conditions that hold together: a = outer, b = condition, extra = 1 when it is negated.
  RK_NODE_GUARD,
};

struct rk_node {
  /// `op | width << 8 | extra << 16`.
  uint32_t tag;
  uint32_t a, b, c;
};

/// Where a node is found again; `hash` spares looking at most nodes that are others.
struct rk_slot {
  uint32_t node, hash;
};

struct rk_graph {
  struct rk_node *nodes;
  /// Bounds of the value as a signed integer of its width.
  int64_t *low, *high;
  uint32_t count, capacity, limit;
  struct rk_slot *slots;
  uint32_t slot_mask;
  uint64_t *words;
  size_t word_count, word_limit;
  /// Scratch for lists.
  uint64_t *scratch[2];
  size_t scratch_capacity[2];
  /// Operations asked for since the graph was made.
  uint64_t operations;
  int exhausted;
};

/// Null when there is no memory.
struct rk_graph *rk_graph_new(uint32_t node_limit, size_t word_limit);
void rk_graph_free(struct rk_graph *graph);

static inline enum rk_node_op rk_op(const struct rk_graph *g, uint32_t n) {
  return (enum rk_node_op)(g->nodes[n].tag & 0xff);
}
static inline unsigned rk_width(const struct rk_graph *g, uint32_t n) {
  return g->nodes[n].tag >> 8 & 0xff;
}
static inline unsigned rk_extra(const struct rk_graph *g, uint32_t n) {
  return g->nodes[n].tag >> 16;
}
static inline unsigned rk_type_width(enum rk_type type) {
  static const uint8_t widths[] = {8, 8, 16, 16, 32, 32, 64, 64, 32, 64};
  return widths[type];
}
static inline int rk_is_float(enum rk_type type) { return type >= RK_F32; }
static inline int rk_is_signed(enum rk_type type) { return type < RK_F32 && (type & 1) == 0; }
static inline uint64_t rk_mask(unsigned width) {
  return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}
/// Bits extended to 64 as a register of the type holds them.
static inline uint64_t rk_extend(uint64_t bits, enum rk_type type) {
  unsigned width = rk_type_width(type);
  if (!rk_is_signed(type)) return bits & rk_mask(width);
  return (uint64_t)((int64_t)(bits << (64 - width)) >> (64 - width));
}

/// The node of these fields, made if it is new.
uint32_t rk_intern(
  struct rk_graph *g, enum rk_node_op op, unsigned width, unsigned extra, uint32_t a, uint32_t b,
  uint32_t c);
/// The node of a list.
uint32_t rk_intern_list(
  struct rk_graph *g, enum rk_node_op op, unsigned width, unsigned extra, const uint64_t *words,
  size_t count);
static inline const uint64_t *rk_list(const struct rk_graph *g, uint32_t n) {
  return g->words + ((uint64_t)g->nodes[n].c << 32 | g->nodes[n].a);
}
static inline size_t rk_list_count(const struct rk_graph *g, uint32_t n) { return g->nodes[n].b; }

uint32_t rk_constant(struct rk_graph *g, uint64_t bits, unsigned width);
static inline uint64_t rk_constant_bits(const struct rk_graph *g, uint32_t n) {
  return (uint64_t)g->nodes[n].b << 32 | g->nodes[n].a;
}
/// The node of a value of a type.
static inline uint32_t rk_node_of(struct rk_graph *g, struct rk_value v, enum rk_type type) {
  return v.node ? v.node : rk_constant(g, v.bits, rk_type_width(type));
}
/// The value of a node of a type: concrete when the node is constant.
struct rk_value rk_value_of(const struct rk_graph *g, uint32_t n, enum rk_type type);
/// Scratch list `which` with room for `count` words.
uint64_t *rk_scratch(struct rk_graph *g, int which, size_t count);
