#include "reserved_memory.h"
#include "symbolic_nodes.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_NODES = 1 << 12, FIRST_WORDS = 1 << 12, LARGE = 1 << 17 };

/// Tables are reserved as everything else, and so begin as zeros.
static struct rk_slot *new_slots(uint32_t mask) {
  size_t bytes = ((size_t)mask + 1) * sizeof(struct rk_slot);
  struct rk_slot *slots = rk_reserve(bytes);
  if (slots && mask >= LARGE) rk_use_large_pages(slots, bytes);
  return slots;
}

static void free_slots(struct rk_slot *slots, uint32_t mask) {
  rk_unreserve(slots, ((size_t)mask + 1) * sizeof *slots);
}

struct rk_graph *rk_graph_new(uint32_t node_limit, size_t word_limit) {
  struct rk_graph *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  g->limit = node_limit < FIRST_NODES ? FIRST_NODES : node_limit;
  g->word_limit = word_limit < FIRST_WORDS ? FIRST_WORDS : word_limit;
  g->capacity = FIRST_NODES;
  g->slot_mask = FIRST_NODES * 2 - 1;
  g->nodes = rk_reserve(g->limit * sizeof *g->nodes);
  g->low = rk_reserve(g->limit * sizeof *g->low);
  g->high = rk_reserve(g->limit * sizeof *g->high);
  g->words = rk_reserve(g->word_limit * sizeof *g->words);
  g->slots = new_slots(g->slot_mask);
  if (!g->nodes || !g->low || !g->high || !g->words || !g->slots) {
    rk_graph_free(g);
    return NULL;
  }
  // Node 0 is none; node 1 stands in for every node once the graph is exhausted.
  g->nodes[1].tag = RK_NODE_LEAF | 64 << 8 | 0xffffu << 16;
  g->low[0] = g->high[0] = 0;
  g->low[1] = INT64_MIN;
  g->high[1] = INT64_MAX;
  g->count = 2;
  return g;
}

void rk_graph_free(struct rk_graph *g) {
  if (!g) return;
  rk_unreserve(g->nodes, g->limit * sizeof *g->nodes);
  rk_unreserve(g->low, g->limit * sizeof *g->low);
  rk_unreserve(g->high, g->limit * sizeof *g->high);
  rk_unreserve(g->words, g->word_limit * sizeof *g->words);
  free_slots(g->slots, g->slot_mask);
  free(g->scratch[0]);
  free(g->scratch[1]);
  free(g);
}

uint64_t *rk_scratch(struct rk_graph *g, int which, size_t count) {
  if (g->scratch_capacity[which] < count) {
    size_t capacity = count * 2 + 64;
    uint64_t *grown = realloc(g->scratch[which], capacity * sizeof *grown);
    if (!grown) {
      g->exhausted = 1;
      return NULL;
    }
    g->scratch[which] = grown;
    g->scratch_capacity[which] = capacity;
  }
  return g->scratch[which];
}

static uint32_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93ull;
  x ^= x >> 32;
  return (uint32_t)x;
}

static uint32_t hash_fields(uint32_t tag, uint32_t a, uint32_t b, uint32_t c) {
  uint64_t x = ((uint64_t)tag << 32 | a) * 0x9e3779b97f4a7c15ull;
  x ^= x >> 29;
  return mix(x + ((uint64_t)b << 32 | c) * 0xc2b2ae3d27d4eb4full);
}

static uint32_t hash_list(uint32_t tag, const uint64_t *words, size_t count) {
  uint64_t x = (uint64_t)tag * 0x9e3779b97f4a7c15ull + count;
  for (size_t i = 0; i < count; i++) {
    x = (x ^ words[i]) * 0xff51afd7ed558ccdull;
    x ^= x >> 31;
  }
  return mix(x);
}

