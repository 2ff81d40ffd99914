// Both children live on one core and sleep but for the one whose turn it is; the conductor reads
// the clock on another core. A batch has two steps. First the child is woken, restores its memory
// and reports READY, which costs what it costs. Then the conductor reads the clock and raises
// `go`, on which the child spins: the sample holds no wake-up, no system call and no restoring,
// only the calls and the two crossings of a cache line.
//
// Before a batch whose outputs are checked, everything that calls change is restored to its first
// contents, so that an output left over from an earlier call cannot pass for a new one. Which
// pairs are checked is random. Calls that change their own inputs are restored before each batch.
// Where calls can be repeated, half of the checks restore nothing, so that no call can tell them from
// other batches: a few bytes of the outputs are changed instead (pokes.h).
//
// Where the job gives objects several threads, both children may use the same cores. The conductor spins only
// when it has a core beside theirs, and else sleeps during the calls, so that a sample holds its waking.
// Before and after each batch all threads sleep: their processor time is exact only then, and none of one
// child takes a core from the other.

#include "timing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "session.h"
#include "threads.h"

static const uint64_t shortest_batch = 100000;
// Starting and joining threads, and waking the conductor, are to be a small part of a batch.
static const uint64_t shortest_batch_of_threads = 2000000;
static const uint64_t warm_up = 10000000;
static const uint32_t most_calls = 1u << 20;

enum check { UNCHECKED, RESTORED, POKED };

static void stop(struct session *session, size_t side, enum wait_result waited) {
  const struct image *image = &session->conductor->job->images[0];
  session->outcomes[side] =
    outcome_of(session->conductor, &session->sides[side].child, waited, image);
  session->stopped = true;
}

static uint64_t batch_deadline(const struct session *session) {
  uint64_t deadline = now() + session->conductor->job->call_limit;
  uint64_t last = session->conductor->deadline;
  return deadline < last ? deadline : last;
}

// How often this process was made to give up its core: a clock that is read late tells nothing.
static uint64_t own_switches(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_nivcsw : 0;
}

static bool has_threads(const struct session *session) {
  return session->conductor->job->threads > 1;
}

static uint64_t least_of_batch(const struct session *session) {
  return has_threads(session) ? shortest_batch_of_threads : shortest_batch;
}

// What tells whether others had the cores. A child that spins and calls keeps its core all the time, unless it
// has to share it, and so does this process. Threads sleep of themselves: there their waiting for cores tells.
struct quiet {
  uint64_t turns, switches;
};

static struct quiet quiet_now(const struct side *side) {
  return (struct quiet){witness_turns(&side->seen.witness), own_switches()};
}

static bool was_disturbed(
  const struct session *session, const struct side *side, const struct quiet *before,
  const struct quiet *after, uint64_t waited, uint64_t time) {
  // To be woken takes a little. What a thread that has ended had waited for is not told any more.
  if (has_threads(session))
    return side->seen.waited > waited && side->seen.waited - waited > time / 16 + 100000;
  return session->conductor->spins
    && (after->turns != before->turns || after->switches != before->switches);
}

