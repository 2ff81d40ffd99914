#include "random_numbers.h"

static uint64_t splitmix64(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

void rk_random_seed(struct rk_random *random, uint64_t seed) {
  for (int i = 0; i < 4; i++) random->state[i] = splitmix64(&seed);
}

static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t rk_random_next(struct rk_random *random) {
  uint64_t *s = random->state;
  uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

uint64_t rk_random_below(struct rk_random *random, uint64_t bound) {
  if (bound == 0) return 0;
  unsigned __int128 product = (unsigned __int128)rk_random_next(random) * bound;
  // The few values that would come up too often are drawn again.
  uint64_t least = -bound % bound;
  while ((uint64_t)product < least)
    product = (unsigned __int128)rk_random_next(random) * bound;
  return (uint64_t)(product >> 64);
}

double rk_random_unit(struct rk_random *random) {
  return (double)(rk_random_next(random) >> 11) * 0x1p-53;
}
