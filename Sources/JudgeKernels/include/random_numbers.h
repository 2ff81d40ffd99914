/// Seeded random numbers: the same seed gives the same numbers on every machine.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// xoshiro256** of Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).
struct rk_random {
  uint64_t state[4];
};

/// Fills the state from `seed` by splitmix64, as its authors advise.
void rk_random_seed(struct rk_random *random, uint64_t seed);

/// The next 64 bits.
uint64_t rk_random_next(struct rk_random *random);

/// Uniform in 0 ..< bound without bias (Lemire 2019); 0 when `bound` is 0.
uint64_t rk_random_below(struct rk_random *random, uint64_t bound);

/// Uniform in [0, 1) with 53 bits.
double rk_random_unit(struct rk_random *random);
