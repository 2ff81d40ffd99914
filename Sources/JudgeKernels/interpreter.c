#include "interpreter_internal.h"

#include <stdlib.h>
#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)

static float to_float(uint64_t bits) {
  uint32_t low = (uint32_t)bits;
  float value;
  memcpy(&value, &low, sizeof value);
  return value;
}
static double to_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Both operands are concrete integers of one type; inlined once for each operation.
static inline __attribute__((always_inline)) enum rk_status integer(
  const struct rk_machine *m, enum rk_opcode op, enum rk_type type, uint64_t x, uint64_t y,
  uint64_t *result)
{
  int is_signed = rk_is_signed(type);
  unsigned width = rk_type_width(type);
  int64_t p = (int64_t)x, q = (int64_t)y, out = 0;
  int overflows = 0;
  switch (op) {
    case RK_ADD: overflows = __builtin_add_overflow(p, q, &out); break;
    case RK_SUB: overflows = __builtin_sub_overflow(p, q, &out); break;
    case RK_MUL: overflows = __builtin_mul_overflow(p, q, &out); break;
    case RK_DIV: case RK_REM:
      if (y == 0) return RK_DIVISION_BY_ZERO;
      if (!is_signed) {
        *result = rk_extend(op == RK_DIV ? x / y : x % y, type);
        return RK_RUNNING;
      }
      // The quotient of the least value by -1 is one more than the greatest.
      if (q == -1 && x == rk_extend(UINT64_C(1) << (width - 1), type)) return RK_OVERFLOW;
      out = op == RK_DIV ? p / q : p % q;
      break;
    case RK_AND: *result = x & y; return RK_RUNNING;
    case RK_OR: *result = x | y; return RK_RUNNING;
    case RK_XOR: *result = x ^ y; return RK_RUNNING;
    case RK_SHL: case RK_SHR:
      if (y >= width) return RK_BAD_SHIFT;
      if (op == RK_SHR) {
        *result = is_signed ? (uint64_t)(p >> y) : x >> y;
        return RK_RUNNING;
      }
      *result = rk_extend(x << y, type);
      // §6.5.7: of a signed value the result must be representable.
      if (is_signed && !m->wraps && (p < 0 || (int64_t)*result >> y != p)) return RK_OVERFLOW;
      return RK_RUNNING;
    case RK_EQ: *result = x == y; return RK_RUNNING;
    case RK_NE: *result = x != y; return RK_RUNNING;
    case RK_LT: *result = is_signed ? p < q : x < y; return RK_RUNNING;
    default: *result = is_signed ? p <= q : x <= y; return RK_RUNNING;
  }
  *result = rk_extend((uint64_t)out, type);
  if (is_signed && !m->wraps && (overflows || *result != (uint64_t)out)) return RK_OVERFLOW;
  return RK_RUNNING;
}

static uint64_t floating(enum rk_opcode op, enum rk_type type, uint64_t x, uint64_t y) {
  unsigned width = type == RK_F32 ? 32 : 64;
  uint64_t sign = UINT64_C(1) << (width - 1);
  switch (op) {
    case RK_ADD: return rk_fold_float(RK_NODE_FADD, width, x, y, 0);
    case RK_SUB: return rk_fold_float(RK_NODE_FADD, width, x, y ^ sign, 0);
    case RK_MUL: return rk_fold_float(RK_NODE_FMUL, width, x, y, 0);
    case RK_DIV: return rk_fold_float(RK_NODE_FDIV, width, x, y, 0);
    case RK_EQ: return rk_fold_float(RK_NODE_FEQ, width, x, y, 0);
    case RK_NE: return !rk_fold_float(RK_NODE_FEQ, width, x, y, 0);
    case RK_LT: return rk_fold_float(RK_NODE_FLT, width, x, y, 0);
    default: return rk_fold_float(RK_NODE_FLE, width, x, y, 0);
  }
}

