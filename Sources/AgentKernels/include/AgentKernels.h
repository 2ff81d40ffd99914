#ifndef AGENT_KERNELS_H
#define AGENT_KERNELS_H

#include <stddef.h>

/// Scores of a linear model: `scores[r] = bias + sum over c of features[r * columns + c] * weights[c]`.
///
/// `features` holds `rows * columns` values, row by row. The sum of each row runs from the first
/// column to the last, so that equal input gives equal bits.
void ratchet_linear_scores(
    const double *features, const double *weights, double bias, size_t rows, size_t columns,
    double *scores);

/// Writes to `order` the indices `0 … count - 1` by falling score; equal scores keep their order.
void ratchet_rank_by_score(const double *scores, size_t count, size_t *order);

#endif
