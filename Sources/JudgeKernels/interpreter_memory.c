#include "field_numbers.h"
#include "interpreter_internal.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

struct rk_machine *rk_machine_new(struct rk_graph *graph, uint64_t memory_limit, int wraps) {
  struct rk_machine *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  m->graph = graph;
  m->memory_limit = memory_limit;
  m->wraps = wraps;
  m->next_side = 1;
  return m;
}

void rk_machine_free(struct rk_machine *m) {
  if (!m) return;
  for (size_t i = 0; i < m->object_count; i++) {
    struct rk_object_state *o = &m->objects[i];
    free(o->pattern_start);
    free(o->pattern_width);
    free(o->contents);
    free(o->is_floating);
    free(o->cells);
    free(o->stamps);
    free(o->widths);
    free(o->flags);
  }
  free(m->objects);
  free(m->registers);
  free(m->register_stamps);
  free(m->frames);
  free(m->log);
  free(m->kept);
  rk_set_free(&m->demands);
  rk_set_free(&m->assumed);
  free(m);
}

/// A byte costs a width and flags, and its part of a value and a stamp.
static uint64_t cost_of(uint64_t size, unsigned grain) {
  return 2 * size + ((size >> grain) + 1) * (sizeof(struct rk_cell_state) + sizeof(uint32_t));
}

/// Gives cells another grain; 0 when there is no memory.
static int set_grain(struct rk_machine *m, struct rk_object_state *o, unsigned grain) {
  uint64_t old_cost = cost_of(o->size, o->grain), cost = cost_of(o->size, grain);
  size_t count = (o->size >> grain) + 1;
  if (m->memory_used - old_cost + cost > m->memory_limit) return 0;
  struct rk_cell_state *cells = calloc(count, sizeof *cells);
  uint32_t *stamps = calloc(count, sizeof *stamps);
  if (!cells || !stamps) {
    free(cells);
    free(stamps);
    return 0;
  }
  for (uint64_t at = 0; at < o->size; at++) {
    if (o->widths[at] == 0 || (o->widths[at] & 0x80)) continue;
    cells[at >> grain] = *rk_cell(o, at);
    stamps[at >> grain] = *rk_stamp(o, at);
  }
  free(o->cells);
  free(o->stamps);
  o->cells = cells;
  o->stamps = stamps;
  o->grain = grain;
  m->memory_used += cost - old_cost;
  return 1;
}

size_t rk_machine_object(
  struct rk_machine *m, enum rk_object_kind kind, uint64_t size, unsigned residue)
{
  // A local object's cells are taken for words until something smaller is stored.
  unsigned grain = kind == RK_INPUT ? 0 : 3;
  uint64_t cost = cost_of(size, grain);
  if (size > UINT64_C(1) << 32 || m->memory_used + cost > m->memory_limit) return SIZE_MAX;
  if (m->object_count == m->object_capacity) {
    size_t capacity = m->object_capacity * 2 + 16;
    struct rk_object_state *grown = realloc(m->objects, capacity * sizeof *grown);
    if (!grown) return SIZE_MAX;
    m->objects = grown;
    m->object_capacity = capacity;
  }
  struct rk_object_state o = {.size = size, .kind = kind, .is_alive = 1, .grain = grain};
  size_t count = size ? size : 1, cell_count = (size >> grain) + 1;
  o.cells = calloc(cell_count, sizeof *o.cells);
  o.stamps = calloc(cell_count, sizeof *o.stamps);
  o.widths = calloc(count, 1);
  o.flags = calloc(count, 1);
  // The address space of one object begins in the middle, so that pointers may stray from it.
  o.base = ((uint64_t)(m->object_count + 1) << RK_ADDRESS_SHIFT) + (UINT64_C(1) << (RK_ADDRESS_SHIFT - 1))
           + residue % PAGE;
  if (!o.cells || !o.stamps || !o.widths || !o.flags) {
    free(o.cells);
    free(o.stamps);
    free(o.widths);
    free(o.flags);
    return SIZE_MAX;
  }
  m->memory_used += cost;
  m->objects[m->object_count] = o;
  return m->object_count++;
}

uint64_t rk_machine_address(const struct rk_machine *m, size_t object) {
  return m->objects[object].base;
}

