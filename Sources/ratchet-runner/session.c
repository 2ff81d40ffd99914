#include "session.h"

#include <unistd.h>

#include "threads.h"

static void write_side(struct session *session, size_t index) {
  struct conductor *conductor = session->conductor;
  struct side *side = &session->sides[index];
  const struct image *image = &conductor->job->images[0];
  if (!(conductor->job->flags & JOB_OWN_EXPECTATION)) {
    result_word(conductor->result, 0);
    result_word(conductor->result, 0);
    return;
  }
  // The first outputs are put back where outputs stand, to be written like any others.
  if (side->first != NULL && side->first[0].bytes != NULL)
    snapshot_restore(&side->first[0], conductor, image, &side->child, index);
  write_outputs(conductor, image, &side->child, index);
}

void session_write(struct session *session) {
  struct result *result = session->conductor->result;
  struct wrong *wrong = &session->wrong;
  for (size_t i = 0; i < 2; i++) result_outcome(result, &session->outcomes[i]);
  result_word(result, wrong->is);
  result_word(result, wrong->object);
  result_word(result, wrong->image);
  result_word(result, wrong->difference.region);
  result_word(result, (uint64_t)wrong->difference.offset);
  result_word(result, wrong->difference.expected);
  result_word(result, wrong->difference.found);
  result_word(result, session->repeatable);
  result_word(result, session->calls);
  result_word(result, session->checks);
  result_word(result, session->pair_count);
  for (size_t i = 0; i < session->pair_count; i++) {
    result_word(result, session->pairs[i].nanoseconds[0]);
    result_word(result, session->pairs[i].nanoseconds[1]);
    result_word(result, session->pairs[i].candidate_first | (session->pairs[i].disturbed ? 2 : 0));
    for (size_t side = 0; side < 2; side++) result_word(result, session->pairs[i].cpu[side]);
  }
  for (size_t i = 0; i < 2; i++) {
    result_word(result, session->sides[i].seen.cpu);
    result_word(result, session->sides[i].wall);
    result_word(result, session->sides[i].seen.threads);
  }
  for (size_t i = 0; i < 2; i++) observation_write(&session->sides[i].seen, result);
  for (size_t i = 0; i < 2; i++) write_side(session, i);
}

// What lost its parent belongs to nobody that can be named: it is held against the candidate, for
// the original is the user's own.
void session_take_stock(struct session *session) {
  struct side *sides = session->sides;
  pid_t first = session->conductor->seal.first;
  pid_t known[4] = {sides[0].child.pid, sides[1].child.pid, first, getpid()};
  pid_t parents[4] = {sides[0].child.pid, sides[1].child.pid, first, getppid()};
  uint64_t counts[4] = {0};
  count_children(parents, counts, 4, known, 4);
  for (size_t i = 0; i < 2; i++) {
    observation_end(&sides[i].seen, &sides[i].child);
    sides[i].seen.processes = counts[i];
  }
  sides[1].seen.processes += counts[2] + counts[3];
}