static int is_true(uint64_t bits, enum rk_type type) {
  if (type == RK_F32) return to_float(bits) != 0;
  if (type == RK_F64) return to_double(bits) != 0;
  return bits != 0;
}

static enum rk_status compare(
  const struct rk_machine *m, const struct rk_instruction *i, const struct rk_value *r,
  uint64_t *result)
{
  enum rk_type type = (enum rk_type)i->type;
  uint64_t x = r[i->a].bits, y = r[i->b].bits;
  if (rk_is_float(type)) {
    *result = floating((enum rk_opcode)i->op, type, x, y);
    return RK_RUNNING;
  }
  switch ((enum rk_opcode)i->op) {
    case RK_EQ: return integer(m, RK_EQ, type, x, y, result);
    case RK_NE: return integer(m, RK_NE, type, x, y, result);
    case RK_LT: return integer(m, RK_LT, type, x, y, result);
    default: return integer(m, RK_LE, type, x, y, result);
  }
}

/// Copies by members: a copy as a whole would wait for the stores that wrote them one by one.
static inline __attribute__((always_inline)) void copy(
  struct rk_value *to, const struct rk_value *from)
{
  uint64_t bits = from->bits;
  uint32_t node = from->node;
  to->bits = bits;
  to->node = node;
}

/// The cell at an address where a load or store of the type is quick; else null.
///
/// Only where the offset is a multiple of the width it is sure that a cell found by it starts there.
static inline __attribute__((always_inline)) struct rk_cell_state *quick_cell(
  struct rk_machine *m, uint64_t address, enum rk_type type, unsigned kind)
{
  unsigned width = rk_type_width(type) / 8;
  size_t index = (size_t)(address >> RK_ADDRESS_SHIFT) - 1;
  if (!LIKELY(index < m->object_count)) return NULL;
  const struct rk_object_state *o = &m->objects[index];
  uint64_t at = address - o->base;
  if (!LIKELY(o->is_alive && at < o->size && ((at | address) & (width - 1)) == 0)) return NULL;
  struct rk_cell_state *cell = rk_cell(o, at);
  return LIKELY((cell->quick & (kind | 0xff)) == (kind | width)) ? cell : NULL;
}

/// As `rk_load` and `rk_store`, of whole cells that were touched before.
static inline __attribute__((always_inline)) enum rk_status load(
  struct rk_machine *m, uint64_t address, enum rk_type type, struct rk_value *value)
{
  const struct rk_cell_state *cell = quick_cell(m, address, type, RK_QUICK_LOAD);
  if (LIKELY(cell && cell->node != RK_UNSET)) {
    value->bits = cell->node ? cell->bits : rk_extend(cell->bits, type);
    value->node = cell->node;
    return RK_RUNNING;
  }
  struct rk_value found = {0, 0};
  enum rk_status status = rk_load(m, address, type, &found);
  copy(value, &found);
  return status;
}

static inline __attribute__((always_inline)) enum rk_status store(
  struct rk_machine *m, uint64_t address, enum rk_type type, const struct rk_value *value)
{
  // In a branch the old value is kept for the merge.
  struct rk_cell_state *cell =
    m->frame_count ? NULL : quick_cell(m, address, type, RK_QUICK_STORE);
  if (!LIKELY(cell != NULL)) return rk_store(m, address, type, *value);
  cell->bits = value->node ? value->bits : value->bits & rk_mask(rk_type_width(type));
  cell->node = value->node;
  return RK_RUNNING;
}

static enum rk_status start(
  struct rk_machine *m, const struct rk_program *program, const struct rk_value *arguments,
  size_t argument_count)
{
  size_t count = program->register_count + 1;
  m->result_register = program->register_count;
  m->registers = malloc(count * sizeof *m->registers);
  m->register_stamps = calloc(count, sizeof *m->register_stamps);
  if (!m->registers || !m->register_stamps) return RK_OUT_OF_MEMORY;
  for (size_t i = 0; i < count; i++) m->registers[i] = (struct rk_value){0, RK_UNSET};
  memcpy(
    m->registers, program->constants, program->constant_count * sizeof *program->constants);
  memcpy(
    m->registers + program->constant_count, arguments, argument_count * sizeof *arguments);
  return RK_RUNNING;
}

