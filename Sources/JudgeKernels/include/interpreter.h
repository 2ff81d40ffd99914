/// The reference interpreter: register bytecode over concrete and symbolic values.
///
/// A machine runs one program once, on memory made of objects. Sizes, counters and addresses are
/// concrete; the cells of inputs are leaves of a graph that several machines may share, so that what
/// two programs leave behind can be compared node by node. A condition that is not concrete may choose
/// between the two sides of an `RK_IF`, or between one more turn of a loop and its end: what both sides
/// write is merged. An address that is not concrete names one of several cells. Wherever else data would
/// steer the program, the run ends, says so, and names the condition that would have to be known.
///
/// In two further domains cells begin as what the input's bytes say: *concrete*, where everything has
/// one value, and *field*, where floating values are elements of Z_p, p = 2^61 - 1, as far as
/// `field_numbers.h` says.
#pragma once

#include "symbolic_nodes.h"
#include "symbolic_rules.h"

enum rk_opcode {
  RK_HALT, RK_MOV,
  RK_ADD, RK_SUB, RK_MUL, RK_DIV, RK_REM, RK_AND, RK_OR, RK_XOR, RK_SHL, RK_SHR,
  RK_EQ, RK_NE, RK_LT, RK_LE,
  RK_NEG, RK_COMPLEMENT, RK_MAGNITUDE,
  /// d = a * b + c; aux 1 negates the product, aux 2 negates c. With aux 4 not every compiler fuses:
  /// the result is equal to none but its like.
  RK_FUSED,
  /// d = a of type `aux` as `type`; RK_REINTERPRET keeps the bits.
  RK_CONVERT, RK_REINTERPRET,
  /// d = a != 0, a of type `aux`; RK_NOT the opposite.
  RK_TRUTH, RK_NOT,
  /// d = a + b * (int32_t)c, of 64-bit addresses; b has the integer type `aux`, and so below.
  RK_ADDRESS,
  /// d = *(a + (int32_t)c); *(a + (int32_t)c) = b.
  RK_LOAD, RK_STORE,
  /// Copies c bytes from b to a, where c is a register; aux 1 allows overlap.
  RK_COPY,
  /// Fills c bytes at a with the low byte of b.
  RK_FILL,
  RK_JUMP, RK_JUMP_FALSE, RK_JUMP_TRUE,
  /// if (a) falls through, else to b; the matching RK_ELSE stands before b, RK_END_IF at c.
  RK_IF, RK_ELSE, RK_END_IF,
  /// The test of a loop: if (a) falls through, else to the RK_END_LOOP at b; its code begins at c.
  RK_LOOP, RK_END_LOOP,
  /// The object a begins its life: what it held is lost.
  RK_BEGIN,
  /// d = a new object of a bytes, aligned to c; RK_RELEASE ends it.
  RK_ALLOCATE, RK_RELEASE,
  /// d = the argument a of type `type`, as a node; then RK_CALL of b arguments from a.
  RK_ARGUMENT, RK_CALL,
  /// The program says that this is never reached; aux 1: a length is not above zero.
  RK_UNREACHABLE,
  /// d = a + b * c, of registers, where the product must be representable.
  RK_ROW,
  /// d = *(a + b * (int32_t)c).
  RK_LOAD_AT,
  /// To c where the comparison `aux` of a and b holds; with RK_UNLESS where it does not.
  RK_JUMP_COMPARED,
  /// The pointer a points into an object or just behind it (C11 §6.5.6 ¶8); nothing is accessed.
  RK_POINTS,
};
enum { RK_UNLESS = 0x80 };

struct rk_instruction {
  uint16_t op;
  uint8_t type, aux;
  uint32_t d, a, b, c;
};

struct rk_program {
  const struct rk_instruction *code;
  size_t count;
  uint32_t register_count;
  /// Values that the first registers start with; the rest are unset.
  const struct rk_value *constants;
  uint32_t constant_count;
  /// The registers that outlive an expression: `variable_count` behind the constants.
  const uint8_t *variable_types;
  uint32_t variable_count;
};

