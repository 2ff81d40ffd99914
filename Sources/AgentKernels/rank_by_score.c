#include "AgentKernels.h"

void ratchet_rank_by_score(const double *scores, size_t count, size_t *order) {
  for (size_t index = 0; index < count; index++) {
    size_t place = index;
    while (place > 0 && scores[order[place - 1]] < scores[index]) {
      order[place] = order[place - 1];
      place--;
    }
    order[place] = index;
  }
}
