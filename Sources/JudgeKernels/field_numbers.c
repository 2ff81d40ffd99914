#include "field_numbers.h"

#include <math.h>
#include <string.h>

#include "interpreter_internal.h"

static const uint64_t prime = RK_FIELD_PRIME;

static uint64_t reduced(uint64_t x) { return x >= prime ? x - prime : x; }
static uint64_t sum(uint64_t x, uint64_t y) { return reduced(x + y); }
static uint64_t opposite(uint64_t x) { return x ? prime - x : 0; }
static uint64_t product(uint64_t x, uint64_t y) {
  unsigned __int128 wide = (unsigned __int128)x * y;
  // 2^61 is 1.
  return reduced(((uint64_t)wide & prime) + (uint64_t)(wide >> 61));
}

/// x^(p - 2), which is 1 / x for every x but 0 (Fermat).
static uint64_t inverse(uint64_t x) {
  uint64_t result = 1, power = x;
  for (uint64_t exponent = prime - 2; exponent; exponent >>= 1) {
    if (exponent & 1) result = product(result, power);
    power = product(power, power);
  }
  return result;
}

static uint64_t mixed(uint64_t x) {
  // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

static uint64_t keyed(uint64_t state, uint64_t word) {
  return mixed((state ^ word) + 0x9e3779b97f4a7c15ull);
}

static uint64_t element_of(uint64_t hash) { return reduced(hash & prime); }

struct rk_value rk_field_leaf(uint64_t key, uint64_t object, uint64_t offset) {
  uint64_t hash = keyed(keyed(mixed(key), object), offset);
  return (struct rk_value){element_of(hash), RK_FIELD_ELEMENT | 1};
}

static uint64_t integer_element(uint64_t bits, int is_negative) {
  uint64_t magnitude = is_negative ? 0 - bits : bits;
  uint64_t element = reduced((magnitude & prime) + (magnitude >> 61));
  return is_negative ? opposite(element) : element;
}

int rk_field_number(uint64_t bits, enum rk_type type, struct rk_value *element) {
  element->node = RK_FIELD_ELEMENT;
  if (!rk_is_float(type)) {
    element->bits = integer_element(bits, rk_is_signed(type) && (int64_t)bits < 0);
    return 1;
  }
  uint64_t wide = rk_fold_convert(bits, type, RK_F64);
  double value;
  memcpy(&value, &wide, sizeof value);
  if (!isfinite(value)) return 0;
  int exponent;
  int64_t fraction = (int64_t)ldexp(frexp(value, &exponent), 53);
  uint64_t scaled = integer_element((uint64_t)fraction, fraction < 0);
  int shift = ((exponent - 53) % 61 + 61) % 61;
  element->bits = product(scaled, UINT64_C(1) << shift);
  return 1;
}

int rk_field_same(struct rk_value a, struct rk_value b, unsigned width) {
  if (!a.node && !b.node) return ((a.bits ^ b.bits) & rk_mask(8 * width)) == 0;
  if (a.node == RK_UNSET || b.node == RK_UNSET) return a.node == b.node;
  if (a.node == RK_FIELD_OPAQUE || b.node == RK_FIELD_OPAQUE) return 0;
  enum rk_type type = width == 4 ? RK_F32 : RK_F64;
  if (!a.node && ((width != 4 && width != 8) || !rk_field_number(a.bits, type, &a))) return 0;
  if (!b.node && ((width != 4 && width != 8) || !rk_field_number(b.bits, type, &b))) return 0;
  return a.bits == b.bits;
}

uint32_t rk_field_degree(const struct rk_machine *m, size_t object) {
  const struct rk_object_state *o = &m->objects[object];
  uint32_t most = 0;
  for (uint64_t at = 0; at < o->size; at++) {
    if (o->widths[at] == 0 || (o->widths[at] & 0x80)) continue;
    uint32_t bound = rk_field_degree_of(rk_cell_value(o, at));
    if (bound > most) most = bound;
  }
  return most;
}

static uint32_t degree(struct rk_value x) { return x.node & RK_FIELD_DEGREE; }
static int is_rational(struct rk_value x) { return (x.node & RK_FIELD_RATIONAL) != 0; }

/// A value with its degree bound; 0 when the bound would be too high to be of use.
static int made(uint64_t bits, uint64_t bound, int rational, struct rk_value *out) {
  if (bound > RK_FIELD_DEGREE) return 0;
  out->bits = bits;
  out->node = RK_FIELD_ELEMENT | (uint32_t)bound | (rational ? RK_FIELD_RATIONAL : 0);
  return 1;
}

/// Of n1/d1 + n2/d2 the numerator is n1 d2 + n2 d1 and the denominator d1 d2.
static int add(struct rk_value x, struct rk_value y, struct rk_value *out) {
  int rational = is_rational(x) || is_rational(y);
  uint64_t a = degree(x), b = degree(y);
  return made(sum(x.bits, y.bits), rational ? a + b : a > b ? a : b, rational, out);
}

static int multiply(struct rk_value x, struct rk_value y, struct rk_value *out) {
  return made(
    product(x.bits, y.bits), (uint64_t)degree(x) + degree(y), is_rational(x) || is_rational(y), out);
}

static int divide(struct rk_value x, struct rk_value y, struct rk_value *out) {
  // What is zero here is zero for sure or nearly: neither has a quotient.
  if (y.bits == 0) return 0;
  int rational = degree(y) > 0 || is_rational(x) || is_rational(y);
  return made(
    product(x.bits, inverse(y.bits)), (uint64_t)degree(x) + degree(y), rational, out);
}

static struct rk_value negated(struct rk_value x) {
  x.bits = opposite(x.bits);
  return x;
}

/// An operand as an element; 0 when it is none.
static int element(struct rk_value value, enum rk_type type, struct rk_value *out) {
  if (value.node == 0) return rk_field_number(value.bits, type, out);
  *out = value;
  return value.node != RK_FIELD_OPAQUE && value.node != RK_UNSET;
}

/// A function that is not looked into: a random one, the same for equal arguments.
static enum rk_status call(
  struct rk_machine *m, uint32_t callee, uint32_t count, enum rk_type type, struct rk_value *out)
{
  uint64_t state = keyed(mixed(~m->key), callee);
  if (count != m->argument_count || !rk_is_float(type)) return RK_NOT_COVERED;
  for (uint32_t k = 0; k < count; k++) {
    struct rk_value argument = m->arguments[k].value;
    if (rk_is_float(m->arguments[k].type)) {
      if (!element(argument, m->arguments[k].type, &argument)) return RK_NOT_COVERED;
      uint32_t bound = degree(argument);
      if (bound > m->oracle_degree) m->oracle_degree = bound;
    } else if (argument.node) {
      return RK_NOT_COVERED;
    }
    state = keyed(state, argument.bits);
  }
  m->argument_count = 0;
  m->oracle_calls++;
  *out = (struct rk_value){element_of(state), RK_FIELD_ELEMENT | 1};
  return RK_RUNNING;
}

static enum rk_status converted(
  const struct rk_instruction *i, struct rk_value value, struct rk_value *out)
{
  enum rk_type type = (enum rk_type)i->type, from = (enum rk_type)i->aux;
  if (!rk_is_float(type)) return RK_NOT_COVERED;
  // A floating type holds every number of a narrower one; the other way rounds, which is not looked at.
  return element(value, from, out) ? RK_RUNNING : RK_NOT_COVERED;
}

static enum rk_status arithmetic(
  const struct rk_instruction *i, struct rk_value x, struct rk_value y, struct rk_value *out)
{
  int is_covered;
  switch ((enum rk_opcode)i->op) {
    case RK_ADD: is_covered = add(x, y, out); break;
    case RK_SUB: is_covered = add(x, negated(y), out); break;
    case RK_MUL: is_covered = multiply(x, y, out); break;
    case RK_DIV: is_covered = divide(x, y, out); break;
    default: is_covered = 0;
  }
  return is_covered ? RK_RUNNING : RK_NOT_COVERED;
}

enum rk_status rk_field(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *r)
{
  enum rk_type type = (enum rk_type)i->type;
  struct rk_value *out = &m->registers[m->result_register], x, y, z;
  if (i->op == RK_CALL) return call(m, i->c, i->b, type, out);
  if (r[i->a].node == RK_UNSET) return RK_UNSET_READ;
  if (i->op == RK_ARGUMENT) {
    if (m->argument_count == 16) return RK_NOT_COVERED;
    m->arguments[m->argument_count].value = r[i->a];
    m->arguments[m->argument_count++].type = type;
    *out = r[i->a];
    return RK_RUNNING;
  }
  if (i->op == RK_CONVERT) return converted(i, r[i->a], out);
  if (!rk_is_float(type)) return RK_NOT_COVERED;
  int is_element = element(r[i->a], type, &x);
  if (i->op == RK_NEG && is_element) {
    *out = negated(x);
    return RK_RUNNING;
  }
  if (i->op != RK_FUSED && (i->op < RK_ADD || i->op > RK_DIV)) return RK_NOT_COVERED;
  if (r[i->b].node == RK_UNSET) return RK_UNSET_READ;
  if (!is_element || !element(r[i->b], type, &y)) return RK_NOT_COVERED;
  if (i->op != RK_FUSED) return arithmetic(i, x, y, out);
  if (r[i->c].node == RK_UNSET) return RK_UNSET_READ;
  if (!element(r[i->c], type, &z)) return RK_NOT_COVERED;
  struct rk_value both;
  if (!multiply(i->aux & 1 ? negated(x) : x, y, &both)) return RK_NOT_COVERED;
  return add(both, i->aux & 2 ? negated(z) : z, out) ? RK_RUNNING : RK_NOT_COVERED;
}