static int is_list(uint32_t tag) {
  switch (tag & 0xff) {
    case RK_NODE_LINEAR: case RK_NODE_PRODUCT: case RK_NODE_AND: case RK_NODE_OR:
    case RK_NODE_XOR: case RK_NODE_SMIN: case RK_NODE_SMAX: case RK_NODE_UMIN: case RK_NODE_UMAX:
    case RK_NODE_CALL: case RK_NODE_BYTES:
      return 1;
    default: return 0;
  }
}

/// Where the search for a node begins. Programs that do the same come to operands that were made one
/// after the other again one after the other, so that nodes are kept in the order of the operand that
/// was made last, and a page of the table that is in the cache serves many searches.
static uint32_t neighbourhood(uint32_t tag, uint32_t a, uint32_t b, uint32_t c, uint32_t hash) {
  switch (tag & 0xff) {
    case RK_NODE_CONSTANT: return hash;
    case RK_NODE_LEAF: case RK_NODE_ACCESS: return a * 0x9e3779b9u + (b >> 2);
    default: {
      uint32_t last = a > b ? a : b;
      return last > c ? last : c;
    }
  }
}

static uint32_t neighbourhood_of_list(const uint64_t *words, size_t count) {
  return count ? (uint32_t)words[count - 1] : 0;
}

/// The slots in which a node may stand, in order: a few beside its neighbours, then those from a place
/// that the hash alone gives, without end. Nothing is ever taken out, so that an empty slot ends a
/// search.
struct probe {
  uint32_t at, left;
};
enum { NEIGHBOURS = 12 };

static inline struct probe first_slot(const struct rk_graph *g, uint32_t place, uint32_t hash) {
  return (struct probe){(place * 2 + (hash & 1)) & g->slot_mask, NEIGHBOURS};
}

static inline void next_slot(const struct rk_graph *g, struct probe *probe, uint32_t hash) {
  probe->at = (--probe->left == 0 ? hash >> 1 : probe->at + 1) & g->slot_mask;
}

static uint32_t empty_slot(const struct rk_graph *g, uint32_t place, uint32_t hash) {
  struct probe probe = first_slot(g, place, hash);
  while (g->slots[probe.at].node) next_slot(g, &probe, hash);
  return probe.at;
}

static int grow_nodes(struct rk_graph *g) {
  if (g->count >= g->limit) return 0;
  uint32_t capacity = g->capacity * 2;
  if (capacity > g->limit) capacity = g->limit;
  uint32_t mask = capacity * 2;
  // The next power of two, less one.
  for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
  struct rk_slot *slots = new_slots(mask);
  if (!slots) return 0;
  if (g->capacity < LARGE && capacity >= LARGE) {
    rk_use_large_pages(g->nodes, g->limit * sizeof *g->nodes);
    rk_use_large_pages(g->low, g->limit * sizeof *g->low);
    rk_use_large_pages(g->high, g->limit * sizeof *g->high);
  }
  struct rk_slot *old = g->slots;
  uint32_t old_mask = g->slot_mask;
  g->slots = slots;
  g->slot_mask = mask;
  g->capacity = capacity;
  for (uint32_t k = 0; k <= old_mask; k++) {
    struct rk_slot slot = old[k];
    if (!slot.node) continue;
    const struct rk_node *node = &g->nodes[slot.node];
    uint32_t place = is_list(node->tag)
                       ? neighbourhood_of_list(rk_list(g, slot.node), node->b)
                       : neighbourhood(node->tag, node->a, node->b, node->c, slot.hash);
    slots[empty_slot(g, place, slot.hash)] = slot;
  }
  free_slots(old, old_mask);
  return 1;
}

static void bound(struct rk_graph *g, uint32_t n);

static uint32_t append(
  struct rk_graph *g, uint32_t slot, uint32_t place, uint32_t hash, uint32_t tag, uint32_t a,
  uint32_t b, uint32_t c)
{
  if (g->count == g->capacity) {
    if (!grow_nodes(g)) {
      g->exhausted = 1;
      return 1;
    }
    slot = empty_slot(g, place, hash);
  }
  uint32_t n = g->count++;
  g->nodes[n] = (struct rk_node){tag, a, b, c};
  g->slots[slot] = (struct rk_slot){n, hash};
  bound(g, n);
  return n;
}