int rk_machine_pattern(
  struct rk_machine *m, size_t object, const uint8_t *starts, const uint8_t *widths, size_t stride)
{
  struct rk_object_state *o = &m->objects[object];
  o->pattern_start = malloc(stride);
  o->pattern_width = malloc(stride);
  if (!o->pattern_start || !o->pattern_width) return 0;
  memcpy(o->pattern_start, starts, stride);
  memcpy(o->pattern_width, widths, stride);
  o->stride = stride;
  // The coarsest grain that every cell and the stride are multiples of.
  unsigned grain = 3;
  for (size_t k = 0; k < stride; k++)
    while (grain > 0 && (starts[k] | widths[k] | stride) & ((1u << grain) - 1)) grain--;
  return grain == 0 || set_grain(m, o, grain);
}

void rk_machine_set_domain(
  struct rk_machine *m, enum rk_domain domain, uint64_t key, const uint16_t *functions,
  size_t function_count)
{
  m->domain = domain;
  m->key = key;
  m->functions = functions;
  m->function_count = function_count;
}

int rk_machine_set_contents(
  struct rk_machine *m, size_t object, const uint8_t *bytes, const uint8_t *is_floating)
{
  struct rk_object_state *o = &m->objects[object];
  if (o->size == 0) return 1;
  o->contents = malloc(o->size);
  if (!o->contents) return 0;
  memcpy(o->contents, bytes, o->size);
  if (!is_floating || !o->stride) return 1;
  o->is_floating = malloc(o->stride);
  if (!o->is_floating) return 0;
  memcpy(o->is_floating, is_floating, o->stride);
  return 1;
}

/// Gives a place a cell; without memory for smaller cells the run is over, which `exhausted` says.
void rk_put_cell(
  struct rk_machine *m, struct rk_object_state *o, uint64_t offset, unsigned width,
  struct rk_value value)
{
  unsigned finest = (unsigned)__builtin_ctzll(offset | width);
  if (finest < o->grain && !set_grain(m, o, finest)) {
    m->graph->exhausted = 1;
    return;
  }
  // No cell that started in these bytes is there any more.
  for (unsigned k = 0; k < width; k += 1u << o->grain) rk_cell(o, offset + k)->quick = 0;
  rk_set_cell(o, offset, value);
  *rk_stamp(o, offset) = 0;
  o->widths[offset] = (uint8_t)width;
  for (unsigned k = 1; k < width; k++) o->widths[offset + k] = (uint8_t)(0x80 | k);
}

int rk_machine_set(
  struct rk_machine *m, size_t object, uint64_t offset, uint64_t bits, unsigned width)
{
  struct rk_object_state *o = &m->objects[object];
  if (offset + width > o->size) return 0;
  rk_put_cell(m, o, offset, width, (struct rk_value){bits & rk_mask(8 * width), 0});
  return 1;
}

/// The value that a cell of an input has from the start.
static struct rk_value initial_cell(
  struct rk_machine *m, size_t object, uint64_t start, unsigned width)
{
  struct rk_object_state *o = &m->objects[object];
  if (m->domain == RK_SYMBOLIC) {
    uint32_t leaf = rk_intern(
      m->graph, RK_NODE_LEAF, 8 * width, 0, (uint32_t)object, (uint32_t)start, 0);
    return (struct rk_value){0, leaf};
  }
  if (m->domain == RK_FIELD) {
    if (!o->is_floating || !o->stride) return (struct rk_value){0, RK_FIELD_OPAQUE};
    if (o->is_floating[start % o->stride]) return rk_field_leaf(m->key, object, start);
    m->has_read_integers = 1;
  }
  if (!o->contents) return (struct rk_value){0, RK_UNSET};
  uint64_t bits = 0;
  memcpy(&bits, o->contents + start, width);
  return (struct rk_value){bits, 0};
}

/// Byte `index` of a cell's value.
static struct rk_value byte_of(struct rk_machine *m, struct rk_value cell, unsigned index) {
  if (cell.node == RK_UNSET) return cell;
  if (cell.node == 0) return (struct rk_value){cell.bits >> 8 * index & 0xff, 0};
  if (m->domain != RK_SYMBOLIC) return (struct rk_value){0, RK_FIELD_OPAQUE};
  uint32_t byte = rk_byte(m->graph, cell.node, index);
  if (rk_op(m->graph, byte) == RK_NODE_CONSTANT)
    return (struct rk_value){rk_constant_bits(m->graph, byte), 0};
  return (struct rk_value){0, byte};
}

