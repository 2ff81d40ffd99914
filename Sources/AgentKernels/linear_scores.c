#include "AgentKernels.h"

void ratchet_linear_scores(
    const double *features, const double *weights, double bias, size_t rows, size_t columns,
    double *scores) {
  for (size_t row = 0; row < rows; row++) {
    double sum = bias;
    for (size_t column = 0; column < columns; column++)
      sum += features[row * columns + column] * weights[column];
    scores[row] = sum;
  }
}