// One timed batch of one side; 0 when it did not end.
static uint64_t time_batch(struct session *session, size_t index, uint32_t calls, bool restore) {
  struct side *side = &session->sides[index];
  struct child *child = &side->child;
  bool spins = session->conductor->spins, holds = spins || has_threads(session);
  struct batch batch = {0, session->images, calls, restore ? BATCH_RESTORE : 0};
  if (holds) batch.flags |= BATCH_HOLD;
  // State that repeated calls leave as it is need not be brought back; an object that counts its
  // calls in it is not helped to forget them.
  if (session->settled && session->repeatable) batch.flags |= BATCH_KEEP_GLOBALS;
  if (has_threads(session)) observation_settle(&side->seen, child, 0);
  uint64_t waited_for_cores = side->seen.waited;
  uint64_t used = has_threads(session) ? cpu_time_of(child->pid) : 0;
  uint64_t start = now(), when, end;
  child_command(child, &batch);
  enum wait_result waited = WAIT_REACHED;
  if (holds) {
    waited = child_wait(child, PHASE_READY, batch_deadline(session), spins, &when);
    if (waited != WAIT_REACHED) {
      stop(session, index, waited);
      return 0;
    }
    // The child has begun to spin once its own store has crossed; a little time lets it settle.
    for (uint64_t settle = now() + 500; now() < settle;) relax();
  }
  uint64_t deadline = batch_deadline(session);
  struct quiet before = quiet_now(side);
  uint64_t go = now();
  atomic_store_explicit(&child->control->go, child->batch, memory_order_release);
  waited = child_wait(child, PHASE_DONE, deadline, spins, &end);
  if (waited != WAIT_REACHED) {
    stop(session, index, waited);
    return 0;
  }
  side->wall += end - start;
  observation_allow(&side->seen, start, end);
  struct quiet after = quiet_now(side);
  // What is done after the calls have returned is a part of what they take.
  uint64_t late = 0;
  if (has_threads(session)) {
    late = observation_settle(&side->seen, child, end - start);
    side->cpu = cpu_time_of(child->pid) - used;
  }
  side->disturbed = was_disturbed(session, side, &before, &after, waited_for_cores, end - go);
  return end + late > go ? end + late - go : 1;
}

static bool publish(struct session *session, size_t index) {
  struct child *child = &session->sides[index].child;
  if (published_size(child) == 0) return true;
  struct batch batch = {0, session->images, 0, BATCH_PUBLISH};
  uint64_t start = now();
  enum wait_result waited = child_run(session->conductor, child, &batch);
  observation_allow(&session->sides[index].seen, start, now());
  if (waited != WAIT_REACHED) stop(session, index, waited);
  return waited == WAIT_REACHED;
}

// The outputs that a side must give: the original's own, or, where rounding may differ, its own.
static const struct snapshot *expected(const struct session *session, size_t side) {
  bool own = session->conductor->job->flags & JOB_OWN_EXPECTATION;
  return session->sides[own ? side : 0].first;
}

// Bytes beside a region belong to nobody: what is written there could be found by a later call.
static bool is_damaged(
  const struct session *session, const struct image *image, struct difference *difference) {
  const struct arena *arena = &session->conductor->arena;
  if (!arena_damage(arena, image, &difference->region, &difference->offset)) return false;
  const uint8_t *at = image->regions[difference->region].data + difference->offset;
  difference->expected = at[arena->to_pristine];
  difference->found = *at;
  return true;
}

static bool check(struct session *session, size_t index, uint32_t images) {
  struct side *side = &session->sides[index];
  if (!publish(session, index)) return false;
  session->checks++;
  for (uint32_t i = 0; i < images; i++) {
    const struct image *image = &session->conductor->job->images[i];
    struct wrong *wrong = &session->wrong;
    if (!snapshot_differs(
          &expected(session, index)[i], session->conductor, image, &side->child, index,
          &wrong->difference)
        && !is_damaged(session, image, &wrong->difference))
      continue;
    wrong->is = true;
    wrong->object = index;
    wrong->image = i;
    session->stopped = true;
    return false;
  }
  return true;
}

static bool snapshots(struct session *session, size_t index) {
  struct side *side = &session->sides[index];
  if (!publish(session, index)) return false;
  side->first = calloc(session->images, sizeof *side->first);
  for (uint32_t i = 0; side->first != NULL && i < session->images; i++)
    if (!snapshot_take(
          &side->first[i], session->conductor, &session->conductor->job->images[i], &side->child,
          index))
      return false;
  return side->first != NULL;
}

