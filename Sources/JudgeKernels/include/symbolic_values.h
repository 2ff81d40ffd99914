/// Values of a graph's nodes for given leaves: what a choice of contents makes of both programs.
///
/// Operations are total, with the values that SMT-LIB gives where C has none: division by zero, shifts
/// by the width or more. Functions that are not looked into have values drawn from their arguments.
#pragma once

#include "symbolic_rules.h"

/// How leaves are drawn.
enum rk_draw {
  RK_DRAW_ANY, RK_DRAW_SMALL, RK_DRAW_EDGE, RK_DRAW_NUMBER, RK_DRAW_SPARSE, RK_DRAW_ZERO,
};

uint64_t rk_draw_leaf(const struct rk_graph *graph, uint32_t leaf, uint64_t seed, enum rk_draw draw);
/// Draws every leaf; `values` has room for `graph->count`.
void rk_draw_leaves(
  const struct rk_graph *graph, uint64_t seed, enum rk_draw draw, uint64_t *values);
/// Computes every node that is no leaf from the leaves. Operands come before their operations.
void rk_evaluate(const struct rk_graph *graph, uint64_t *values);
/// Joins the values to one signature for each node: nodes with different signatures differ.
void rk_mix_signatures(
  const struct rk_graph *graph, const uint64_t *values, uint64_t *signatures);

/// The operands of a node that is a value; leaves, constants and what is no value have none.
size_t rk_operand_count(const struct rk_graph *graph, uint32_t node);
uint32_t rk_operand(const struct rk_graph *graph, uint32_t node, size_t index);

static inline int rk_is_nan(uint64_t bits, unsigned width) {
  if (width == 32) return (bits & 0x7fffffff) > 0x7f800000;
  return width == 64 && (bits & INT64_MAX) > 0x7ff0000000000000;
}
