/// What operations give in about twice the precision of `double`, and how ill-conditioned they are.
///
/// The nodes of a graph are evaluated for given contents of the inputs. Floating operations are
/// carried out on unevaluated sums of two doubles (T. J. Dekker, "A floating-point technique for
/// extending the available precision", 1971) and round nowhere on the way, not even where the program
/// converts to `float`; comparisons and conversions to integers take the value that the program itself
/// computes, so that the reference goes the program's way.
#pragma once

#include "symbolic_nodes.h"

struct rk_contents {
  const uint8_t *bytes;
  size_t count;
};

/// Functions that are known by their meaning. Their results carry the precision of `long double`.
enum rk_real_function {
  RK_UNKNOWN_FUNCTION, RK_SQRT, RK_FABS, RK_EXP, RK_EXP2, RK_EXPM1, RK_LOG, RK_LOG2, RK_LOG10,
  RK_LOG1P, RK_SIN, RK_COS, RK_TAN, RK_ASIN, RK_ACOS, RK_ATAN, RK_SINH, RK_COSH, RK_TANH, RK_CBRT,
  RK_POW, RK_ATAN2, RK_HYPOT, RK_FMIN, RK_FMAX,
};

struct rk_reference_value {
  /// The value is high + low.
  double high, low;
  /// The result of the same operations on the magnitudes of all operands: what one unit of relative
  /// error in an operand is felt as.
  double magnitude;
};

struct rk_reference;

/// Evaluates all nodes; null when there is no memory. Objects are the leaves' by index; an argument is
/// the object UINT32_MAX - 1 - index. `functions` are the callees by number.
struct rk_reference *rk_reference_new(
  const struct rk_graph *g, const struct rk_contents *objects, size_t object_count,
  const struct rk_contents *arguments, size_t argument_count, const uint8_t *functions,
  size_t function_count);
void rk_reference_free(struct rk_reference *reference);

/// The value of a node of type RK_F32 or RK_F64; 0 when it rests on an operation that is not known.
int rk_reference_get(
  const struct rk_reference *reference, struct rk_value value, enum rk_type type,
  struct rk_reference_value *result);
