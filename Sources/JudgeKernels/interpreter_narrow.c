#include "interpreter_internal.h"

#include <math.h>
#include <string.h>

static unsigned narrow_width(const struct rk_machine *m, enum rk_type type) {
  switch (rk_type_width(type)) {
    case 64: return 2 * m->narrow_width;
    case 32: return m->narrow_width;
    case 16: return m->narrow_width - 3;
    default: return 8;
  }
}

static uint64_t extended(uint64_t bits, unsigned width, int is_signed) {
  if (!is_signed) return bits & rk_mask(width);
  return (uint64_t)((int64_t)(bits << (64 - width)) >> (64 - width));
}

/// Whether a number that the program has computed is an address, or the distance of two objects.
static int is_of_addresses(const struct rk_program *program, uint32_t at, uint64_t x) {
  uint64_t magnitude = (int64_t)x < 0 ? 0 - x : x;
  return at >= program->constant_count && magnitude >> (RK_ADDRESS_SHIFT - 1) != 0;
}

/// What stands for a number of a type; 0 where nothing does. A constant that no size reaches says nothing
/// of sizes that do, so that it has no counterpart either.
static int fit(
  const struct rk_machine *m, uint64_t x, int is_constant, enum rk_type type, uint64_t *fitted)
{
  unsigned width = narrow_width(m, type), whole = rk_type_width(type);
  int is_signed = rk_is_signed(type);
  *fitted = x;
  int is_reached = !is_constant || (int64_t)x < 0 || x >> m->narrow_width == 0;
  if (extended(x, width, is_signed) == x && is_reached) return 1;
  uint64_t most = rk_mask(whole - (unsigned)is_signed);
  uint64_t narrow_most = rk_mask(width - (unsigned)is_signed);
  uint64_t room = narrow_most / 2;
  if (most - x <= room && (!is_signed || (int64_t)x >= 0)) {
    *fitted = narrow_most - (most - x);
    return 1;
  }
  // From the least number of a signed type on.
  uint64_t above = x + most + 1;
  if (is_signed && (int64_t)x < 0 && above <= room) {
    *fitted = above - narrow_most - 1;
    return 1;
  }
  return 0;
}

/// Whether a number is all ones: -1, or the greatest of an unsigned type; as a constant only where it is
/// that at full width, since a mask of as many bits as narrow integers have is none of a full integer.
static int is_all_ones(
  const struct rk_machine *m, uint64_t x, int is_constant, enum rk_type type)
{
  if (rk_is_signed(type)) return x == UINT64_MAX;
  return x == rk_mask(rk_type_width(type)) || (!is_constant && x == rk_mask(narrow_width(m, type)));
}

/// Selects by a mask of nothing or of everything, which is right for bits that are no number at all, as
/// those of a floating-point value.
static int masked(enum rk_opcode op, uint64_t mask, int is_all, uint64_t x, uint64_t *result) {
  if ((op != RK_AND && op != RK_OR) || (mask != 0 && !is_all)) return 0;
  *result = (op == RK_AND) == (mask != 0) ? x : mask;
  return 1;
}

static enum rk_status integer(
  struct rk_machine *m, enum rk_opcode op, enum rk_type type, uint64_t x, uint64_t y,
  uint64_t *result)
{
  int is_signed = rk_is_signed(type);
  unsigned width = narrow_width(m, type);
  int64_t p = (int64_t)x, q = (int64_t)y, out;
  switch (op) {
    // Of at most 32 bits each, so that 64 hold what comes out, or its residue.
    case RK_ADD: out = p + q; break;
    case RK_SUB: out = p - q; break;
    case RK_MUL: out = (int64_t)((uint64_t)p * (uint64_t)q); break;
    case RK_DIV: case RK_REM:
      if (q == 0) return RK_DIVISION_BY_ZERO;
      out = op == RK_DIV ? p / q : p % q;
      break;
    case RK_AND: out = p & q; break;
    case RK_OR: out = p | q; break;
    case RK_XOR: out = p ^ q; break;
    case RK_SHL: case RK_SHR:
      if (y >= rk_type_width(type)) return RK_BAD_SHIFT;
      if (y >= width) return RK_TOO_NARROW;
      if (op == RK_SHR) {
        out = p >> y;
        break;
      }
      *result = extended(x << y, width, is_signed);
      if (!is_signed && *result >> y != x) m->has_wrapped = 1;
      if (is_signed && !m->wraps && (p < 0 || (int64_t)*result >> y != p)) return RK_OVERFLOW;
      return RK_RUNNING;
    case RK_NEG: out = -p; break;
    case RK_COMPLEMENT: out = ~p; break;
    case RK_EQ: *result = x == y; return RK_RUNNING;
    case RK_NE: *result = x != y; return RK_RUNNING;
    case RK_LT: *result = is_signed ? p < q : x < y; return RK_RUNNING;
    default: *result = is_signed ? p <= q : x <= y; return RK_RUNNING;
  }
  *result = extended((uint64_t)out, width, is_signed);
  if ((op == RK_ADD || op == RK_MUL) && *result != (uint64_t)out) m->has_wrapped = 1;
  if (is_signed && !m->wraps && (int64_t)*result != out) return RK_OVERFLOW;
  return RK_RUNNING;
}