/// Gives the untouched byte at `offset` the cell that it has from the start.
static void materialise(struct rk_machine *m, size_t object, uint64_t offset) {
  struct rk_object_state *o = &m->objects[object];
  if (o->kind != RK_INPUT) {
    rk_put_cell(m, o, offset, 1, (struct rk_value){0, RK_UNSET});
    return;
  }
  uint64_t start = offset;
  unsigned width = 1;
  if (o->stride) {
    size_t phase = offset % o->stride;
    start = offset - phase + o->pattern_start[phase];
    width = o->pattern_width[phase];
  }
  int is_whole = start + width <= o->size;
  for (unsigned k = 0; k < width && is_whole; k++) is_whole = o->widths[start + k] == 0;
  struct rk_value value = initial_cell(m, object, start, width);
  // Where a neighbour was overwritten, what is left are bytes of the cell.
  if (is_whole) rk_put_cell(m, o, start, width, value);
  else rk_put_cell(m, o, offset, 1, byte_of(m, value, (unsigned)(offset - start)));
}

/// Where the cell that holds a byte starts.
static uint64_t cell_start(struct rk_machine *m, size_t object, uint64_t offset) {
  struct rk_object_state *o = &m->objects[object];
  if (o->widths[offset] == 0) materialise(m, object, offset);
  uint8_t width = o->widths[offset];
  return width & 0x80 ? offset - (width & 0x7f) : offset;
}

static int is_untouched(const struct rk_object_state *o, uint64_t offset, unsigned width) {
  for (unsigned k = 0; k < width; k++)
    if (o->widths[offset + k] != 0) return 0;
  return 1;
}

struct rk_value rk_machine_peek(
  struct rk_machine *m, size_t object, uint64_t offset, unsigned width)
{
  struct rk_object_state *o = &m->objects[object];
  if (o->kind != RK_INPUT && is_untouched(o, offset, width)) return (struct rk_value){0, RK_UNSET};
  if (o->widths[offset] == 0) materialise(m, object, offset);
  if (o->widths[offset] == width) return rk_cell_value(o, offset);
  uint32_t bytes[8];
  uint64_t bits = 0;
  int is_concrete = 1;
  for (unsigned k = 0; k < width; k++) {
    uint64_t start = cell_start(m, object, offset + k);
    struct rk_value cell = rk_cell_value(o, start);
    struct rk_value part = byte_of(m, cell, (unsigned)(offset + k - start));
    if (part.node == RK_UNSET || (part.node && m->domain != RK_SYMBOLIC)) return part;
    is_concrete &= part.node == 0;
    bytes[k] = part.node;
    bits |= part.bits << 8 * k;
  }
  if (is_concrete) return (struct rk_value){bits, 0};
  for (unsigned k = 0; k < width; k++)
    if (!bytes[k]) bytes[k] = rk_constant(m->graph, bits >> 8 * k & 0xff, 8);
  uint32_t joined = rk_join_bytes(m->graph, bytes, width);
  if (rk_op(m->graph, joined) == RK_NODE_CONSTANT)
    return (struct rk_value){rk_constant_bits(m->graph, joined), 0};
  return (struct rk_value){0, joined};
}

/// Makes [offset, offset + width) one cell with the value that it has; 0 when a part was stored in
/// another width under the present condition.
static int align_cell(struct rk_machine *m, uint32_t object, uint64_t offset, unsigned width) {
  struct rk_object_state *o = &m->objects[object];
  if (o->widths[offset] == width) return 1;
  if (o->kind != RK_INPUT && is_untouched(o, offset, width)) {
    rk_put_cell(m, o, offset, width, (struct rk_value){0, RK_UNSET});
    return 1;
  }
  uint32_t side = m->frame_count ? m->frames[m->frame_count - 1].side : 0;
  struct rk_value old = rk_machine_peek(m, object, offset, width);
  // What sticks out on either side becomes bytes of its own.
  uint64_t end = offset + width;
  for (uint64_t at = offset; at < end;) {
    uint64_t start = cell_start(m, object, at);
    unsigned count = o->widths[start];
    if (m->frame_count && *rk_stamp(o, start) == side) return 0;
    struct rk_value cell = rk_cell_value(o, start);
    for (unsigned k = 0; k < count; k++) {
      uint64_t byte = start + k;
      if (byte >= offset && byte < end) continue;
      rk_put_cell(m, o, byte, 1, byte_of(m, cell, k));
    }
    at = start + count;
  }
  rk_put_cell(m, o, offset, width, old);
  return 1;
}