enum rk_status {
  RK_RUNNING, RK_FINISHED,
  /// Data steers: a branch that cannot be merged, a trip count, an address.
  RK_DATA_BRANCH, RK_DATA_TRIP, RK_DATA_ADDRESS, RK_DATA_LENGTH,
  RK_OUT_OF_BOUNDS, RK_MISALIGNED, RK_UNSET_READ, RK_OVERFLOW, RK_BAD_SHIFT, RK_DIVISION_BY_ZERO,
  RK_DEAD_OBJECT, RK_STORE_TO_CONSTANT, RK_OVERLAPPING_COPY, RK_REACHED_UNREACHABLE,
  RK_BAD_LENGTH,
  RK_MIXED_WIDTHS, RK_OUT_OF_STEPS, RK_OUT_OF_MEMORY,
  /// A floating value that the integer type does not hold; an argument that a function does not take.
  RK_BAD_CONVERSION, RK_BAD_ARGUMENT,
  /// The domain does not have the operation; a function that is not known.
  RK_NOT_COVERED, RK_UNKNOWN_CALL,
  /// A number has no counterpart in integers of as few bits as are asked for.
  RK_TOO_NARROW,
};

enum rk_domain { RK_SYMBOLIC, RK_CONCRETE, RK_FIELD };

enum rk_object_kind { RK_INPUT, RK_LOCAL, RK_CONSTANT_OBJECT };

/// What stands where a cell starts.
struct rk_cell_state {
  uint64_t bits;
  uint32_t node;
  /// 0, or the cell's width in bytes with what is known of all of them: RK_QUICK_LOAD says that a load
  /// needs nothing noted any more, RK_QUICK_STORE the same of a store.
  uint16_t quick;
};
enum { RK_QUICK_LOAD = 0x100, RK_QUICK_STORE = 0x200 };

struct rk_object_state {
  uint64_t base, size;
  enum rk_object_kind kind;
  int is_alive, is_registered;
  /// The cells of an input repeat: for each byte of the pattern, where its cell starts and ends.
  uint8_t *pattern_start, *pattern_width;
  size_t stride;
  /// Domains other than the symbolic: what the bytes are before the run, and which of the pattern's
  /// belong to floating cells.
  uint8_t *contents, *is_floating;
  /// The cell that starts at byte k is number `k >> grain`: no cell is smaller than 2^grain bytes, or
  /// starts between multiples of it.
  unsigned grain;
  struct rk_cell_state *cells;
  uint32_t *stamps;
  /// 0: as it was at the start; 1…8: a cell of this many bytes; 0x80 | k: inside the one k before.
  uint8_t *widths;
  /// 1 read, 2 stored, without a condition.
  uint8_t *flags;
};

/// The result of a comparison of data, and the guard under which it was asked for.
struct rk_decision {
  uint32_t node, under;
};

struct rk_frame {
  uint32_t condition, outer_guard, start, middle, end, side;
  size_t log_start;
  /// What the first side left, in the merged log.
  size_t then_start, then_count;
  int in_else, is_loop;
};

struct rk_log_entry {
  /// Object, or UINT32_MAX for a register.
  uint32_t object;
  uint32_t width;
  uint64_t offset;
  struct rk_value value;
  /// Of two values of one place the one with the smaller order is the last.
  size_t order;
};

struct rk_set {
  uint64_t *slots, *list;
  size_t mask, count, capacity;
};

struct rk_argument {
  struct rk_value value;
  enum rk_type type;
};

struct rk_machine {
  struct rk_graph *graph;
  struct rk_object_state *objects;
  size_t object_count, object_capacity;
  struct rk_value *registers;
  /// Where results that are no concrete value are left.
  uint32_t result_register;
  uint32_t *register_stamps;
  struct rk_frame *frames;
  size_t frame_count, frame_capacity;
  struct rk_log_entry *log, *kept;
  size_t log_count, log_capacity, kept_count, kept_capacity;
  uint32_t guard, next_side;
  /// Guarded demands and accesses: `guard << 32 | node`.
  struct rk_set demands;
  /// Conditions that are taken for known on this path: `node << 1 | truth`.
  struct rk_set assumed;
  /// A condition that ended the run where knowing it would not: both of its values are to be tried.
  uint32_t fork;
  /// For each instruction whether its condition was true (1) and false (2); null when nobody asks.
  uint8_t *outcomes;
  uint64_t memory_used, memory_limit;
  int wraps;
  enum rk_domain domain;
  /// Concrete: what callees are, by their numbers (`rk_function`).
  const uint16_t *functions;
  size_t function_count;
  /// Arguments of the call to come, and their types.
  struct rk_argument arguments[16];
  size_t argument_count;
  /// Field: the key of random elements; calls made, and the highest degree among their arguments;
  /// whether contents of integers were read.
  uint64_t key;
  uint64_t oracle_calls;
  uint32_t oracle_degree;
  int has_read_integers;
  /// For each instruction that compares concrete numbers: 1 once it was false, 2 once it was true, 4 once
  /// both looked like addresses, 8 once data decided. For each load of a concrete integer: 1 once it found what the call was
  /// given, 2 once something else. For each conversion of concrete integers: 1 once it kept the value, 2
  /// once it did not. For each division, remainder, shift to the right and mask of concrete integers: 1 once
  /// the first operand was the result, 2 once it was not, 32 and 64 likewise of the second, 4 once the result
  /// was not zero. Null to keep none.
  uint8_t *notes;
  /// For each instruction with note 8, what decided the last time; there when `notes` is.
  struct rk_decision *decisions;
  /// For each instruction whether it is done in integers of few bits (`rk_narrowed`); null for none.
  const uint8_t *narrow;
  /// How many bits stand for 32; twice as many stand for 64.
  unsigned narrow_width;
  /// Whether an unsigned result wrapped in these, or a conversion cut: what is right in C says nothing then of
  /// values that are kept.
  int has_wrapped;
  /// Allocated and not released.
  size_t live_allocations;
  /// Why the run ended, and where.
  enum rk_status status;
  size_t at;
  uint64_t steps;
};

