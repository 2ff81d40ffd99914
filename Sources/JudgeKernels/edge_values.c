#include "edge_values.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "random_numbers.h"

struct source {
  struct rk_random random;
  enum rk_edge_class values;
  struct rk_bounds bounds;
  double previous;
  /// What all values are close to.
  double centre;
};

static double wide(struct source *source) {
  return ldexp(
    rk_random_unit(&source->random) * 2 - 1, (int)rk_random_below(&source->random, 41) - 20);
}

static double ordinary(struct source *source) {
  return (rk_random_unit(&source->random) * 2 - 1) * 4;
}

static bool chance(struct source *source, uint64_t one_in) {
  return rk_random_below(&source->random, one_in) == 0;
}

static double edge(struct source *source, double smallest, double normal, double largest) {
  const double all[] = {
    NAN, INFINITY, -INFINITY, 0.0, -0.0, smallest, -3 * smallest, normal, largest, -largest, 1, -1,
  };
  size_t first = source->values == RK_EDGE_SPECIAL ? 0 : 3;
  return all[first + rk_random_below(&source->random, sizeof all / sizeof *all - first)];
}

static double unbounded(struct source *source, double smallest, double normal, double largest) {
  switch (source->values) {
    case RK_EDGE_ORDINARY: return ordinary(source);
    case RK_EDGE_WIDE: return wide(source);
    case RK_EDGE_CANCELLING: {
      double rest = ldexp(
        rk_random_unit(&source->random), -10 - (int)rk_random_below(&source->random, 45));
      source->previous = chance(source, 2) ? -source->previous * (1 + rest) : wide(source);
      return source->previous;
    }
    case RK_EDGE_CLOSE: {
      double rest = ldexp(rk_random_unit(&source->random) - 0.5, -20);
      return source->centre * (1 + rest);
    }
    case RK_EDGE_TIES: return (double)rk_random_below(&source->random, 4) - 1;
    case RK_EDGE_SPECIAL:
      return chance(source, 3) ? edge(source, smallest, normal, largest) : ordinary(source);
    case RK_EDGE_EXTREMES:
      return chance(source, 2) ? edge(source, smallest, normal, largest) : ordinary(source);
    case RK_EDGE_FEW:
      return chance(source, 8) ? edge(source, smallest, normal, largest) : ordinary(source);
    case RK_EDGE_TINY:
      switch (rk_random_below(&source->random, 4)) {
        case 0: return ordinary(source);
        case 1: return chance(source, 2) ? 0.0 : -0.0;
        default: return smallest * ((double)rk_random_below(&source->random, 9) - 4);
      }
    case RK_EDGE_ADJACENT: {
      const double centres[] = {1, 0.5, 3};
      double centre = centres[rk_random_below(&source->random, 3)];
      // The last place of the type: of the least normal number the denormal is as far below 1.
      double place = smallest / normal * centre;
      double value = centre + place * ((double)rk_random_below(&source->random, 7) - 3);
      return chance(source, 4) ? -value : value;
    }
    case RK_EDGE_HUGE: {
      double value = largest / (double)(1u << rk_random_below(&source->random, 4));
      value *= 1 - rk_random_unit(&source->random) / 2;
      return chance(source, 2) ? -value : value;
    }
    case RK_EDGE_NOT_NUMBERS: return chance(source, 3) ? NAN : ordinary(source);
    case RK_EDGE_ZEROS: return chance(source, 2) ? 0.0 : -0.0;
    case RK_EDGE_NEGATIVE_ZEROS: return -0.0;
  }
  return 0;
}

static double within(struct source *source, double value) {
  struct rk_bounds bounds = source->bounds;
  bool has_bounds = bounds.low <= bounds.high;
  if ((bounds.only_finite || has_bounds) && !isfinite(value)) value = ordinary(source);
  if (!has_bounds || (value >= bounds.low && value <= bounds.high)) return value;
  if (isinf(bounds.low)) return bounds.high - fmin(fabs(value), 4);
  if (isinf(bounds.high)) return bounds.low + fmin(fabs(value), 4);
  return bounds.low + rk_random_unit(&source->random) * (bounds.high - bounds.low);
}

static double floating(struct source *source, double smallest, double normal, double largest) {
  return within(source, unbounded(source, smallest, normal, largest));
}