// The first call on every image gives what later calls are compared with; a second round without
// restoring tells whether calls can be repeated.
static bool first_calls(struct session *session, size_t index) {
  uint32_t images = session->images;
  if (time_batch(session, index, images, true) == 0) return false;
  if (!snapshots(session, index)) {
    session->stopped = true;
    return false;
  }
  if (index == 1 && !check(session, index, images)) return false;
  if (session->conductor->job->flags & JOB_RESTORE_ALWAYS) session->repeatable = false;
  if (!session->repeatable) return true;
  if (time_batch(session, index, images, false) == 0 || !publish(session, index)) return false;
  struct side *side = &session->sides[index];
  for (uint32_t i = 0; i < images && session->repeatable; i++) {
    struct difference difference;
    session->repeatable = !snapshot_differs(
      &side->first[i], session->conductor, &session->conductor->job->images[i], &side->child,
      index, &difference);
  }
  return true;
}

// Which bytes a call writes whatever stands there is found out with the original, by one round.
static bool find_pokes(struct session *session) {
  if (!session->repeatable) return true;
  struct job *job = session->conductor->job;
  pokes_choose(&session->pokes, job, session->images, &session->random);
  if (time_batch(session, 0, session->images, false) == 0 || !publish(session, 0)) return false;
  pokes_keep_written(&session->pokes);
  for (uint32_t i = 0; i < session->images; i++) {
    struct difference difference;
    // A call that reads what it overwrites cannot be tested in this way.
    if (snapshot_differs(
          &session->sides[0].first[i], session->conductor, &job->images[i],
          &session->sides[0].child, 0, &difference)) {
      session->pokes.count = 0;
      return time_batch(session, 0, session->images, true) != 0;
    }
  }
  return true;
}

// A batch that others left alone, if one of a few does.
static uint64_t time_quietly(struct session *session, uint32_t calls) {
  uint64_t least = 0;
  for (int attempt = 0; attempt < 5; attempt++) {
    uint64_t time = time_batch(session, 0, calls, true);
    if (time == 0) return 0;
    if (least == 0 || time < least) least = time;
    if (!session->sides[0].disturbed) break;
  }
  return least;
}

// Calls that change their inputs go through the replicas once; others are repeated at will.
static bool choose_calls(struct session *session) {
  session->settled = true;
  uint64_t asked = session->conductor->job->calls_per_batch;
  uint32_t most = session->repeatable ? most_calls : session->images;
  uint64_t once = time_quietly(session, 1);
  if (once == 0) return false;
  uint64_t wanted = asked != 0 ? asked : (least_of_batch(session) + once - 1) / once;
  if (asked == 0 && wanted > 1 && session->repeatable) {
    uint64_t several = time_quietly(session, (uint32_t)(wanted < 1000 ? wanted : 1000));
    if (several == 0) return false;
    uint64_t each = several / (wanted < 1000 ? wanted : 1000) + 1;
    wanted = (least_of_batch(session) + each - 1) / each;
  }
  session->calls = (uint32_t)(wanted < most ? wanted : most);
  if (session->calls == 0) session->calls = 1;
  return true;
}

static bool time_pair(struct session *session, enum check check_by, struct pair *pair) {
  bool restore = check_by == RESTORED || !session->repeatable;
  uint32_t touched = session->calls < session->images ? session->calls : session->images;
  size_t first = rk_random_next(&session->random) >> 63;
  pair->candidate_first = first;
  pair->disturbed = false;
  for (size_t turn = 0; turn < 2; turn++) {
    size_t index = first ^ turn;
    if (check_by == POKED) pokes_apply(&session->pokes, touched, &session->random);
    pair->nanoseconds[index] = time_batch(session, index, session->calls, restore);
    if (pair->nanoseconds[index] == 0) return false;
    pair->cpu[index] = session->sides[index].cpu;
    pair->disturbed |= session->sides[index].disturbed;
    if (check_by != UNCHECKED && !check(session, index, touched)) return false;
  }
  return true;
}

static bool keep(struct session *session, const struct pair *pair) {
  if (session->pair_count == session->pair_room) {
    session->pair_room = session->pair_room == 0 ? 1024 : 2 * session->pair_room;
    struct pair *more = realloc(session->pairs, session->pair_room * sizeof *more);
    if (more == NULL) return false;
    session->pairs = more;
  }
  session->pairs[session->pair_count++] = *pair;
  return true;
}

