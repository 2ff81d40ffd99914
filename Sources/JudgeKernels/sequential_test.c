#include "sequential_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The gamblers: what each bets, and its share of the first wealth. The first is ruined by a single
// loss and is fastest without one; the best bet is 2p - 1 when a share p of the data is above zero.
static const struct {
  double bet, share;
} gamblers[] = {{1, 0.30}, {0.95, 0.20}, {0.85, 0.20}, {0.70, 0.15}, {0.50, 0.10}, {0.25, 0.05}};

double rk_sign_log_wealth(size_t above, size_t below) {
  double terms[sizeof gamblers / sizeof *gamblers], most = -INFINITY, sum = 0;
  size_t count = sizeof gamblers / sizeof *gamblers;
  for (size_t i = 0; i < count; i++) {
    double loss = below == 0 ? 0 : (double)below * log1p(-gamblers[i].bet);
    terms[i] = log(gamblers[i].share) + (double)above * log1p(gamblers[i].bet) + loss;
    if (terms[i] > most) most = terms[i];
  }
  for (size_t i = 0; i < count; i++) sum += exp(terms[i] - most);
  return most + log(sum);
}

// The wealth grows with every datum that is above instead of below: the first that suffices is the
// fewest.
size_t rk_sign_fewest(size_t count, double error) {
  size_t low = 0, high = count + 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (rk_sign_log_wealth(middle, count - middle) >= -log(error))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// A median below the value of rank k from the top has at least k data above it.
struct rk_interval rk_median_sequence(const double *values, size_t count, double error) {
  struct rk_interval interval = {NAN, NAN, NAN};
  double *sorted = count == 0 ? NULL : malloc(count * sizeof *sorted);
  if (sorted == NULL) return interval;
  memcpy(sorted, values, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, ascending);
  size_t fewest = rk_sign_fewest(count, error / 2);
  interval.low = fewest > count ? -INFINITY : sorted[count - fewest];
  interval.high = fewest > count ? INFINITY : sorted[fewest - 1];
  interval.estimate = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  free(sorted);
  return interval;
}

// 1.4826 makes the deviation of normal data their standard deviation; the median's own error is
// the mean's times the root of pi/2.
double rk_median_error(const double *values, size_t count, double centre) {
  double *distances = count == 0 ? NULL : malloc(count * sizeof *distances);
  if (distances == NULL) return NAN;
  for (size_t i = 0; i < count; i++) distances[i] = fabs(values[i] - centre);
  double deviation = 1.4826 * rk_median(distances, count);
  free(distances);
  return deviation * sqrt(1.5707963267948966 / (double)count);
}

double rk_shrunk(double estimate, double standard_error) {
  if (estimate == 0) return 0;
  double ratio = standard_error / estimate, kept = 1 - ratio * ratio;
  return kept > 0 ? estimate * kept : 0;
}