/// Notes that a register is about to change where sides are to be merged.
static int remember(struct rk_machine *m, const struct rk_program *program, uint32_t d) {
  uint32_t side = m->frames[m->frame_count - 1].side;
  if (d - program->constant_count >= program->variable_count) return 1;
  if (m->register_stamps[d] == side) return 1;
  m->register_stamps[d] = side;
  return rk_log(m, (struct rk_log_entry){RK_REGISTER, 0, d, m->registers[d], 0});
}

/// Whether a jump leaves the branch whose sides are being merged.
static int leaves(const struct rk_machine *m, size_t target) {
  if (!m->frame_count) return 0;
  const struct rk_frame *frame = &m->frames[m->frame_count - 1];
  return target < frame->start || target > frame->end;
}

/// An index as wide as addresses; one that is not of the type that it should have is unset.
static struct rk_value widened(
  struct rk_machine *m, const struct rk_value *index, enum rk_type type)
{
  if (!index->node || index->node == RK_UNSET) return *index;
  if (rk_width(m->graph, index->node) != rk_type_width(type)) return (struct rk_value){0, RK_UNSET};
  return rk_value_of(m->graph, rk_convert(m->graph, index->node, type, RK_I64), RK_I64);
}

/// start + scale * index of addresses of which one is no concrete value.
static enum rk_status moved(
  struct rk_machine *m, const struct rk_value *start, struct rk_value index, uint64_t scale,
  struct rk_value *result)
{
  if (start->node == RK_UNSET || index.node == RK_UNSET) return RK_UNSET_READ;
  if (m->domain != RK_SYMBOLIC) return RK_DATA_ADDRESS;
  uint32_t node = rk_linear(
    m->graph, 64, rk_node_of(m->graph, *start, RK_U64), rk_node_of(m->graph, index, RK_U64), scale);
  *result = rk_value_of(m->graph, node, RK_U64);
  return RK_RUNNING;
}

/// An instruction of which an operand has no value that the machine itself computes with.
static enum rk_status operate(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *registers)
{
  switch (m->domain) {
    case RK_SYMBOLIC: return rk_symbolic(m, i, registers);
    case RK_CONCRETE: return rk_concrete(m, i, registers);
    default: return rk_field(m, i, registers);
  }
}

/// Whether a number looks like an address of an object.
static inline int is_address(const struct rk_machine *m, uint64_t x) {
  uint64_t number = x >> RK_ADDRESS_SHIFT;
  return number && number <= m->object_count;
}

/// Notes what a division, a remainder, a shift to the right or a mask left of a concrete number, since one
/// that never does anything on small numbers may on large ones.
static inline void note_parts(
  struct rk_machine *m, enum rk_opcode op, size_t at, uint64_t x, uint64_t y, uint64_t result)
{
  if (op != RK_DIV && op != RK_REM && op != RK_SHR && op != RK_AND) return;
  uint8_t kept = (uint8_t)((result == x ? 1 : 2) | (result == y ? 32 : 64));
  m->notes[at] |= kept | (uint8_t)(result ? 4 : 0);
}

/// Notes how a comparison of concrete numbers came out; x and y are 0 for floating ones. Sets 4 for what
/// is taken for granted of addresses: that they are not null, because allocations succeed here, and
/// their order, of which distinct objects have one alone.
static inline void note(
  struct rk_machine *m, enum rk_opcode op, size_t at, uint64_t x, uint64_t y, uint64_t result)
{
  if (LIKELY(!m->notes)) return;
  if (op < RK_EQ) {
    note_parts(m, op, at, x, y, result);
    return;
  }
  int is_null_check = (y == 0 && is_address(m, x)) || (x == 0 && is_address(m, y));
  int is_order = (op == RK_LT || op == RK_LE) && is_address(m, x) && is_address(m, y)
                 && x >> RK_ADDRESS_SHIFT != y >> RK_ADDRESS_SHIFT;
  m->notes[at] |= (uint8_t)(1 << (result & 1) | (is_null_check || is_order ? 4 : 0));
}