/// Rounded to so many bits, ties to even.
static double rounded(double value, int bits) {
  int exponent;
  double significand = frexp(value, &exponent);
  return ldexp(nearbyint(ldexp(significand, bits)), exponent - bits);
}

static uint64_t floating_bits(double value, enum rk_type type) {
  uint64_t bits = 0;
  float single = (float)value;
  if (type == RK_F32) memcpy(&bits, &single, sizeof single);
  else memcpy(&bits, &value, sizeof value);
  return bits;
}

static double floating_value(uint64_t bits, enum rk_type type) {
  float single;
  double value;
  memcpy(&single, &bits, sizeof single);
  memcpy(&value, &bits, sizeof value);
  return type == RK_F32 ? single : value;
}

static enum rk_status convert(
  struct rk_machine *m, enum rk_type from, enum rk_type to, uint64_t x, uint64_t *result)
{
  if (!rk_is_float(from)) {
    if (!rk_is_float(to)) {
      *result = extended(x, narrow_width(m, to), rk_is_signed(to));
      if (*result != x && (int64_t)x >= 0) m->has_wrapped = 1;
      return RK_RUNNING;
    }
    // 24 of 32 bits and 53 of 64 are significant.
    int bits = (int)(to == RK_F32 ? m->narrow_width * 24 / 32 : 2 * m->narrow_width * 53 / 64);
    double value = rk_is_signed(from) ? (double)(int64_t)x : (double)x;
    *result = floating_bits(rounded(value, bits), to);
    return RK_RUNNING;
  }
  double value = trunc(floating_value(x, from));
  unsigned width = narrow_width(m, to) - (unsigned)rk_is_signed(to);
  double end = ldexp(1, (int)width);
  if (!(value < end && value > (rk_is_signed(to) ? -end - 1 : -1))) return RK_BAD_CONVERSION;
  *result = (uint64_t)(int64_t)value;
  return RK_RUNNING;
}

int rk_narrowed(
  struct rk_machine *m, const struct rk_program *program, const struct rk_instruction *i,
  const struct rk_value *r, struct rk_value *result, enum rk_status *status)
{
  enum rk_opcode op = (enum rk_opcode)i->op;
  int is_unary = op == RK_CONVERT || op == RK_NEG || op == RK_COMPLEMENT;
  enum rk_type type = (enum rk_type)(op == RK_CONVERT ? i->aux : i->type);
  struct rk_value a = r[i->a], b = is_unary ? (struct rk_value){0, 0} : r[i->b];
  if (a.node || b.node) return 0;
  if (op == RK_CONVERT && rk_is_float(type) && rk_is_float((enum rk_type)i->type)) return 0;
  if (op != RK_CONVERT && rk_is_float(type)) return 0;
  uint64_t x = a.bits, y = b.bits;
  if (!rk_is_float(type)
      && (is_of_addresses(program, i->a, x)
          || (!is_unary && is_of_addresses(program, i->b, y))))
    return 0;
  // A shift's amount is a number of bits, not a size.
  int is_shift = op == RK_SHL || op == RK_SHR;
  int a_is_constant = i->a < program->constant_count, b_is_constant = i->b < program->constant_count;
  if (masked(op, x, is_all_ones(m, x, a_is_constant, type), y, &result->bits)
      || masked(op, y, is_all_ones(m, y, b_is_constant, type), x, &result->bits)) {
    result->node = 0;
    *status = RK_RUNNING;
    return 1;
  }
  if (!rk_is_float(type)
      && (!fit(m, x, a_is_constant, type, &x)
          || (!is_shift && !is_unary && !fit(m, y, b_is_constant, type, &y)))) {
    *status = RK_TOO_NARROW;
    return 1;
  }
  result->node = 0;
  *status = op == RK_CONVERT ? convert(m, type, (enum rk_type)i->type, x, &result->bits)
                             : integer(m, op, type, x, y, &result->bits);
  return 1;
}