// A whole number as a pattern of 64 bits, of which the low `size` bytes count.
static uint64_t whole(struct source *source, bool is_signed, size_t size) {
  struct rk_random *random = &source->random;
  uint64_t bits = 8 * (size < 8 ? size : 8);
  uint64_t most = is_signed ? ((uint64_t)1 << (bits - 1)) - 1 : ~0ull >> (64 - bits);
  uint64_t least = is_signed ? (uint64_t)1 << (bits - 1) : 0;
  const uint64_t edges[] = {least, least + 1, most, most - 1, 0, 1, is_signed ? ~0ull : 2};
  bool is_few = source->values == RK_EDGE_TINY || source->values == RK_EDGE_FEW;
  if (is_few && chance(source, 8)) return edges[rk_random_below(random, 7)];
  switch (source->values) {
    case RK_EDGE_TINY:
    case RK_EDGE_FEW:
    case RK_EDGE_ORDINARY: {
      uint64_t bound = most < 1000 ? most : 1000;
      return is_signed ? rk_random_below(random, 2 * bound + 1) - bound
                       : rk_random_below(random, bound + 1);
    }
    case RK_EDGE_TIES:
    case RK_EDGE_ADJACENT: return rk_random_below(random, 4);
    case RK_EDGE_SPECIAL:
    case RK_EDGE_EXTREMES:
      return chance(source, 2) ? edges[rk_random_below(random, 7)] : rk_random_next(random);
    case RK_EDGE_ZEROS: return 0;
    case RK_EDGE_NEGATIVE_ZEROS: return ~0ull;
    default: return rk_random_next(random);
  }
}

// Rounded toward zero: the value only has to be of the format.
static uint16_t half(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0;
  if (isnan(value)) return 0x7e00;
  double magnitude = fabs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 0x1p-14) return sign | (uint16_t)(magnitude * 0x1p24);
  int exponent;
  double significand = frexp(magnitude, &exponent) * 2;
  return (uint16_t)(sign | (exponent + 14) << 10 | (int)((significand - 1) * 1024));
}

static void put(struct source *source, uint8_t *at, const struct rk_cell *cell) {
  switch (cell->kind) {
    case RK_SIGNED:
    case RK_UNSIGNED: {
      uint64_t value = whole(source, cell->kind == RK_SIGNED, cell->size);
      uint64_t rest = cell->kind == RK_SIGNED && value >> 63 ? ~0ull : 0;
      memcpy(at, &value, cell->size < 8 ? cell->size : 8);
      if (cell->size == 16) memcpy(at + 8, &rest, 8);
      break;
    }
    case RK_BOOL: *at = source->values == RK_EDGE_ZEROS ? 0 : chance(source, 2); break;
    case RK_HALF: {
      uint16_t value = half(floating(source, 0x1p-24, 0x1p-14, 65504));
      memcpy(at, &value, 2);
      break;
    }
    case RK_FLOAT: {
      float value = (float)floating(source, FLT_TRUE_MIN, FLT_MIN, FLT_MAX);
      memcpy(at, &value, 4);
      break;
    }
    case RK_DOUBLE: {
      double value = floating(source, DBL_TRUE_MIN, DBL_MIN, DBL_MAX);
      memcpy(at, &value, 8);
      break;
    }
    case RK_EXTENDED: {
      long double value = floating(source, DBL_TRUE_MIN, DBL_MIN, DBL_MAX);
      memcpy(at, &value, cell->size < sizeof value ? cell->size : sizeof value);
      break;
    }
    case RK_POINTER: break;
  }
}

void rk_fill_edges(
  uint8_t *bytes, size_t count, const struct rk_cell *cells, size_t cell_count, size_t stride,
  enum rk_edge_class values, struct rk_bounds bounds, uint64_t seed) {
  struct source source = {.values = values, .bounds = bounds};
  rk_random_seed(&source.random, seed);
  if (values == RK_EDGE_CLOSE) source.centre = 1 + fabs(wide(&source));
  for (size_t start = 0; stride != 0 && start + stride <= count; start += stride)
    for (size_t i = 0; i < cell_count; i++)
      put(&source, bytes + start + cells[i].offset, &cells[i]);
}

size_t rk_first_excess(
  const uint8_t *own, const uint8_t *allowed, size_t start, size_t count) {
  for (size_t i = start; i < count; i++)
    if (own[i] & ~allowed[i]) return i;
  return count;
}