enum rk_status rk_write_cell(
  struct rk_machine *m, uint32_t object, uint64_t offset, unsigned width, struct rk_value value)
{
  struct rk_object_state *o = &m->objects[object];
  if (o->widths[offset] != width && !align_cell(m, object, offset, width)) return RK_MIXED_WIDTHS;
  if (m->frame_count) {
    uint32_t side = m->frames[m->frame_count - 1].side;
    if (*rk_stamp(o, offset) != side) {
      *rk_stamp(o, offset) = side;
      if (!rk_log(m, (struct rk_log_entry){object, width, offset, rk_cell_value(o, offset), 0}))
        return RK_OUT_OF_MEMORY;
    }
  }
  if (!value.node) value.bits &= rk_mask(8 * width);
  rk_set_cell(o, offset, value);
  return RK_RUNNING;
}

static enum rk_status locate(
  const struct rk_machine *m, uint64_t address, uint64_t count, size_t *object, uint64_t *offset)
{
  size_t index = (size_t)(address >> RK_ADDRESS_SHIFT) - 1;
  if (index >= m->object_count) return RK_OUT_OF_BOUNDS;
  const struct rk_object_state *o = &m->objects[index];
  if (!o->is_alive) return RK_DEAD_OBJECT;
  uint64_t at = address - o->base;
  if (at > o->size || count > o->size - at) return RK_OUT_OF_BOUNDS;
  *object = index;
  *offset = at;
  return RK_RUNNING;
}

enum rk_status rk_points(const struct rk_machine *m, uint64_t address) {
  size_t object;
  uint64_t offset;
  return locate(m, address, 0, &object, &offset);
}

/// Every byte has `kind`; a byte that the call stored needs not be noted as read.
static int is_noted(const uint8_t *flags, unsigned width, int kind) {
  int wanted = kind == RK_ACCESS_READ ? RK_ACCESS_READ | RK_ACCESS_STORED : kind;
  for (unsigned k = 0; k < width; k++)
    if (!(flags[k] & wanted)) return 0;
  return 1;
}

/// Lets the next load or store of a cell be quick.
static void mark(struct rk_object_state *o, uint64_t offset, unsigned width) {
  if (o->widths[offset] != width) return;
  int is_input = o->kind == RK_INPUT;
  unsigned quick = width;
  if (!is_input || is_noted(o->flags + offset, width, RK_ACCESS_READ)) quick |= RK_QUICK_LOAD;
  if (o->kind == RK_LOCAL || (is_input && is_noted(o->flags + offset, width, RK_ACCESS_STORED)))
    quick |= RK_QUICK_STORE;
  rk_cell(o, offset)->quick = (uint16_t)quick;
}

enum rk_status rk_load(
  struct rk_machine *m, uint64_t address, enum rk_type type, struct rk_value *value)
{
  unsigned width = rk_type_width(type) / 8;
  size_t object;
  uint64_t offset;
  enum rk_status status = locate(m, address, width, &object, &offset);
  if (status != RK_RUNNING) return status;
  if (address & (width - 1)) return RK_MISALIGNED;
  struct rk_object_state *o = &m->objects[object];
  if (o->kind == RK_INPUT) rk_touch(m, object, offset, width, RK_ACCESS_READ);
  struct rk_value cell =
    o->widths[offset] == width ? rk_cell_value(o, offset) : rk_machine_peek(m, object, offset, width);
  if (cell.node == RK_UNSET) return RK_UNSET_READ;
  mark(o, offset, width);
  if (!cell.node) cell.bits = rk_extend(cell.bits, type);
  *value = cell;
  return RK_RUNNING;
}

enum rk_status rk_store(
  struct rk_machine *m, uint64_t address, enum rk_type type, struct rk_value value)
{
  unsigned width = rk_type_width(type) / 8;
  size_t object;
  uint64_t offset;
  enum rk_status status = locate(m, address, width, &object, &offset);
  if (status != RK_RUNNING) return status;
  if (address & (width - 1)) return RK_MISALIGNED;
  struct rk_object_state *o = &m->objects[object];
  if (o->kind == RK_CONSTANT_OBJECT) return RK_STORE_TO_CONSTANT;
  if (o->kind == RK_INPUT) rk_touch(m, object, offset, width, RK_ACCESS_STORED);
  status = rk_write_cell(m, (uint32_t)object, offset, width, value);
  mark(o, offset, width);
  return status;
}

