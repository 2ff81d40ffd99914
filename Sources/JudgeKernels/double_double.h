/// Unevaluated sums of two doubles, about 106 bits. Private to the judge's C.
#pragma once

#include <math.h>

struct pair {
  double high, low;
};

static inline struct pair pair_of(double value) { return (struct pair){value, 0}; }

/// Knuth's exact sum of two doubles.
static inline struct pair exact_sum(double a, double b) {
  double s = a + b, t = s - a;
  return (struct pair){s, (a - (s - t)) + (b - t)};
}

/// High and low part made not to overlap; what is not finite keeps no low part.
static inline struct pair pair_normal(double high, double low) {
  double s = high + low;
  return (struct pair){s, isfinite(s) ? low - (s - high) : 0};
}

static inline struct pair pair_add(struct pair x, struct pair y) {
  struct pair s = exact_sum(x.high, y.high), t = exact_sum(x.low, y.low);
  struct pair first = pair_normal(s.high, s.low + t.high);
  return pair_normal(first.high, first.low + t.low);
}

static inline struct pair pair_negate(struct pair x) { return (struct pair){-x.high, -x.low}; }

static inline struct pair pair_multiply(struct pair x, struct pair y) {
  double product = x.high * y.high;
  double rest = fma(x.high, y.high, -product) + (x.high * y.low + x.low * y.high);
  return pair_normal(product, rest);
}

/// Long division, one further quotient digit of 53 bits, and the rest of a third.
static inline struct pair pair_divide(struct pair x, struct pair y) {
  double first = x.high / y.high;
  if (!isfinite(first) || isinf(y.high)) return pair_of(first);
  struct pair rest = pair_add(x, pair_negate(pair_multiply(y, pair_of(first))));
  double second = rest.high / y.high;
  rest = pair_add(rest, pair_negate(pair_multiply(y, pair_of(second))));
  return pair_add(exact_sum(first, second), pair_of(rest.high / y.high));
}

/// One step of Newton's on the rounded root.
static inline struct pair pair_root(struct pair x) {
  double root = sqrt(x.high);
  if (root == 0 || !isfinite(root)) return pair_of(root);
  struct pair rest = pair_add(x, pair_negate(pair_multiply(pair_of(root), pair_of(root))));
  return pair_normal(root, rest.high / (2 * root));
}
