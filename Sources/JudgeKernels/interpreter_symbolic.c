#include "interpreter_internal.h"

/// Whether the exact result of a signed operation may lie outside the type.
static int may_overflow(
  const struct rk_graph *g, enum rk_opcode op, unsigned width, uint32_t x, uint32_t y)
{
  __int128 most = (__int128)(rk_mask(width) >> 1), least = -most - 1;
  __int128 a = g->low[x], b = g->high[x], c = g->low[y], d = g->high[y];
  __int128 low, high;
  switch (op) {
    case RK_ADD: low = a + c; high = b + d; break;
    case RK_SUB: low = a - d; high = b - c; break;
    default: {
      __int128 products[4] = {a * c, a * d, b * c, b * d};
      low = high = products[0];
      for (int k = 1; k < 4; k++) {
        if (products[k] < low) low = products[k];
        if (products[k] > high) high = products[k];
      }
    }
  }
  return low < least || high > most;
}

static uint32_t integer(
  struct rk_machine *m, const struct rk_instruction *i, uint32_t x, uint32_t y)
{
  struct rk_graph *g = m->graph;
  enum rk_type type = (enum rk_type)i->type;
  unsigned width = rk_type_width(type);
  int is_signed = rk_is_signed(type), is_checked = is_signed && !m->wraps;
  switch (i->op) {
    case RK_ADD:
      if (is_checked && may_overflow(g, RK_ADD, width, x, y))
        rk_demand_of(m, RK_DEMAND_SUM, width, x, y);
      return rk_linear(g, width, x, y, 1);
    case RK_SUB:
      if (is_checked && may_overflow(g, RK_SUB, width, x, y))
        rk_demand_of(m, RK_DEMAND_DIFFERENCE, width, x, y);
      return rk_linear(g, width, x, y, UINT64_MAX);
    case RK_MUL:
      if (is_checked && may_overflow(g, RK_MUL, width, x, y))
        rk_demand_of(m, RK_DEMAND_PRODUCT, width, x, y);
      return rk_product(g, width, x, y);
    case RK_DIV: case RK_REM: {
      int is_safe = g->low[y] > 0 || (g->high[y] < 0 && (!is_signed || g->high[y] < -1));
      if (!is_safe) rk_demand_of(m, RK_DEMAND_DIVISOR, width, is_signed ? x : 0, y);
      if (i->op == RK_DIV) return rk_divide(g, is_signed ? RK_NODE_SDIV : RK_NODE_UDIV, width, x, y);
      return rk_divide(g, is_signed ? RK_NODE_SREM : RK_NODE_UREM, width, x, y);
    }
    case RK_AND: return rk_bitwise(g, RK_NODE_AND, width, x, y);
    case RK_OR: return rk_bitwise(g, RK_NODE_OR, width, x, y);
    case RK_XOR: return rk_bitwise(g, RK_NODE_XOR, width, x, y);
    case RK_SHL: case RK_SHR: {
      int is_safe = g->low[y] >= 0 && g->high[y] < width;
      if (!is_safe) rk_demand_of(m, RK_DEMAND_AMOUNT, width, 0, y);
      if (i->op == RK_SHR) return rk_shift(g, is_signed ? RK_NODE_ASHR : RK_NODE_LSHR, width, x, y);
      // A product by at most 2^amount says whether the result is representable.
      int most = g->high[y] >= 0 && g->high[y] < 62 ? (int)g->high[y] : 62;
      __int128 limit = (__int128)(rk_mask(width) >> 1);
      int fits = is_safe && g->low[x] >= 0 && ((__int128)g->high[x] << most) <= limit;
      if (is_checked && !fits) rk_demand_of(m, RK_DEMAND_SHIFTED, width, x, y);
      return rk_shift(g, RK_NODE_SHL, width, x, y);
    }
    case RK_EQ: case RK_NE: {
      uint32_t equal = rk_is_zero(g, rk_linear(g, width, x, y, UINT64_MAX));
      return i->op == RK_EQ ? equal : rk_negation(g, equal);
    }
    case RK_LT: return rk_less(g, x, y, is_signed);
    default: return rk_negation(g, rk_less(g, y, x, is_signed));
  }
}