struct rk_machine *rk_machine_new(struct rk_graph *graph, uint64_t memory_limit, int wraps);
void rk_machine_free(struct rk_machine *machine);

/// A new object; its index, or SIZE_MAX. The last bits of its address are those of `residue` modulo
/// 4096.
size_t rk_machine_object(
  struct rk_machine *machine, enum rk_object_kind kind, uint64_t size, unsigned residue);
uint64_t rk_machine_address(const struct rk_machine *machine, size_t object);
/// The cells of an input: `stride` bytes of which byte k belongs to a cell that starts at `starts[k]`
/// and has `widths[k]` bytes.
int rk_machine_pattern(
  struct rk_machine *machine, size_t object, const uint8_t *starts, const uint8_t *widths,
  size_t stride);
/// Leaves the symbolic domain; before objects get their contents.
void rk_machine_set_domain(
  struct rk_machine *machine, enum rk_domain domain, uint64_t key, const uint16_t *functions,
  size_t function_count);
/// The number of a function that the concrete domain has; 0 when it has none of the name.
uint16_t rk_function(const char *name);
/// What an object's bytes are before the run; `is_floating` says of each byte of the pattern whether a
/// floating cell holds it, and may be null. Both are copied.
int rk_machine_set_contents(
  struct rk_machine *machine, size_t object, const uint8_t *bytes, const uint8_t *is_floating);
/// Gives a cell a concrete value before the run.
int rk_machine_set(
  struct rk_machine *machine, size_t object, uint64_t offset, uint64_t bits, unsigned width);

/// Takes a condition (that is no negation) for true or false during the run.
int rk_machine_assume(struct rk_machine *machine, uint32_t condition, int truth);

/// Has runs note which outcomes conditions have; `outcomes` has a byte for each instruction.
void rk_machine_observe(struct rk_machine *machine, uint8_t *outcomes);

/// Runs; `arguments` are copied to the first variables. At most `steps` instructions.
enum rk_status rk_machine_run(
  struct rk_machine *machine, const struct rk_program *program, const struct rk_value *arguments,
  size_t argument_count, uint64_t steps);

/// The value of a cell of `width` bytes as it is now, without counting as a read. An unset one has
/// the node RK_UNSET.
struct rk_value rk_machine_peek(
  struct rk_machine *machine, size_t object, uint64_t offset, unsigned width);
struct rk_difference {
  uint64_t offset;
  unsigned width;
  struct rk_value first, second;
};
/// The first cell at or after `from` of which two machines on one graph hold different values.
int rk_first_difference(
  struct rk_machine *first, struct rk_machine *second, size_t object, uint64_t from,
  struct rk_difference *difference);
const uint8_t *rk_machine_flags(const struct rk_machine *machine, size_t object);
/// What a register holds when the run has ended.
struct rk_value rk_machine_register(const struct rk_machine *machine, uint32_t index);

/// The first demand of `candidate` that `original` does not make under the same or no condition;
/// SIZE_MAX when there is none. Its node and guard.
size_t rk_first_new_demand(
  const struct rk_machine *candidate, const struct rk_machine *original, size_t from,
  uint32_t *node, uint32_t *guard);