uint32_t rk_intern(
  struct rk_graph *g, enum rk_node_op op, unsigned width, unsigned extra, uint32_t a, uint32_t b,
  uint32_t c)
{
  g->operations++;
  uint32_t tag = (uint32_t)op | width << 8 | extra << 16;
  uint32_t hash = hash_fields(tag, a, b, c), place = neighbourhood(tag, a, b, c, hash);
  struct probe probe = first_slot(g, place, hash);
  for (struct rk_slot slot; (slot = g->slots[probe.at]).node != 0; next_slot(g, &probe, hash)) {
    if (slot.hash != hash) continue;
    const struct rk_node *node = &g->nodes[slot.node];
    if (node->tag == tag && node->a == a && node->b == b && node->c == c) return slot.node;
  }
  return append(g, probe.at, place, hash, tag, a, b, c);
}

uint32_t rk_intern_list(
  struct rk_graph *g, enum rk_node_op op, unsigned width, unsigned extra, const uint64_t *words,
  size_t count)
{
  g->operations++;
  uint32_t tag = (uint32_t)op | width << 8 | extra << 16;
  uint32_t hash = hash_list(tag, words, count), place = neighbourhood_of_list(words, count);
  struct probe probe = first_slot(g, place, hash);
  for (struct rk_slot slot; (slot = g->slots[probe.at]).node != 0; next_slot(g, &probe, hash)) {
    if (slot.hash != hash) continue;
    const struct rk_node *node = &g->nodes[slot.node];
    if (node->tag == tag && node->b == count
        && memcmp(rk_list(g, slot.node), words, count * sizeof *words) == 0)
      return slot.node;
  }
  if (g->word_count + count > g->word_limit) {
    g->exhausted = 1;
    return 1;
  }
  size_t start = g->word_count;
  memcpy(g->words + start, words, count * sizeof *words);
  g->word_count += count;
  return append(
    g, probe.at, place, hash, tag, (uint32_t)start, (uint32_t)count, (uint32_t)((uint64_t)start >> 32));
}

uint32_t rk_constant(struct rk_graph *g, uint64_t bits, unsigned width) {
  bits &= rk_mask(width);
  return rk_intern(g, RK_NODE_CONSTANT, width, 0, (uint32_t)bits, (uint32_t)(bits >> 32), 0);
}

struct rk_value rk_value_of(const struct rk_graph *g, uint32_t n, enum rk_type type) {
  if (rk_op(g, n) != RK_NODE_CONSTANT) return (struct rk_value){0, n};
  return (struct rk_value){rk_extend(rk_constant_bits(g, n), type), 0};
}

// MARK: bounds

static void set(struct rk_graph *g, uint32_t n, int64_t low, int64_t high) {
  g->low[n] = low;
  g->high[n] = high;
}

/// The sum's bounds when it cannot wrap.
static void bound_linear(struct rk_graph *g, uint32_t n, int64_t least, int64_t most) {
  unsigned width = rk_width(g, n);
  const uint64_t *list = rk_list(g, n);
  __int128 low = (int64_t)(list[0] << (64 - width)) >> (64 - width), high = low;
  for (size_t i = 1; i < rk_list_count(g, n); i += 2) {
    __int128 scale = (int64_t)(list[i] << (64 - width)) >> (64 - width);
    __int128 x = scale * g->low[list[i + 1]], y = scale * g->high[list[i + 1]];
    low += x < y ? x : y;
    high += x < y ? y : x;
    // 2^63 terms of 2^127 cannot be, but a few can pass the width; beyond it nothing is known.
    if (low < -((__int128)1 << 100) || high > (__int128)1 << 100) return;
  }
  if (low >= least && high <= most) set(g, n, (int64_t)low, (int64_t)high);
}

