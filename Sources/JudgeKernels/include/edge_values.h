/// Fills memory with the values on which wrong programs differ from right ones, and finds the first
/// access that nothing licenses.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "input_values.h"

/// Kinds of contents; each shows another kind of mistake.
enum rk_edge_class {
  /// Moderate values of both signs.
  RK_EDGE_ORDINARY = 0,
  /// Magnitudes far apart, so that every change of order rounds differently; all bits of integers.
  RK_EDGE_WIDE = 1,
  /// Few distinct values, so that comparisons meet equality.
  RK_EDGE_TIES = 2,
  /// NaN, infinities, zeros, denormals and ends of the range among ordinary values.
  RK_EDGE_SPECIAL = 3,
  /// As special, without NaN and infinity.
  RK_EDGE_EXTREMES = 4,
  /// Every third value a NaN.
  RK_EDGE_NOT_NUMBERS = 5,
  /// Zeros of both signs.
  RK_EDGE_ZEROS = 6,
  /// Negative zeros; integers of all bits set.
  RK_EDGE_NEGATIVE_ZEROS = 7,
  /// Magnitudes far apart, half of the values all but cancelling the one before; as wide for integers.
  RK_EDGE_CANCELLING = 8,
  /// All values within a millionth of one; as wide for integers.
  RK_EDGE_CLOSE = 9,
  /// Denormals and zeros beside ordinary values, so that products underflow and nothing larger hides
  /// what becomes of them; of integers every eighth at an end of the range, the others ordinary.
  RK_EDGE_TINY = 10,
  /// Every eighth value as in extremes, the others ordinary: one by itself is not lost among its like.
  RK_EDGE_FEW = 11,
  /// Values some units in the last place from one of three, so that neighbours and equals meet; integers
  /// few and close likewise.
  RK_EDGE_ADJACENT = 12,
  /// Magnitudes up to the end of the range, so that sums and products overflow; of integers all bits.
  RK_EDGE_HUGE = 13,
};

/// Fills `count` bytes, pattern after pattern of `stride` bytes; a part at the end stays as it is.
void rk_fill_edges(
  uint8_t *bytes, size_t count, const struct rk_cell *cells, size_t cell_count, size_t stride,
  enum rk_edge_class values, struct rk_bounds bounds, uint64_t seed);

/// The first index from `start` at which `own` has a flag that `allowed` has not; `count` when there
/// is none.
size_t rk_first_excess(
  const uint8_t *own, const uint8_t *allowed, size_t start, size_t count);
