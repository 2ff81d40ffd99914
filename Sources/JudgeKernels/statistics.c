#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random_numbers.h"

static void swap(double *a, double *b) {
  double t = *a;
  *a = *b;
  *b = t;
}

// Hoare's selection with the median of three as pivot. Ends because each round leaves out at least
// one value.
static double select_kth(double *values, size_t count, size_t k) {
  size_t low = 0, high = count - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (values[middle] < values[low]) swap(&values[middle], &values[low]);
    if (values[high] < values[low]) swap(&values[high], &values[low]);
    if (values[high] < values[middle]) swap(&values[high], &values[middle]);
    double pivot = values[middle];
    size_t i = low, j = high;
    for (;;) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i >= j) break;
      swap(&values[i++], &values[j--]);
    }
    if (k <= j)
      high = j;
    else
      low = j + 1;
  }
  return values[k];
}

double rk_median(double *values, size_t count) {
  if (count == 0) return NAN;
  double upper = select_kth(values, count, count / 2);
  if (count % 2 == 1) return upper;
  double lower = values[0];
  for (size_t i = 1; i < count / 2; i++)
    if (values[i] > lower) lower = values[i];
  return lower + (upper - lower) / 2;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// The ends of a percentile interval, both rounded outwards.
static void take_ends(
  double *statistics, size_t resamples, double confidence, struct rk_interval *interval) {
  qsort(statistics, resamples, sizeof *statistics, ascending);
  double tail = (1 - confidence) / 2 * (double)(resamples - 1);
  interval->low = statistics[(size_t)floor(tail)];
  interval->high = statistics[(size_t)ceil((double)(resamples - 1) - floor(tail))];
}

struct rk_interval rk_bootstrap_median(
  const double *values, size_t count, size_t resamples, double confidence, uint64_t seed) {
  size_t end = count;
  return rk_bootstrap_grouped_median(values, &end, count == 0 ? 0 : 1, resamples, confidence, seed);
}

static double resampled_median(
  struct rk_random *random, const double *values, size_t count, double *scratch) {
  for (size_t i = 0; i < count; i++) scratch[i] = values[rk_random_below(random, count)];
  return rk_median(scratch, count);
}

static double grouped_median(
  const double *values, const size_t *ends, size_t groups, double *scratch, double *medians) {
  size_t used = 0, start = 0;
  for (size_t g = 0; g < groups; g++) {
    size_t count = ends[g] - start;
    if (count != 0) {
      memcpy(scratch, values + start, count * sizeof *scratch);
      medians[used++] = rk_median(scratch, count);
    }
    start = ends[g];
  }
  return rk_median(medians, used);
}

static double resampled_grouped_median(
  struct rk_random *random, const double *values, const size_t *ends, size_t groups,
  double *scratch, double *medians) {
  size_t used = 0;
  for (size_t g = 0; g < groups; g++) {
    size_t drawn = rk_random_below(random, groups);
    size_t start = drawn == 0 ? 0 : ends[drawn - 1], count = ends[drawn] - start;
    if (count != 0)
      medians[used++] = resampled_median(random, values + start, count, scratch);
  }
  return rk_median(medians, used);
}

struct rk_interval rk_bootstrap_grouped_median(
  const double *values, const size_t *ends, size_t groups, size_t resamples, double confidence,
  uint64_t seed) {
  struct rk_interval interval = {NAN, NAN, NAN};
  size_t count = groups == 0 ? 0 : ends[groups - 1];
  if (count == 0 || resamples == 0) return interval;
  double *scratch = malloc((count + groups + resamples) * sizeof *scratch);
  if (scratch == NULL) return interval;
  double *medians = scratch + count, *statistics = medians + groups;
  struct rk_random random;
  rk_random_seed(&random, seed);
  interval.estimate = grouped_median(values, ends, groups, scratch, medians);
  size_t kept = 0;
  for (size_t i = 0; i < resamples; i++) {
    double statistic =
      resampled_grouped_median(&random, values, ends, groups, scratch, medians);
    if (!isnan(statistic)) statistics[kept++] = statistic;
  }
  if (kept != 0) take_ends(statistics, kept, confidence, &interval);
  free(scratch);
  return interval;
}

struct ranked {
  double magnitude;
  int positive;
};

static int by_magnitude(const void *a, const void *b) {
  double x = ((const struct ranked *)a)->magnitude, y = ((const struct ranked *)b)->magnitude;
  return (x > y) - (x < y);
}

double rk_wilcoxon_above_zero(const double *values, size_t count) {
  struct ranked *ranked = malloc((count + 1) * sizeof *ranked);
  if (ranked == NULL) return 1;
  size_t n = 0;
  for (size_t i = 0; i < count; i++)
    if (values[i] != 0) ranked[n++] = (struct ranked){fabs(values[i]), values[i] > 0};
  qsort(ranked, n, sizeof *ranked, by_magnitude);
  double sum = 0, ties = 0;
  for (size_t i = 0, j; i < n; i = j) {
    for (j = i + 1; j < n && ranked[j].magnitude == ranked[i].magnitude; j++) {}
    double rank = ((double)i + 1 + (double)j) / 2, tied = (double)(j - i);
    ties += tied * (tied * tied - 1);
    for (size_t k = i; k < j; k++) sum += ranked[k].positive ? rank : 0;
  }
  free(ranked);
  double m = (double)n, mean = m * (m + 1) / 4;
  double variance = m * (m + 1) * (2 * m + 1) / 24 - ties / 48;
  if (variance <= 0) return 1;
  return 0.5 * erfc((sum - mean - 0.5) / sqrt(2 * variance));
}

double rk_sign_test(size_t above, size_t count) {
  double total = 0, n = (double)count;
  for (size_t k = above; k <= count; k++)
    total += exp(lgamma(n + 1) - lgamma((double)k + 1) - lgamma(n - (double)k + 1) - n * log(2));
  return total > 1 ? 1 : total;
}
