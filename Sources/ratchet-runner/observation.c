#include "observation.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cores.h"
#include "threads.h"

// Processor time that a child may use to go to sleep, after each batch, and once more in all.
static const uint64_t to_sleep = 10000;
static const uint64_t slack = 2000000;
static const uint64_t longest_settling = 20000000;

void observation_begin(
  struct observation *observation, const struct child *child, const char *path) {
  witness_look(&observation->witness, path);
  witness_keep_state(&observation->witness);
  observation->cores = child->most_threads;
  observation->cpu_start = cpu_time_of(child->pid);
  uint64_t count = child->control->global_count;
  if (count > MOST_GLOBALS) count = 0;
  observation->globals = calloc(count + 1, sizeof *observation->globals);
  if (observation->globals == NULL) return;
  memcpy(observation->globals, child->control->globals, count * sizeof *observation->globals);
  observation->global_count = count;
}

// A child sleeps until it is commanded and once it is done, so that it uses no more than the time
// between on each of its cores, and a little to go to sleep. Who has more threads than it may, or reports
// its calls done too early and works on, uses more.
void observation_allow(struct observation *observation, uint64_t start, uint64_t end) {
  observation->wall += end - start;
  observation->allowed += observation->cores * (end - start + to_sleep);
}

// Where another process has one of two cores, the system lets both threads share the other.
static void place(struct observation *observation, const struct child *child) {
  if (child->cores != NULL && threads_of(child->pid) != observation->placed)
    observation->placed = spread_threads(child->pid, child->cores);
}

// Processor time tells work from waiting for a core that others have; while a thread runs, it may be told a
// little late, but no work lasts longer than the clock says.
static uint64_t wait_for_sleep(
  struct observation *observation, const struct child *child, uint64_t took) {
  const uint64_t longest = longest_settling + took / 4;
  const uint64_t start = now(), used = cpu_time_of(child->pid);
  if (!is_running(child->pid, &observation->waited)) return 0;
  uint64_t time = start;
  for (bool runs = true; runs && time - start < longest; time = now()) {
    // Whoever looks all the time may hold the very core that the child needs to go to sleep.
    struct timespec pause = {0, 50000};
    nanosleep(&pause, NULL);
    runs = is_running(child->pid, &observation->waited);
  }
  const uint64_t worked = cpu_time_of(child->pid) - used;
  return worked < time - start ? worked : time - start;
}

uint64_t observation_settle(
  struct observation *observation, const struct child *child, uint64_t took) {
  const uint64_t late = wait_for_sleep(observation, child, took);
  observation->late += late;
  place(observation, child);
  return late;
}

void observation_end(struct observation *observation, const struct child *child) {
  if (child->pid == 0) return;
  observation->cpu = cpu_time_of(child->pid) - observation->cpu_start;
  observation->threads = threads_of(child->pid);
  // On several cores what was left for later might hide in the time of those that slept. It is paid for, and
  // still has to be little.
  observation->overspent =
    observation->cpu > observation->allowed + observation->allowed / 64 + slack
    || (observation->cores > 1 && observation->late > observation->wall / 8 + slack);
  observation->keeps_state = observation->witness.keeps_by_thread
    || witness_state_changed(
      &observation->witness, observation->globals, observation->global_count);
}

void observation_write(const struct observation *observation, struct result *result) {
  const struct witness *witness = &observation->witness;
  result_word(result, observation->processes);
  result_word(result, observation->keeps_state);
  result_word(result, observation->overspent);
  result_string(result, witness->text, witness->text == NULL ? 0 : witness->code.size);
  result_word(result, witness->as_in_file);
  result_word(result, witness->entry);
  result_word(result, witness->entry_size);
}

void observation_free(struct observation *observation) {
  free(observation->globals);
  witness_close(&observation->witness);
}
