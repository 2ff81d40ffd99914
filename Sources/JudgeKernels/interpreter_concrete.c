#include <math.h>
#include <string.h>

#include "interpreter_internal.h"

#pragma STDC FP_CONTRACT OFF

static double as_double(uint64_t bits, enum rk_type type) {
  uint64_t wide = rk_fold_convert(bits, type, RK_F64);
  double value;
  memcpy(&value, &wide, sizeof value);
  return value;
}
static float as_float(uint64_t bits, enum rk_type type) {
  uint32_t narrow = (uint32_t)rk_fold_convert(bits, type, RK_F32);
  float value;
  memcpy(&value, &narrow, sizeof value);
  return value;
}
static uint64_t of_double(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
static uint64_t of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// A function that the concrete domain has: of one or two floating values, or of one integer.
struct function {
  const char *name;
  double (*d1)(double);
  float (*f1)(float);
  double (*d2)(double, double);
  float (*f2)(float, float);
  /// Of integers of `width` bits; 0 where it is not defined.
  int (*integer)(uint64_t x, unsigned width, uint64_t *result);
  unsigned width;
};

static int population(uint64_t x, unsigned width, uint64_t *result) {
  (void)width;
  *result = (uint64_t)__builtin_popcountll(x);
  return 1;
}
static int parity(uint64_t x, unsigned width, uint64_t *result) {
  (void)width;
  *result = (uint64_t)__builtin_parityll(x);
  return 1;
}
static int leading(uint64_t x, unsigned width, uint64_t *result) {
  if (x == 0) return 0;
  *result = (uint64_t)__builtin_clzll(x) - (64 - width);
  return 1;
}
static int trailing(uint64_t x, unsigned width, uint64_t *result) {
  (void)width;
  if (x == 0) return 0;
  *result = (uint64_t)__builtin_ctzll(x);
  return 1;
}
static int first_set(uint64_t x, unsigned width, uint64_t *result) {
  (void)width;
  *result = (uint64_t)__builtin_ffsll((long long)x);
  return 1;
}
static int sign_copies(uint64_t x, unsigned width, uint64_t *result) {
  uint64_t other = x >> (width - 1) & 1 ? ~x & rk_mask(width) : x;
  *result = other == 0 ? width - 1 : (uint64_t)__builtin_clzll(other) - (64 - width) - 1;
  return 1;
}
static int swapped(uint64_t x, unsigned width, uint64_t *result) {
  *result = __builtin_bswap64(x) >> (64 - width);
  return 1;
}

#define ONE(NAME) {#NAME, NAME, 0, 0, 0, 0, 0}, {#NAME "f", 0, NAME##f, 0, 0, 0, 0}
#define TWO(NAME) {#NAME, 0, 0, NAME, 0, 0, 0}, {#NAME "f", 0, 0, 0, NAME##f, 0, 0}
#define BITS(NAME, FUNCTION)                                                                    \
  {NAME, 0, 0, 0, 0, FUNCTION, 32}, {NAME "l", 0, 0, 0, 0, FUNCTION, 64},                       \
    {NAME "ll", 0, 0, 0, 0, FUNCTION, 64}

static const struct function functions[] = {
  ONE(sqrt), ONE(cbrt), ONE(floor), ONE(ceil), ONE(trunc), ONE(round), ONE(rint), ONE(nearbyint),
  ONE(exp), ONE(exp2), ONE(expm1), ONE(log), ONE(log2), ONE(log10), ONE(log1p), ONE(sin), ONE(cos),
  ONE(tan), ONE(asin), ONE(acos), ONE(atan), ONE(sinh), ONE(cosh), ONE(tanh), ONE(erf), ONE(erfc),
  ONE(tgamma), ONE(lgamma), TWO(fmin), TWO(fmax), TWO(fdim), TWO(fmod), TWO(copysign), TWO(pow),
  TWO(atan2), TWO(hypot), TWO(remainder), BITS("popcount", population), BITS("parity", parity),
  BITS("clz", leading), BITS("ctz", trailing), BITS("ffs", first_set), BITS("clrsb", sign_copies),
  {"bswap16", 0, 0, 0, 0, swapped, 16}, {"bswap32", 0, 0, 0, 0, swapped, 32},
  {"bswap64", 0, 0, 0, 0, swapped, 64},
};

uint16_t rk_function(const char *name) {
  for (size_t k = 0; k < sizeof functions / sizeof *functions; k++)
    if (strcmp(functions[k].name, name) == 0) return (uint16_t)(k + 1);
  return 0;
}

static enum rk_status call(
  struct rk_machine *m, uint32_t callee, uint32_t count, enum rk_type type, uint64_t *result)
{
  size_t number = callee < m->function_count ? m->functions[callee] : 0;
  size_t own = m->argument_count;
  m->argument_count = 0;
  if (number == 0) return RK_UNKNOWN_CALL;
  const struct function *f = &functions[number - 1];
  if (count != own || count != (f->d2 || f->f2 ? 2u : 1u)) return RK_UNKNOWN_CALL;
  uint64_t x = m->arguments[0].value.bits, y = count == 2 ? m->arguments[1].value.bits : 0;
  enum rk_type a = m->arguments[0].type, b = count == 2 ? m->arguments[1].type : a;
  enum rk_type from = RK_I32;
  if (f->integer) {
    if (rk_is_float(a)) return RK_UNKNOWN_CALL;
    if (!f->integer(x & rk_mask(f->width), f->width, &x)) return RK_BAD_ARGUMENT;
    from = RK_U64;
  } else if (f->d1 || f->d2) {
    x = of_double(f->d1 ? f->d1(as_double(x, a)) : f->d2(as_double(x, a), as_double(y, b)));
    from = RK_F64;
  } else {
    x = of_float(f->f1 ? f->f1(as_float(x, a)) : f->f2(as_float(x, a), as_float(y, b)));
    from = RK_F32;
  }
  *result = rk_fold_convert(x, from, type);
  return RK_RUNNING;
}

/// Whether a floating value, cut to an integer, has the type's range (§6.3.1.4).
static int holds(double value, enum rk_type type) {
  double most = ldexp(1, (int)rk_type_width(type) - rk_is_signed(type));
  return rk_is_signed(type) ? value > -most - 1 && value < most : value > -1 && value < most;
}

enum rk_status rk_concrete(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *r)
{
  enum rk_type type = (enum rk_type)i->type, from = (enum rk_type)i->aux;
  struct rk_value *out = &m->registers[m->result_register];
  *out = (struct rk_value){0, 0};
  if (i->op == RK_CALL) return call(m, i->c, i->b, type, &out->bits);
  if (r[i->a].node) return RK_UNSET_READ;
  switch ((enum rk_opcode)i->op) {
    case RK_ARGUMENT:
      if (m->argument_count == 16) return RK_UNKNOWN_CALL;
      m->arguments[m->argument_count].value = r[i->a];
      m->arguments[m->argument_count++].type = type;
      *out = r[i->a];
      return RK_RUNNING;
    case RK_CONVERT:
      // -2^63 - 1 is no double of its own: the least integer is one all the same.
      if (rk_is_float(from) && !rk_is_float(type)) {
        double value = as_double(r[i->a].bits, from);
        int is_least = rk_is_signed(type) && value == -ldexp(1, (int)rk_type_width(type) - 1);
        if (!is_least && !holds(value, type)) return RK_BAD_CONVERSION;
      }
      out->bits = rk_fold_convert(r[i->a].bits, from, type);
      return RK_RUNNING;
    case RK_FUSED: {
      if (r[i->b].node || r[i->c].node) return RK_UNSET_READ;
      unsigned width = rk_type_width(type);
      uint64_t sign = UINT64_C(1) << (width - 1);
      out->bits = rk_fold_float(
        RK_NODE_FMA, width, r[i->a].bits ^ (i->aux & 1 ? sign : 0), r[i->b].bits,
        r[i->c].bits ^ (i->aux & 2 ? sign : 0));
      return RK_RUNNING;
    }
    // Everything else came here because an operand was never set.
    default: return RK_UNSET_READ;
  }
}
