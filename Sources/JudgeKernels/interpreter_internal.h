/// Shared between the interpreter's files.
#pragma once

#include "interpreter.h"

enum { RK_REGISTER = UINT32_MAX, RK_ADDRESS_SHIFT = 36 };

/// What is asked of an operation on data: `extra` of an obligation node.
enum rk_demand {
  /// Signed results that must be representable: a + b, a - b, a * b.
  RK_DEMAND_SUM, RK_DEMAND_DIFFERENCE, RK_DEMAND_PRODUCT,
  /// b != 0 and the quotient is representable; b is below the width; a << b is representable.
  RK_DEMAND_DIVISOR, RK_DEMAND_AMOUNT, RK_DEMAND_SHIFTED,
  /// a is in the range of an integer type.
  RK_DEMAND_RANGE,
  /// An address is inside its object: the offset a is at most b, both unsigned.
  RK_DEMAND_PLACE,
};
/// Kinds of accesses: `extra` of an access node.
enum { RK_ACCESS_READ = 1, RK_ACCESS_STORED = 2 };
/// Notes that bytes are read or stored, under which conditions; a load of what the call has stored is
/// none of an input.
void rk_touch(struct rk_machine *m, size_t object, uint64_t offset, uint64_t count, int kind);
/// Whether bytes that can be loaded are an input's, to which the call has not stored.
int rk_is_as_given(const struct rk_machine *m, uint64_t address, unsigned width);

static inline struct rk_cell_state *rk_cell(const struct rk_object_state *o, uint64_t offset) {
  return &o->cells[offset >> o->grain];
}
static inline struct rk_value rk_cell_value(const struct rk_object_state *o, uint64_t offset) {
  const struct rk_cell_state *cell = rk_cell(o, offset);
  return (struct rk_value){cell->bits, cell->node};
}
static inline void rk_set_cell(
  struct rk_object_state *o, uint64_t offset, struct rk_value value)
{
  struct rk_cell_state *cell = rk_cell(o, offset);
  cell->bits = value.bits;
  cell->node = value.node;
}
static inline uint32_t *rk_stamp(const struct rk_object_state *o, uint64_t offset) {
  return &o->stamps[offset >> o->grain];
}

int rk_set_add(struct rk_set *set, uint64_t key);
int rk_set_has(const struct rk_set *set, uint64_t key);
void rk_set_free(struct rk_set *set);

/// Notes a demand under the present guard.
void rk_demand_of(
  struct rk_machine *m, enum rk_demand demand, unsigned width, uint32_t a, uint32_t b);

enum rk_status rk_load(
  struct rk_machine *m, uint64_t address, enum rk_type type, struct rk_value *value);
enum rk_status rk_store(
  struct rk_machine *m, uint64_t address, enum rk_type type, struct rk_value value);
/// The same at an address that is a node.
enum rk_status rk_load_somewhere(
  struct rk_machine *m, uint32_t address, int64_t displacement, enum rk_type type,
  struct rk_value *value);
enum rk_status rk_store_somewhere(
  struct rk_machine *m, uint32_t address, int64_t displacement, enum rk_type type,
  struct rk_value value);
enum rk_status rk_copy_cells(
  struct rk_machine *m, uint64_t to, uint64_t from, uint64_t count, int may_overlap);
enum rk_status rk_fill_cells(struct rk_machine *m, uint64_t to, struct rk_value byte, uint64_t count);
/// Whether the address is one of an object or of the byte just behind it.
enum rk_status rk_points(const struct rk_machine *m, uint64_t address);
/// Writes a cell whatever it held; in a frame the old value is kept for the merge.
enum rk_status rk_write_cell(
  struct rk_machine *m, uint32_t object, uint64_t offset, unsigned width, struct rk_value value);
/// Gives a place a cell of `width` bytes.
void rk_put_cell(
  struct rk_machine *m, struct rk_object_state *o, uint64_t offset, unsigned width,
  struct rk_value value);
void rk_begin_object(struct rk_machine *m, size_t object);
int rk_log(struct rk_machine *m, struct rk_log_entry entry);

int rk_enter(struct rk_machine *m, uint32_t condition, uint32_t start, uint32_t middle, uint32_t end);
void rk_switch_side(struct rk_machine *m);
enum rk_status rk_merge(struct rk_machine *m, const struct rk_program *program);
/// The guard `outer` and a condition, or its negation.
uint32_t rk_guard(struct rk_machine *m, uint32_t outer, uint32_t condition, int negated);
/// 1 or 0 when the frames or what is assumed decide a condition, else -1.
int rk_decided(const struct rk_machine *m, uint32_t condition);

/// One instruction in the domains other than the symbolic that the machine does not do by itself.
enum rk_status rk_concrete(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *registers);
enum rk_status rk_field(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *registers);

enum rk_status rk_symbolic(
  struct rk_machine *m, const struct rk_instruction *i, struct rk_value *registers);

/// One operation on concrete numbers in integers of few bits, where sizes that can be run reach the ends of
/// types as large sizes do in the program: a result that does not fit wraps or overflows, a conversion
/// cuts, and one to a floating type rounds, each at a number of bits that stands to the others as in C.
/// Numbers near the end of a type stand for those near the end of the narrow one. Returns 0 and does nothing
/// where an operand is an address or no number.
int rk_narrowed(
  struct rk_machine *m, const struct rk_program *program, const struct rk_instruction *i,
  const struct rk_value *registers, struct rk_value *result, enum rk_status *status);
