// ratchet-runner: runs foreign object code for Ratchet, apart from everything else.
//
//     ratchet-runner doctor     what of the sandbox this machine allows, as JSON
//     ratchet-runner run        one job
//     ratchet-runner guard MILLISECONDS MEBIBYTES DIRECTORY PROGRAM WORD…
//                               a foreign program, a compiler say, under a wall limit and, unless 0,
//                               a memory limit, with all that it starts; descriptor 0 as below
//
// For `run` the caller hands over three descriptors: 0, a pipe whose other end it keeps open for
// as long as it wants the job to go on; 1, an empty file for the result (result.c says in which
// format); 3, a file that holds the job (job.c). The exit status is 0 when a result was written,
// 2 on an internal error, 3 when the wall limit had to be enforced from outside, 4 when the caller
// went away.
//
// Processes: the warden (this one) watches the limit and the caller; the conductor, its child,
// holds the clock and the images; the conductor's children each load one object.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cage.h"
#include "clock.h"
#include "conductor.h"
#include "cores.h"
#include "doctor.h"
#include "examine.h"
#include "timing.h"
#include "warden.h"

// The conductor, the first process of its namespace, two children, and some that are ending.
enum { JOB_FILE = 3, RESULT_FILE = 1, processes_of_a_job = 8 };

static struct result result;

extern char **environ;

static void begin(enum status status, const char *message) {
  uint64_t magic;
  memcpy(&magic, "RATCHETR", 8);
  result_word(&result, magic);
  result_word(&result, status);
  result_string(&result, message, strlen(message));
}

static int refuse(enum status status, const char *message) {
  begin(status, message);
  return result_close(&result) ? 0 : 2;
}

static const uint8_t *map_job(size_t *size) {
  struct stat about;
  if (fstat(JOB_FILE, &about) != 0 || about.st_size <= 0) return NULL;
  *size = (size_t)about.st_size;
  void *mapped = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, JOB_FILE, 0);
  return mapped == MAP_FAILED ? NULL : mapped;
}

// What this process was started with would stay readable at its old place: it is overwritten.
static void empty_environment(void) {
  for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
    memset(*variable, 0, strlen(*variable));
  clearenv();
}

// The most that a job can need: the images with their copies, what was first found in them and the
// answer; each child's own memory, and the copies of an object's globals, which are no larger.
static uint64_t memory_ceiling(const struct job *job) {
  uint64_t images = 0;
  for (size_t i = 0; i < job->image_count; i++)
    for (size_t r = 0; r < job->images[i].region_count; r++)
      images += job->images[i].regions[r].size + 8192;
  return ((uint64_t)512 << 20) + 8 * images + 6 * job->memory_limit;
}

static int conduct(struct job *job, uint64_t started, uint32_t layers) {
  struct conductor conductor = {.job = job, .result = &result, };
  struct cores cores;
  conductor.deadline = started + job->wall_limit;
  conductor.stack_offset = (job->seed * 0x9e3779b97f4a7c15ull >> 52) & ~(size_t)63;
  if (job->mode == JOB_TIME) {
    cores = choose_cores(job->threads);
    if (cores.children >= 0) conductor.child_cores = &cores.of_children;
    conductor.spins = cores.conductor >= 0;
    run_on_core(cores.conductor);
    // Where it is allowed, what is measured goes before what else wants the core.
    setpriority(PRIO_PROCESS, 0, -10);
  }
  const char *problem = arena_make(job, &conductor.arena);
  if (problem != NULL) return refuse(STATUS_NO_MEMORY, problem);
  seal_prepare(
    &conductor.seal, job->layers_off, job->threads, job->objects, job->object_count);
  conductor.layers = layers | (conductor.seal.layers & ~(uint32_t)LAYER_SECCOMP);
  begin(STATUS_DONE, "");
  if (job->mode == JOB_EXAMINE)
    examine(&conductor);
  else
    time_pairs(&conductor);
  result_word(&result, conductor.layers | conductor.child_layers);
  return result_close(&result) ? 0 : 2;
}

static int run(void) {
  uint64_t started = now();
  result_open(&result, RESULT_FILE);
  size_t size = 0;
  const uint8_t *bytes = map_job(&size);
  if (bytes == NULL) return refuse(STATUS_BAD_JOB, "descriptor 3 holds no job");
  static struct job job;
  const char *problem = job_read(bytes, size, &job);
  if (problem != NULL) return refuse(STATUS_BAD_JOB, problem);
  struct cage cage = {0};
  // A child under the filter starts no process, and has a limit of its own for memory; to move into a
  // control group takes milliseconds. Threads it may start, and these count as processes do.
  if (job.flags & JOB_WITHOUT_SECCOMP || job.threads > 1)
    cage_make(
      &cage, memory_ceiling(&job), processes_of_a_job + 2 * (unsigned)(job.threads - 1),
      job.layers_off);
  warden_begin(job.wall_limit, &cage);
  uint32_t layers = cage.layers;
  if (!(job.layers_off & LAYER_EMPTY_ENVIRONMENT)) {
    empty_environment();
    layers |= LAYER_EMPTY_ENVIRONMENT;
  }
  return conduct(&job, started, layers);
}

static int guard(char **words) {
  unsigned long long milliseconds = strtoull(words[0], NULL, 10);
  if (milliseconds == 0 || milliseconds > 86400000) return 64;
  unsigned long long mebibytes = strtoull(words[1], NULL, 10);
  warden_guard(milliseconds * 1000000, mebibytes << 20, words[2], words + 3);
  return 126;
}

int main(int count, char **words) {
  // What another thread of the caller had open when it started this process is not ours.
  syscall(SYS_close_range, 4u, ~0u, 0u);
  if (count == 2 && strcmp(words[1], "doctor") == 0) return doctor();
  if (count == 2 && strcmp(words[1], "run") == 0) return run();
  if (count >= 6 && strcmp(words[1], "guard") == 0) return guard(words + 2);
  fputs(
    "usage: ratchet-runner doctor | run | guard MILLISECONDS MEBIBYTES DIRECTORY PROGRAM WORD...\n",
    stderr);
  return 64;
}
