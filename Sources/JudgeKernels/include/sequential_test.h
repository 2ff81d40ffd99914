/// A sequential test of signs by betting, and the interval for a median that goes with it.
///
/// The test. A gambler starts with wealth 1 and bets, load after load, a share of it that the next
/// load's datum is above zero: a share `lambda` makes the wealth 1 + lambda times itself when it is,
/// 1 - lambda times when it is below, and leaves it when it is zero. Where, given all that went
/// before, a load is no likelier above zero than below, no bet gains on average: the wealth is a
/// nonnegative supermartingale, and by Ville's inequality it ever reaches 1/error with a
/// probability of at most `error`, however often one looks and whenever one stops. The wealth here
/// is the mean over several gamblers, each with a share of its own, which is again such a wealth.
///
/// J. Ville, "Étude critique de la notion de collectif" (1939). I. Waudby-Smith and A. Ramdas,
/// "Estimating means of bounded random variables by betting", JRSS B 86 (2024): betting, mixtures of
/// bets, and intervals by inversion. A. Ramdas, J. Ruf, M. Larsson, W. Koolen, "Admissible
/// anytime-valid sequential inference must rely on nonnegative martingales" (2020).
#pragma once

#include <stddef.h>

#include "statistics.h"

/// Natural logarithm of the wealth after `above` data above zero and `below` below it.
double rk_sign_log_wealth(size_t above, size_t below);

/// How many of `count` data must be above zero for a wealth of 1/`error`; `count` + 1 when not even
/// all would do.
size_t rk_sign_fewest(size_t count, double error);

/// The median with the two ends of its confidence sequence: those medians that neither the test for
/// more nor the test for less, each at half of `error`, has rejected by these values. All intervals
/// over time together hold the true median but for a probability of `error`. An end that so few
/// values cannot give is infinite. NaN when `count` is 0. The values hold no NaN.
///
/// S. Howard and A. Ramdas, "Sequential estimation of quantiles", Bernoulli 28 (2022).
struct rk_interval rk_median_sequence(const double *values, size_t count, double error);

/// The standard error of the median by the median absolute deviation from `centre`, as if the data
/// were normal; NaN when `count` is 0.
double rk_median_error(const double *values, size_t count, double centre);

/// An estimate drawn towards zero for having been chosen: the empirical Bayes estimate under a
/// normal prior around zero whose variance is what the estimate itself suggests,
/// estimate * max(0, 1 - (error / estimate)^2).
///
/// B. Efron and C. Morris, "Stein's estimation rule and its competitors", JASA 68 (1973); B. Efron,
/// "Tweedie's formula and selection bias", JASA 106 (2011).
double rk_shrunk(double estimate, double standard_error);