/// Notes the result of a comparison of data, which may be known all the same.
static inline void note_decision(struct rk_machine *m, size_t at, struct rk_value result) {
  if (LIKELY(!m->notes)) return;
  if (!result.node) {
    m->notes[at] |= (uint8_t)(1 << (result.bits & 1));
    return;
  }
  m->notes[at] |= 8;
  m->decisions[at] = (struct rk_decision){result.node, m->guard};
}

/// Notes where a concrete integer was loaded from.
static inline void note_load(
  struct rk_machine *m, size_t at, uint64_t address, enum rk_type type, struct rk_value value)
{
  if (LIKELY(!m->notes) || value.node || rk_is_float(type)) return;
  m->notes[at] |= rk_is_as_given(m, address, rk_type_width(type) / 8) ? 1 : 2;
}

/// The truth of a condition: 0 or 1 when it is known, -1 when data decide, -2 when it is unset.
static int condition(
  struct rk_machine *m, size_t at, struct rk_value value, uint32_t *node, int *negated)
{
  *negated = 0;
  *node = 0;
  if (!value.node) {
    if (m->outcomes) m->outcomes[at] |= value.bits ? 1 : 2;
    return value.bits != 0;
  }
  if (value.node == RK_UNSET) return -2;
  if (m->domain != RK_SYMBOLIC) return -1;
  uint32_t inner = rk_negated(m->graph, value.node);
  *node = inner ? inner : value.node;
  *negated = inner != 0;
  int decided = rk_decided(m, *node);
  return decided < 0 ? -1 : decided ^ *negated;
}

/// Frames of one loop beyond which its turns are counted along paths.
enum { MOST_TURNS = 72 };

/// One more turn of a loop whose condition depends on data.
static enum rk_status turn(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value value)
{
  size_t first = m->frame_count;
  while (first > 0 && m->frames[first - 1].is_loop && m->frames[first - 1].end == i->b) first--;
  if (m->frame_count - first >= MOST_TURNS) {
    m->fork = m->frames[first].condition;
    return RK_DATA_TRIP;
  }
  if (!rk_enter(m, value.node, i->c, i->b, i->b)) return RK_OUT_OF_MEMORY;
  m->frames[m->frame_count - 1].is_loop = 1;
  return RK_RUNNING;
}

/// The turns that were taken under conditions are merged with not taking them, the last first.
static enum rk_status end_loop(struct rk_machine *m, const struct rk_program *program, size_t at) {
  enum rk_status status = RK_RUNNING;
  while (status == RK_RUNNING && m->frame_count && m->frames[m->frame_count - 1].is_loop
         && m->frames[m->frame_count - 1].end == at) {
    rk_switch_side(m);
    status = rk_merge(m, program);
  }
  return m->graph->exhausted ? RK_OUT_OF_MEMORY : status;
}

/// What would have to be known for the run to go on: the innermost condition that it stands under.
static void name_fork(struct rk_machine *m, enum rk_status status) {
  if (status == RK_FINISHED || status == RK_OUT_OF_STEPS || status == RK_OUT_OF_MEMORY) {
    m->fork = 0;
    return;
  }
  if (!m->fork && m->frame_count) m->fork = m->frames[m->frame_count - 1].condition;
  if (m->fork && rk_negated(m->graph, m->fork)) m->fork = rk_negated(m->graph, m->fork);
}

