/// Constructors of the symbolic domain: operands in, normal form out. Widths are in bits.
#pragma once

#include "symbolic_nodes.h"

/// x + scale * y modulo 2^width. Sums have one form whatever their order: two's complement wraps.
uint32_t rk_linear(struct rk_graph *g, unsigned width, uint32_t x, uint32_t y, uint64_t scale);
/// x * y modulo 2^width.
uint32_t rk_product(struct rk_graph *g, unsigned width, uint32_t x, uint32_t y);
/// And, or, exclusive or: associative and commutative.
uint32_t rk_bitwise(
  struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t y);
uint32_t rk_divide(struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t y);
/// The amount is below the width.
uint32_t rk_shift(
  struct rk_graph *g, enum rk_node_op op, unsigned width, uint32_t x, uint32_t amount);
/// Sign or zero extension, or truncation.
uint32_t rk_resize(struct rk_graph *g, uint32_t x, unsigned width, int is_signed);

/// 1 when x is zero, of integers.
uint32_t rk_is_zero(struct rk_graph *g, uint32_t x);
/// x < y.
uint32_t rk_less(struct rk_graph *g, uint32_t x, uint32_t y, int is_signed);
/// 1 - x of a value that is 0 or 1.
uint32_t rk_negation(struct rk_graph *g, uint32_t x);
/// What x negates when it is a negation; else 0.
uint32_t rk_negated(const struct rk_graph *g, uint32_t x);
int rk_is_truth(const struct rk_graph *g, uint32_t x);
/// condition ? x : y; the condition is 0 or 1.
uint32_t rk_choice(struct rk_graph *g, uint32_t condition, uint32_t x, uint32_t y);

/// IEEE operations, rounding to nearest. Only identities that keep every bit of results that are no
/// NaN are used: x + y = y + x, x * y = y * x, x - y = x + (-y), (-x) * y = -(x * y), x * 1, x / 2^k.
uint32_t rk_float_add(struct rk_graph *g, uint32_t x, uint32_t y);
uint32_t rk_float_multiply(struct rk_graph *g, uint32_t x, uint32_t y);
uint32_t rk_float_divide(struct rk_graph *g, uint32_t x, uint32_t y);
uint32_t rk_float_negate(struct rk_graph *g, uint32_t x);
uint32_t rk_float_magnitude(struct rk_graph *g, uint32_t x);
/// A sum that only some compilers fuse (`is_doubtful`) is equal to no other.
uint32_t rk_float_fma(struct rk_graph *g, uint32_t x, uint32_t y, uint32_t z, int is_doubtful);
/// Whether any product feeds a sum unfused: where the compiler fuses as it likes, nothing is known.
int rk_has_product_in_sum(const struct rk_graph *g);
uint32_t rk_float_compare(struct rk_graph *g, enum rk_node_op op, uint32_t x, uint32_t y);
/// One type to another.
uint32_t rk_convert(struct rk_graph *g, uint32_t x, enum rk_type from, enum rk_type to);

/// Byte `index` of x, and bytes joined, the lowest first.
uint32_t rk_byte(struct rk_graph *g, uint32_t x, unsigned index);
uint32_t rk_join_bytes(struct rk_graph *g, const uint32_t *bytes, unsigned count);

/// Concrete arithmetic, the same as the program's.
uint64_t rk_fold_float(enum rk_node_op op, unsigned width, uint64_t x, uint64_t y, uint64_t z);
uint64_t rk_fold_convert(uint64_t bits, enum rk_type from, enum rk_type to);
