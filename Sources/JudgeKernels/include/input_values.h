/// Fills memory with input values of a class, deterministically in a seed.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum rk_value_class {
  /// Numbers of moderate size and full precision.
  RK_ORDINARY = 0,
  /// As ordinary, every fourth a NaN, infinity, zero, denormal or an end of the type's range.
  RK_SPECIAL = 1,
  /// Small whole numbers: sums and products are exact.
  RK_SMALL_INTEGERS = 2,
  /// One ordinary number throughout.
  RK_CONSTANT = 3,
  RK_ZEROS = 4,
};

enum rk_cell_kind {
  RK_SIGNED = 0,
  RK_UNSIGNED = 1,
  RK_BOOL = 2,
  RK_HALF = 3,
  RK_FLOAT = 4,
  RK_DOUBLE = 5,
  RK_EXTENDED = 6,
  /// Left as it is.
  RK_POINTER = 7,
};

/// One cell of a pattern that repeats: where it is, its kind, and its bytes for whole numbers.
struct rk_cell {
  size_t offset;
  enum rk_cell_kind kind;
  size_t size;
};

/// What floating values are to be.
struct rk_bounds {
  double low, high;   // inclusive; low > high: no bounds
  int only_finite;
};

/// Fills `count` bytes, pattern after pattern of `stride` bytes; a part at the end stays as it is.
void rk_fill(
  uint8_t *bytes, size_t count, const struct rk_cell *cells, size_t cell_count, size_t stride,
  enum rk_value_class values, struct rk_bounds bounds, uint64_t seed);