enum rk_status rk_machine_run(
  struct rk_machine *m, const struct rk_program *program, const struct rk_value *arguments,
  size_t argument_count, uint64_t steps)
{
  enum rk_status status = start(m, program, arguments, argument_count);
  const struct rk_instruction *code = program->code;
  struct rk_value *r = m->registers;
  size_t pc = 0;
  uint64_t left = steps;
  while (status == RK_RUNNING) {
    const struct rk_instruction *i = &code[pc++];
    struct rk_value out = {0, 0}, value;
    uint32_t target;
    int wanted;
    if (left-- == 0) {
      status = RK_OUT_OF_STEPS;
      break;
    }
    if (!LIKELY(!m->narrow) && m->narrow[pc - 1] && i->op != RK_JUMP_COMPARED
        && rk_narrowed(m, program, i, r, &out, &status))
      goto computed;
    switch ((enum rk_opcode)i->op) {
      case RK_HALT: status = RK_FINISHED; continue;
      case RK_MOV: copy(&out, &r[i->a]); break;
#define BINARY(OP)                                                                              \
  case OP:                                                                                      \
    if (!LIKELY((r[i->a].node | r[i->b].node) == 0)) goto symbolic;                             \
    if (i->type >= RK_F32) {                                                                    \
      if (m->domain == RK_FIELD) goto symbolic;                                                 \
      out.bits = floating(OP, (enum rk_type)i->type, r[i->a].bits, r[i->b].bits);               \
      note(m, OP, pc - 1, 0, 0, out.bits);                                                      \
    } else {                                                                                    \
      status = integer(m, OP, (enum rk_type)i->type, r[i->a].bits, r[i->b].bits, &out.bits);    \
      note(m, OP, pc - 1, r[i->a].bits, r[i->b].bits, out.bits);                                \
    }                                                                                           \
    break;
      BINARY(RK_ADD) BINARY(RK_SUB) BINARY(RK_MUL) BINARY(RK_DIV) BINARY(RK_REM) BINARY(RK_AND)
      BINARY(RK_OR) BINARY(RK_XOR) BINARY(RK_SHL) BINARY(RK_SHR) BINARY(RK_EQ) BINARY(RK_NE)
      BINARY(RK_LT) BINARY(RK_LE)
      case RK_NEG: case RK_COMPLEMENT: case RK_MAGNITUDE: {
        enum rk_type type = (enum rk_type)i->type;
        if (r[i->a].node) goto symbolic;
        uint64_t bits = r[i->a].bits;
        unsigned width = rk_type_width(type);
        if (i->op == RK_MAGNITUDE) out.bits = rk_fold_float(RK_NODE_FABS, width, bits, 0, 0);
        else if (rk_is_float(type)) out.bits = rk_fold_float(RK_NODE_FNEG, width, bits, 0, 0);
        else if (i->op == RK_COMPLEMENT) out.bits = rk_extend(~bits, type);
        else {
          out.bits = rk_extend(0 - bits, type);
          if (rk_is_signed(type) && !m->wraps && bits && out.bits == bits) status = RK_OVERFLOW;
        }
        break;
      }
      case RK_FUSED:
        if ((r[i->a].node | r[i->b].node | r[i->c].node) || (i->aux & 4) || m->domain == RK_FIELD)
          goto symbolic;
        {
          unsigned width = rk_type_width((enum rk_type)i->type);
          uint64_t sign = UINT64_C(1) << (width - 1);
          uint64_t x = r[i->a].bits ^ (i->aux & 1 ? sign : 0);
          uint64_t z = r[i->c].bits ^ (i->aux & 2 ? sign : 0);
          out.bits = rk_fold_float(RK_NODE_FMA, width, x, r[i->b].bits, z);
        }
        break;
      case RK_CONVERT:
        if (r[i->a].node) goto symbolic;
        if (m->domain != RK_SYMBOLIC && (i->aux >= RK_F32 || i->type >= RK_F32)) goto symbolic;
        out.bits = rk_fold_convert(r[i->a].bits, (enum rk_type)i->aux, (enum rk_type)i->type);
        if (!LIKELY(!m->notes) && i->aux < RK_F32 && i->type < RK_F32)
          m->notes[pc - 1] |= out.bits == r[i->a].bits ? 1 : 2;
        break;
      case RK_REINTERPRET:
        copy(&out, &r[i->a]);
        if (!out.node) out.bits = rk_extend(out.bits, (enum rk_type)i->type);
        break;
      case RK_TRUTH: case RK_NOT:
        if (r[i->a].node) goto symbolic;
        out.bits = (uint64_t)(is_true(r[i->a].bits, (enum rk_type)i->aux) ^ (i->op == RK_NOT));
        note(
          m, (enum rk_opcode)i->op, pc - 1, rk_is_float((enum rk_type)i->aux) ? 0 : r[i->a].bits, 0,
          out.bits);
        break;
      case RK_ADDRESS:
        if (r[i->a].node | r[i->b].node) {
          status = moved(
            m, &r[i->a], widened(m, &r[i->b], (enum rk_type)i->aux),
            (uint64_t)(int64_t)(int32_t)i->c, &out);
          break;
        }
        out.bits = r[i->a].bits + r[i->b].bits * (uint64_t)(int64_t)(int32_t)i->c;
        break;
      case RK_ROW: {
        uint64_t distance;
        if (r[i->a].node | r[i->b].node | r[i->c].node) {
          struct rk_instruction product = {
            .op = RK_MUL, .type = RK_I64, .a = program->register_count, .b = i->c};
          r[program->register_count] = widened(m, &r[i->b], (enum rk_type)i->aux);
          status = m->domain == RK_SYMBOLIC ? operate(m, &product, r) : RK_DATA_ADDRESS;
          if (status == RK_RUNNING)
            status = moved(m, &r[i->a], r[program->register_count], 1, &out);
          break;
        }
        status = integer(m, RK_MUL, RK_I64, r[i->b].bits, r[i->c].bits, &distance);
        out.bits = r[i->a].bits + distance;
        break;
      }
      case RK_LOAD_AT:
        if (r[i->a].node | r[i->b].node) {
          status = moved(
            m, &r[i->a], widened(m, &r[i->b], (enum rk_type)i->aux),
            (uint64_t)(int64_t)(int32_t)i->c, &value);
          if (status != RK_RUNNING) break;
          status = value.node
                     ? rk_load_somewhere(m, value.node, 0, (enum rk_type)i->type, &out)
                     : load(m, value.bits, (enum rk_type)i->type, &out);
          break;
        }
        value.bits = r[i->a].bits + r[i->b].bits * (uint64_t)(int64_t)(int32_t)i->c;
        status = load(m, value.bits, (enum rk_type)i->type, &out);
        if (status == RK_RUNNING)
          note_load(m, pc - 1, value.bits, (enum rk_type)i->type, out);
        break;
      case RK_LOAD:
        if (r[i->a].node) {
          status = r[i->a].node == RK_UNSET    ? RK_UNSET_READ
                   : m->domain != RK_SYMBOLIC ? RK_DATA_ADDRESS
                                              : rk_load_somewhere(
                         m, r[i->a].node, (int32_t)i->c, (enum rk_type)i->type, &out);
          break;
        }
        value.bits = r[i->a].bits + (uint64_t)(int64_t)(int32_t)i->c;
        status = load(m, value.bits, (enum rk_type)i->type, &out);
        if (status == RK_RUNNING)
          note_load(m, pc - 1, value.bits, (enum rk_type)i->type, out);
        break;
      case RK_STORE:
        if (r[i->a].node == RK_UNSET || r[i->b].node == RK_UNSET) {
          status = RK_UNSET_READ;
          break;
        }
        if (r[i->a].node) {
          status = m->domain != RK_SYMBOLIC
                     ? RK_DATA_ADDRESS
                     : rk_store_somewhere(
                         m, r[i->a].node, (int32_t)i->c, (enum rk_type)i->type, r[i->b]);
          if (status == RK_RUNNING) continue;
          break;
        }
        status = store(
          m, r[i->a].bits + (uint64_t)(int64_t)(int32_t)i->c, (enum rk_type)i->type, &r[i->b]);
        if (status == RK_RUNNING) continue;
        break;
      case RK_COPY: case RK_FILL:
        if (r[i->a].node || r[i->c].node || (i->op == RK_COPY && r[i->b].node)) {
          status = RK_DATA_LENGTH;
          break;
        }
        status = i->op == RK_COPY
                   ? rk_copy_cells(m, r[i->a].bits, r[i->b].bits, r[i->c].bits, i->aux)
                   : r[i->b].node == RK_UNSET ? RK_UNSET_READ
                                              : rk_fill_cells(m, r[i->a].bits, r[i->b], r[i->c].bits);
        if (status == RK_RUNNING) continue;
        break;
      case RK_JUMP:
        if (leaves(m, i->b)) status = RK_DATA_BRANCH;
        if (m->graph->exhausted) status = RK_OUT_OF_MEMORY;
        if (status != RK_RUNNING) break;
        pc = i->b;
        continue;
      case RK_JUMP_COMPARED: {
        struct rk_instruction comparison = {
          .op = i->aux & (RK_UNLESS - 1), .type = i->type, .a = i->a, .b = i->b};
        if (LIKELY((r[i->a].node | r[i->b].node) == 0)) {
          if (LIKELY(!m->narrow) || !m->narrow[pc - 1]
              || !rk_narrowed(m, program, &comparison, r, &out, &status))
            status = compare(m, &comparison, r, &out.bits);
          int is_float = rk_is_float((enum rk_type)i->type);
          note(
            m, (enum rk_opcode)comparison.op, pc - 1, is_float ? 0 : r[i->a].bits,
            is_float ? 0 : r[i->b].bits, out.bits);
        } else {
          status = operate(m, &comparison, r);
          copy(&out, &r[program->register_count]);
          if (status == RK_RUNNING) note_decision(m, pc - 1, out);
        }
        if (status != RK_RUNNING) break;
        copy(&value, &out);
        target = i->c;
        wanted = !(i->aux & RK_UNLESS);
        goto jump;
      }
      case RK_JUMP_FALSE: case RK_JUMP_TRUE:
        copy(&value, &r[i->a]);
        target = i->b;
        wanted = i->op == RK_JUMP_TRUE;
      jump: {
        uint32_t node;
        int negated, truth = condition(m, pc - 1, value, &node, &negated);
        if (truth == -1 && wanted && target > 0 && code[target - 1].op == RK_LOOP
            && m->domain == RK_SYMBOLIC) {
          // Data decide on another turn: the test at the loop's head takes it under a condition.
          pc = code[target - 1].c;
          continue;
        }
        if (truth < 0) {
          status = truth == -2 ? RK_UNSET_READ : RK_DATA_TRIP;
          m->fork = truth == -2 ? 0 : node;
        } else if (truth == wanted) {
          if (leaves(m, target)) status = RK_DATA_BRANCH;
          else pc = target;
        }
        if (m->graph->exhausted) status = RK_OUT_OF_MEMORY;
        if (status == RK_RUNNING) continue;
        break;
      }
      case RK_IF: {
        uint32_t node;
        int negated, truth = condition(m, pc - 1, r[i->a], &node, &negated);
        if (truth == -2) {
          status = RK_UNSET_READ;
          break;
        }
        if (truth < 0 && m->domain != RK_SYMBOLIC) {
          status = RK_NOT_COVERED;
        } else if (truth < 0) {
          // The first side runs under the condition as it stands, negations and all.
          if (!rk_enter(m, r[i->a].node, (uint32_t)(pc - 1), i->b, i->c)) status = RK_OUT_OF_MEMORY;
        } else if (!truth) {
          pc = i->b;
        }
        if (status == RK_RUNNING) continue;
        break;
      }
      case RK_ELSE:
        if (m->frame_count && m->frames[m->frame_count - 1].middle == pc) rk_switch_side(m);
        else pc = i->c;
        continue;
      case RK_END_IF:
        if (m->frame_count && m->frames[m->frame_count - 1].end == pc - 1) {
          status = rk_merge(m, program);
          if (m->graph->exhausted) status = RK_OUT_OF_MEMORY;
        }
        if (status == RK_RUNNING) continue;
        break;
      case RK_LOOP: {
        uint32_t node;
        int negated, truth = condition(m, pc - 1, r[i->a], &node, &negated);
        if (truth == -2) status = RK_UNSET_READ;
        else if (truth == -1 && m->domain != RK_SYMBOLIC) status = RK_NOT_COVERED;
        else if (truth == -1) status = turn(m, i, r[i->a]);
        else if (truth == 0) pc = i->b;
        if (m->graph->exhausted) status = RK_OUT_OF_MEMORY;
        if (status == RK_RUNNING) continue;
        break;
      }
      case RK_END_LOOP:
        status = end_loop(m, program, pc - 1);
        if (status == RK_RUNNING) continue;
        break;
      case RK_BEGIN: rk_begin_object(m, r[i->a].bits); continue;
      case RK_ALLOCATE:
        if (r[i->a].node) {
          status = RK_DATA_LENGTH;
          break;
        }
        {
          size_t object = rk_machine_object(m, RK_LOCAL, r[i->a].bits, 0);
          if (object == SIZE_MAX) status = RK_OUT_OF_MEMORY;
          else out.bits = rk_machine_address(m, object);
          m->live_allocations += object != SIZE_MAX;
        }
        break;
      case RK_RELEASE: {
        if (r[i->a].node) {
          status = RK_DATA_ADDRESS;
          break;
        }
        if (r[i->a].bits == 0) continue;
        size_t object = (size_t)(r[i->a].bits >> RK_ADDRESS_SHIFT) - 1;
        if (object >= m->object_count || m->objects[object].kind != RK_LOCAL
            || m->objects[object].base != r[i->a].bits || !m->objects[object].is_alive) {
          status = RK_DEAD_OBJECT;
          break;
        }
        if (m->frame_count) {
          status = RK_DATA_BRANCH;
          break;
        }
        m->objects[object].is_alive = 0;
        m->live_allocations--;
        continue;
      }
      case RK_POINTS:
        status = r[i->a].node == RK_UNSET ? RK_UNSET_READ
                 : r[i->a].node           ? RK_DATA_ADDRESS
                                          : rk_points(m, r[i->a].bits);
        if (status == RK_RUNNING) continue;
        break;
      case RK_UNREACHABLE: status = i->aux ? RK_BAD_LENGTH : RK_REACHED_UNREACHABLE; break;
      case RK_ARGUMENT: case RK_CALL:
      symbolic:
        status = operate(m, i, r);
        if (status != RK_RUNNING) break;
        // The result stands in the register behind the last.
        copy(&out, &r[program->register_count]);
        if ((i->op >= RK_EQ && i->op <= RK_LE) || i->op == RK_TRUTH || i->op == RK_NOT)
          note_decision(m, pc - 1, out);
        break;
    }
  computed:
    if (status != RK_RUNNING) break;
    if (m->frame_count && !remember(m, program, i->d)) status = RK_OUT_OF_MEMORY;
    copy(&r[i->d], &out);
  }
  if (m->graph->exhausted && status == RK_FINISHED) status = RK_OUT_OF_MEMORY;
  name_fork(m, status);
  m->status = status;
  m->at = pc ? pc - 1 : 0;
  m->steps = steps - left;
  return status;
}