static void bound(struct rk_graph *g, uint32_t n) {
  const struct rk_node *node = &g->nodes[n];
  unsigned width = rk_width(g, n), extra = rk_extra(g, n);
  int64_t most = (int64_t)(rk_mask(width) >> 1), least = -most - 1;
  set(g, n, least, most);
  switch (rk_op(g, n)) {
    case RK_NODE_CONSTANT: {
      int64_t value = (int64_t)(rk_constant_bits(g, n) << (64 - width)) >> (64 - width);
      set(g, n, value, value);
      break;
    }
    case RK_NODE_LINEAR: bound_linear(g, n, least, most); break;
    case RK_NODE_ZERO: case RK_NODE_SLT: case RK_NODE_ULT: case RK_NODE_FEQ: case RK_NODE_FLT:
    case RK_NODE_FLE:
      set(g, n, 0, 1);
      break;
    case RK_NODE_SEXT: set(g, n, g->low[node->a], g->high[node->a]); break;
    case RK_NODE_ZEXT:
      if (g->low[node->a] >= 0) set(g, n, g->low[node->a], g->high[node->a]);
      else set(g, n, 0, (int64_t)rk_mask(extra));
      break;
    case RK_NODE_TRUNC:
      if (g->low[node->a] >= least && g->high[node->a] <= most)
        set(g, n, g->low[node->a], g->high[node->a]);
      break;
    case RK_NODE_AND: {
      // No larger than any factor that is not negative.
      const uint64_t *list = rk_list(g, n);
      for (size_t i = 0; i < rk_list_count(g, n); i++)
        if (g->low[list[i]] >= 0)
          set(g, n, 0, g->high[list[i]] < g->high[n] ? g->high[list[i]] : g->high[n]);
      break;
    }
    case RK_NODE_SMIN: case RK_NODE_UMIN: case RK_NODE_SMAX: case RK_NODE_UMAX: {
      const uint64_t *list = rk_list(g, n);
      int is_unsigned = rk_op(g, n) == RK_NODE_UMIN || rk_op(g, n) == RK_NODE_UMAX;
      int is_least = rk_op(g, n) == RK_NODE_UMIN || rk_op(g, n) == RK_NODE_SMIN;
      int64_t l = g->low[list[0]], h = g->high[list[0]];
      for (size_t i = 0; i < rk_list_count(g, n); i++) {
        int64_t a = g->low[list[i]], b = g->high[list[i]];
        if (is_unsigned && a < 0) return;
        if (is_least ? a < l : a > l) l = a;
        if (is_least ? b < h : b > h) h = b;
      }
      set(g, n, l, h);
      break;
    }
    case RK_NODE_OR: case RK_NODE_XOR: {
      const uint64_t *list = rk_list(g, n);
      uint64_t all = 0;
      for (size_t i = 0; i < rk_list_count(g, n); i++) {
        if (g->low[list[i]] < 0) return;
        all |= (uint64_t)g->high[list[i]];
      }
      for (int shift = 1; shift < 64; shift *= 2) all |= all >> shift;
      set(g, n, 0, (int64_t)all);
      break;
    }
    case RK_NODE_LSHR:
      if (extra == 0 && node->b > 0) {
        uint64_t top = g->low[node->a] >= 0 ? (uint64_t)g->high[node->a] : rk_mask(width);
        set(g, n, 0, (int64_t)(top >> node->b));
      }
      break;
    case RK_NODE_ASHR:
      if (extra == 0) set(g, n, g->low[node->a] >> node->b, g->high[node->a] >> node->b);
      break;
    case RK_NODE_CHOICE: {
      int64_t l = g->low[node->b] < g->low[node->c] ? g->low[node->b] : g->low[node->c];
      int64_t h = g->high[node->b] > g->high[node->c] ? g->high[node->b] : g->high[node->c];
      set(g, n, l, h);
      break;
    }
    default: break;
  }
}