enum rk_status rk_copy_cells(
  struct rk_machine *m, uint64_t to, uint64_t from, uint64_t count, int may_overlap)
{
  size_t source, target;
  uint64_t first, at;
  if (count == 0) return RK_RUNNING;
  enum rk_status status = locate(m, from, count, &source, &first);
  if (status == RK_RUNNING) status = locate(m, to, count, &target, &at);
  if (status != RK_RUNNING) return status;
  if (m->objects[target].kind == RK_CONSTANT_OBJECT) return RK_STORE_TO_CONSTANT;
  if (to != from && !may_overlap && source == target && first < at + count && at < first + count)
    return RK_OVERLAPPING_COPY;
  rk_touch(m, source, first, count, RK_ACCESS_READ);
  rk_touch(m, target, at, count, RK_ACCESS_STORED);
  if (to == from) return RK_RUNNING;
  // Whole cells move; an overlapping copy takes all values before it stores one.
  struct moved { struct rk_value value; unsigned width; } *cells = malloc(count * sizeof *cells);
  if (!cells) return RK_OUT_OF_MEMORY;
  struct rk_object_state *o = &m->objects[source];
  size_t moved = 0;
  for (uint64_t k = 0; k < count;) {
    uint64_t start = cell_start(m, source, first + k);
    unsigned width = o->widths[start];
    if (start != first + k || start + width > first + count) width = 1;
    cells[moved].value = rk_machine_peek(m, source, first + k, width);
    cells[moved++].width = width;
    k += width;
  }
  for (size_t k = 0; k < moved && status == RK_RUNNING; k++) {
    status = rk_write_cell(m, (uint32_t)target, at, cells[k].width, cells[k].value);
    at += cells[k].width;
  }
  free(cells);
  return status;
}

enum rk_status rk_fill_cells(struct rk_machine *m, uint64_t to, struct rk_value byte, uint64_t count) {
  size_t target;
  uint64_t at;
  if (count == 0) return RK_RUNNING;
  enum rk_status status = locate(m, to, count, &target, &at);
  if (status != RK_RUNNING) return status;
  struct rk_object_state *o = &m->objects[target];
  if (o->kind == RK_CONSTANT_OBJECT) return RK_STORE_TO_CONSTANT;
  rk_touch(m, target, at, count, RK_ACCESS_STORED);
  struct rk_value part = byte;
  if (byte.node && m->domain != RK_SYMBOLIC) return RK_NOT_COVERED;
  if (byte.node) part.node = rk_resize(m->graph, byte.node, 8, 0);
  uint64_t end = at + count;
  while (at < end && status == RK_RUNNING) {
    uint64_t start = cell_start(m, target, at);
    unsigned width = o->widths[start];
    if (byte.node || start != at || start + width > end) width = 1;
    if (!byte.node) part.bits = (byte.bits & 0xff) * UINT64_C(0x0101010101010101);
    status = rk_write_cell(m, (uint32_t)target, at, width, part);
    at += width;
  }
  return status;
}

void rk_begin_object(struct rk_machine *m, size_t object) {
  struct rk_object_state *o = &m->objects[object];
  memset(o->widths, 0, o->size);
  memset(o->stamps, 0, ((o->size >> o->grain) + 1) * sizeof *o->stamps);
  memset(o->cells, 0, ((o->size >> o->grain) + 1) * sizeof *o->cells);
  o->is_alive = 1;
}

const uint8_t *rk_machine_flags(const struct rk_machine *m, size_t object) {
  return m->objects[object].flags;
}

struct rk_value rk_machine_register(const struct rk_machine *m, uint32_t index) {
  return m->registers[index];
}

static int same(
  const struct rk_machine *m, const struct rk_value *a, const struct rk_value *b, unsigned width)
{
  if (m->domain == RK_FIELD) return rk_field_same(*a, *b, width);
  if (a->node != b->node) return 0;
  return a->node || ((a->bits ^ b->bits) & rk_mask(8 * width)) == 0;
}

int rk_first_difference(
  struct rk_machine *first, struct rk_machine *second, size_t object, uint64_t from,
  struct rk_difference *difference)
{
  struct rk_object_state *a = &first->objects[object], *b = &second->objects[object];
  uint64_t size = a->size < b->size ? a->size : b->size;
  for (uint64_t at = from; at < size;) {
    uint8_t x = a->widths[at], y = b->widths[at];
    if (x == 0 && y == 0) {
      at++;
      continue;
    }
    // The wider of two cells that start here, as far as both sides can give it whole.
    unsigned width = 1;
    if (!(x & 0x80) && !(y & 0x80)) width = x > y ? x : y;
    if (at + width > size) width = 1;
    struct rk_value p = rk_machine_peek(first, object, at, width);
    struct rk_value q = rk_machine_peek(second, object, at, width);
    if (!same(first, &p, &q, width)) {
      *difference = (struct rk_difference){at, width, p, q};
      return 1;
    }
    at += width;
  }
  return 0;
}
