/// The field Z_p, p = 2^61 - 1, as the values of a machine.
///
/// A floating value is a rational function of the inputs' floating cells and of what calls return,
/// taken at random elements: `bits` is its value, `node` says that it is one and how high its degree
/// may be. Sums, differences, products, quotients and fused operations are the field's, numbers of
/// the text are the dyadic fractions that they are, conversions between floating types change
/// nothing, and functions are random functions of their arguments. There is no order, no rounding,
/// no sign of zero and no bit of a representation.
#pragma once

#include "interpreter.h"

#define RK_FIELD_PRIME ((UINT64_C(1) << 61) - 1)

enum {
  /// `node` of an element: this, RK_FIELD_RATIONAL where there may be a denominator, and a bound of
  /// the degrees of numerator and denominator.
  RK_FIELD_ELEMENT = 1 << 30,
  RK_FIELD_RATIONAL = 1 << 29,
  RK_FIELD_DEGREE = (1 << 29) - 1,
  /// `node` of a part of an element's bytes, and of what has no known type: nothing is known of it.
  RK_FIELD_OPAQUE = 2,
};

/// The element that stands for the floating cell at a byte of an input.
struct rk_value rk_field_leaf(uint64_t key, uint64_t object, uint64_t offset);
/// Whether two cells of `width` bytes hold one value; never of parts of elements.
int rk_field_same(struct rk_value a, struct rk_value b, unsigned width);
/// The highest degree bound among the elements that an object holds.
uint32_t rk_field_degree(const struct rk_machine *machine, size_t object);
/// The degree bound of an element, 0 of what is none.
static inline uint32_t rk_field_degree_of(struct rk_value value) {
  return value.node & RK_FIELD_ELEMENT && value.node != RK_UNSET ? value.node & RK_FIELD_DEGREE : 0;
}
/// A number as an element; 0 when it is none.
int rk_field_number(uint64_t bits, enum rk_type type, struct rk_value *element);
