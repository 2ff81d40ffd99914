#include "input_values.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "random_numbers.h"

struct source {
  struct rk_random random;
  enum rk_value_class values;
  struct rk_bounds bounds;
};

// A full significand and an exponent of -4 to 3: sums and products round, none overflows.
static double ordinary(struct source *source) {
  uint64_t bits = rk_random_next(&source->random);
  double significand = 1 + (double)(bits >> 12) * 0x1p-52;
  double value = ldexp(significand, (int)(bits & 7) - 4);
  return bits & 8 ? -value : value;
}

static int is_special(struct source *source) {
  return source->values == RK_SPECIAL && rk_random_next(&source->random) >> 62 == 0;
}

static double special(struct source *source, double smallest, double largest) {
  const double all[] = {
    NAN, INFINITY, -INFINITY, 0.0, -0.0, smallest, -smallest, smallest * 3, largest, -largest,
    1.0, -1.0,
  };
  size_t first = source->bounds.only_finite ? 3 : 0;
  return all[first + rk_random_below(&source->random, sizeof all / sizeof *all - first)];
}

static double within(const struct rk_bounds *bounds, double value, double unit) {
  if (bounds->low > bounds->high) return value;
  if (value >= bounds->low && value <= bounds->high) return value;
  if (isinf(bounds->low) || isinf(bounds->high))
    return isinf(bounds->low) ? bounds->high - fabs(value) : bounds->low + fabs(value);
  return bounds->low + unit * (bounds->high - bounds->low);
}

static double floating(struct source *source, double smallest, double largest) {
  double value;
  if (source->values == RK_ZEROS)
    value = 0;
  else if (source->values == RK_SMALL_INTEGERS)
    value = (double)rk_random_below(&source->random, 9) - 4;
  else if (is_special(source))
    value = special(source, smallest, largest);
  else
    value = ordinary(source);
  if (isnan(value) && source->bounds.low <= source->bounds.high) value = source->bounds.low;
  return within(&source->bounds, value, rk_random_unit(&source->random));
}

// The range of a whole number that programs can be expected to add up: whole types of one or two
// bytes, a thousand either way for wider signed ones, whose overflow is undefined.
static uint64_t whole(struct source *source, int is_signed, size_t size) {
  struct rk_random *random = &source->random;
  uint64_t least = (uint64_t)1 << (8 * (size < 8 ? size : 8) - 1);
  if (source->values == RK_ZEROS) return 0;
  if (source->values == RK_SMALL_INTEGERS) return rk_random_below(random, 8);
  if (is_special(source)) {
    const uint64_t all[] = {0, 1, (uint64_t)-1, least, least - 1, least - 2, least + 1};
    return all[rk_random_below(random, sizeof all / sizeof *all)];
  }
  if (!is_signed || size <= 2) return rk_random_next(random);
  return rk_random_below(random, 2001) - 1000;
}

// Round to nearest is enough: the value only has to be of the format.
static uint16_t to_half(double value) {
  float single = (float)value;
  uint32_t bits;
  memcpy(&bits, &single, 4);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
  if (isnan(single)) return sign | 0x7e00;
  if (fabsf(single) >= 65520) return sign | 0x7c00;
  if (fabsf(single) < 0x1p-14f) return sign | (uint16_t)lrintf(fabsf(single) * 0x1p24f);
  return (uint16_t)(sign | ((((bits >> 13) & 0x3ffffu) - 0x1c000u) & 0x7fffu));
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
    case RK_BOOL:
      *at = source->values == RK_ZEROS ? 0 : rk_random_next(&source->random) >> 63;
      break;
    case RK_HALF: {
      uint16_t value = to_half(floating(source, 0x1p-24, 65504));
      memcpy(at, &value, 2);
      break;
    }
    case RK_FLOAT: {
      float value = (float)floating(source, FLT_TRUE_MIN, FLT_MAX);
      memcpy(at, &value, 4);
      break;
    }
    case RK_DOUBLE: {
      double value = floating(source, DBL_TRUE_MIN, DBL_MAX);
      memcpy(at, &value, 8);
      break;
    }
    case RK_EXTENDED: {
      long double value = floating(source, DBL_TRUE_MIN, DBL_MAX);
      memcpy(at, &value, cell->size < sizeof value ? cell->size : sizeof value);
      break;
    }
    case RK_POINTER: break;
  }
}

void rk_fill(
  uint8_t *bytes, size_t count, const struct rk_cell *cells, size_t cell_count, size_t stride,
  enum rk_value_class values, struct rk_bounds bounds, uint64_t seed) {
  struct source source = {.values = values, .bounds = bounds};
  rk_random_seed(&source.random, seed);
  for (size_t start = 0; stride != 0 && start + stride <= count; start += stride) {
    if (values == RK_CONSTANT) rk_random_seed(&source.random, seed);
    for (size_t i = 0; i < cell_count; i++)
      put(&source, bytes + start + cells[i].offset, &cells[i]);
  }
}