static uint32_t floating(
  struct rk_machine *m, const struct rk_instruction *i, uint32_t x, uint32_t y)
{
  struct rk_graph *g = m->graph;
  switch (i->op) {
    case RK_ADD: return rk_float_add(g, x, y);
    case RK_SUB: return rk_float_add(g, x, rk_float_negate(g, y));
    case RK_MUL: return rk_float_multiply(g, x, y);
    case RK_DIV: return rk_float_divide(g, x, y);
    case RK_EQ: return rk_float_compare(g, RK_NODE_FEQ, x, y);
    case RK_NE: return rk_negation(g, rk_float_compare(g, RK_NODE_FEQ, x, y));
    case RK_LT: return rk_float_compare(g, RK_NODE_FLT, x, y);
    default: return rk_float_compare(g, RK_NODE_FLE, x, y);
  }
}

static uint32_t truth(struct rk_graph *g, uint32_t x, enum rk_type type) {
  if (rk_is_float(type)) {
    uint32_t zero = rk_constant(g, 0, rk_type_width(type));
    return rk_negation(g, rk_float_compare(g, RK_NODE_FEQ, x, zero));
  }
  return rk_is_truth(g, x) ? x : rk_negation(g, rk_is_zero(g, x));
}

/// Floating to integer is defined where the integer type has the value (§6.3.1.4).
static void demand_range(struct rk_machine *m, uint32_t x, enum rk_type from, enum rk_type to) {
  if (rk_is_float(from) && !rk_is_float(to))
    rk_demand_of(m, RK_DEMAND_RANGE, rk_type_width(to), x, rk_is_signed(to));
}

/// One instruction of which an operand is no concrete value; the result goes behind the registers.
enum rk_status rk_symbolic(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *r)
{
  struct rk_graph *g = m->graph;
  enum rk_type type = (enum rk_type)i->type, from = (enum rk_type)i->aux;
  struct rk_value *out = &m->registers[m->result_register];
  uint32_t n;
  if (i->op != RK_CALL && r[i->a].node == RK_UNSET) return RK_UNSET_READ;
  switch ((enum rk_opcode)i->op) {
    case RK_CALL: {
      uint64_t list[16];
      if (i->b > 16) return RK_OUT_OF_MEMORY;
      for (uint32_t k = 0; k < i->b; k++) list[k] = r[i->a + k].node;
      n = rk_intern_list(g, RK_NODE_CALL, rk_type_width(type), i->c, list, i->b);
      break;
    }
    case RK_ARGUMENT:
      *out = (struct rk_value){0, rk_node_of(g, r[i->a], type)};
      return RK_RUNNING;
    case RK_NEG: case RK_COMPLEMENT: case RK_MAGNITUDE: {
      uint32_t x = rk_node_of(g, r[i->a], type);
      unsigned width = rk_type_width(type);
      if (i->op == RK_MAGNITUDE) {
        n = rk_float_magnitude(g, x);
      } else if (rk_is_float(type)) {
        n = rk_float_negate(g, x);
      } else {
        int is_complement = i->op == RK_COMPLEMENT;
        uint32_t base = rk_constant(g, is_complement ? UINT64_MAX : 0, width);
        if (!is_complement && rk_is_signed(type) && !m->wraps
            && may_overflow(g, RK_SUB, width, base, x))
          rk_demand_of(m, RK_DEMAND_DIFFERENCE, width, base, x);
        n = rk_linear(g, width, base, x, UINT64_MAX);
      }
      break;
    }
    case RK_CONVERT: {
      uint32_t x = rk_node_of(g, r[i->a], from);
      demand_range(m, x, from, type);
      n = rk_convert(g, x, from, type);
      break;
    }
    case RK_TRUTH: n = truth(g, rk_node_of(g, r[i->a], from), from); break;
    case RK_NOT: n = rk_negation(g, truth(g, rk_node_of(g, r[i->a], from), from)); break;
    default: {
      if (r[i->b].node == RK_UNSET) return RK_UNSET_READ;
      uint32_t x = rk_node_of(g, r[i->a], type), y = rk_node_of(g, r[i->b], type);
      if (i->op == RK_FUSED) {
        if (r[i->c].node == RK_UNSET) return RK_UNSET_READ;
        uint32_t z = rk_node_of(g, r[i->c], type);
        if (i->aux & 1) x = rk_float_negate(g, x);
        if (i->aux & 2) z = rk_float_negate(g, z);
        n = rk_float_fma(g, x, y, z, (i->aux & 4) != 0);
      } else {
        n = rk_is_float(type) ? floating(m, i, x, y) : integer(m, i, x, y);
      }
    }
  }
  // Comparisons and truths are `int`, whatever they compare.
  int is_int = (i->op >= RK_EQ && i->op <= RK_LE) || i->op == RK_TRUTH || i->op == RK_NOT;
  *out = rk_value_of(g, n, is_int ? RK_I32 : type);
  return RK_RUNNING;
}