static enum check choose_check(struct session *session, uint64_t pair) {
  uint64_t every = session->conductor->job->check_every;
  if (every > 1 && pair != 0 && rk_random_next(&session->random) % every != 0) return UNCHECKED;
  return session->pokes.count != 0 && rk_random_next(&session->random) >> 63 ? POKED : RESTORED;
}

// Nothing is decided by a search's first look but what to look at again, so a few pairs that all say the
// same end it.
static bool is_lost(const struct session *session) {
  enum { dozen = 12 };
  const uint64_t loss = session->conductor->job->loss;
  size_t loser = session->conductor->job->flags & JOB_FIRST_MAY_LOSE ? 0 : 1;
  if (loss == 0) return false;
  size_t quiet = 0;
  for (size_t i = 0; i < session->pair_count && quiet < dozen; i++) {
    const struct pair *pair = &session->pairs[i];
    if (pair->disturbed) continue;
    double allowed = (double)pair->nanoseconds[1 - loser] * (double)loss / 1000;
    if ((double)pair->nanoseconds[loser] <= allowed) return false;
    quiet++;
  }
  return quiet == dozen;
}

// The children are told nothing of the pairs that only warm up.
static void run_pairs(struct session *session) {
  const struct job *job = session->conductor->job;
  uint64_t begin = now(), end = begin + job->timing_limit;
  uint64_t warm = job->timing_limit / 10 < warm_up ? job->timing_limit / 10 : warm_up;
  struct pair pair;
  do
    if (!time_pair(session, choose_check(session, 1), &pair)) return;
  while (now() - begin < warm);
  while (session->pair_count < job->pair_limit && now() < end && now() < session->conductor->deadline) {
    if (!time_pair(session, choose_check(session, session->pair_count), &pair)) return;
    if (!keep(session, &pair) || is_lost(session)) break;
  }
  // The last outputs are always looked at.
  if (session->pokes.count != 0 && !time_pair(session, POKED, &pair)) return;
  if (time_pair(session, RESTORED, &pair)) keep(session, &pair);
}

static bool start(struct session *session) {
  // Everything is mapped before the first child is forked, so that both find the same address space
  // and load their objects at the same place: code is fetched and predicted by its address.
  for (size_t i = 0; i < 2; i++)
    if (!child_map(&session->sides[i].child)) {
      stop(session, i, WAIT_DIED);
      return false;
    }
  for (size_t i = 0; i < 2; i++) {
    struct side *side = &session->sides[i];
    side->child.witness = &side->seen.witness;
    enum wait_result waited = child_start(session->conductor, &side->child, i);
    if (waited != WAIT_REACHED) {
      stop(session, i, waited);
      return false;
    }
    observation_begin(&side->seen, &side->child, session->conductor->job->objects[i]);
  }
  return true;
}

void time_pairs(struct conductor *conductor) {
  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return;
  session->conductor = conductor;
  session->repeatable = true;
  session->images = (uint32_t)conductor->job->image_count;
  rk_random_seed(&session->random, conductor->job->seed);
  for (size_t i = 0; i < 2; i++) {
    session->outcomes[i] = (struct outcome){.kind = OUTCOME_RETURNED, .region = -1, .check = -1};
    session->sides[i].seen.witness = (struct witness){.memory = -1, .maps = -1, .turns = -1};
  }
  if (start(session) && first_calls(session, 0) && first_calls(session, 1) && find_pokes(session)
      && choose_calls(session))
    run_pairs(session);
  session_take_stock(session);
  for (size_t i = 0; i < 2; i++) child_end(&session->sides[i].child);
  session_write(session);
  for (size_t i = 0; i < 2; i++) {
    struct side *side = &session->sides[i];
    for (uint32_t k = 0; side->first != NULL && k < session->images; k++)
      snapshot_free(&side->first[k]);
    free(side->first);
    observation_free(&side->seen);
  }
  free(session->pairs);
  free(session);
}
