/// Medians, bootstrap intervals and rank tests.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// An estimate and the two ends of its confidence interval.
struct rk_interval {
  double estimate, low, high;
};

/// The median of `count` values, the mean of the middle two when `count` is even; NaN when there is
/// none. Reorders `values`, which hold no NaN.
double rk_median(double *values, size_t count);

/// The percentile bootstrap interval of the median: `resamples` samples with replacement from
/// `values`, seeded by `seed`, at two-sided `confidence` (0.95, say). NaN when `count` is 0.
/// Efron and Tibshirani, "An Introduction to the Bootstrap", ch. 13.
struct rk_interval rk_bootstrap_median(
  const double *values, size_t count, size_t resamples, double confidence, uint64_t seed);

/// The same over two stages: groups (loads) are drawn with replacement, then values (pairs) within
/// each drawn group; the statistic is the median of the groups' medians. `ends[g]` is one past the
/// last value of group g. Davison and Hinkley, "Bootstrap Methods and their Application", 3.8.
struct rk_interval rk_bootstrap_grouped_median(
  const double *values, const size_t *ends, size_t groups, size_t resamples, double confidence,
  uint64_t seed);

/// One-sided p-value of Wilcoxon's signed rank test that `values` tend to be above 0, by the normal
/// approximation with corrections for ties and continuity; 1 when no value differs from 0.
double rk_wilcoxon_above_zero(const double *values, size_t count);

/// One-sided p-value of the sign test, exactly: at least `above` of `count` fair coins fall so.
double rk_sign_test(size_t above, size_t count);
