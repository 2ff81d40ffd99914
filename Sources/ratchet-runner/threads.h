/// What the kernel says of a child's processor time and threads.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/// Nanoseconds of processor time that `process` has used; 0 when it cannot be read.
static inline uint64_t cpu_time_of(pid_t process) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

/// Reads a file of /proc about `process` as text; false when it cannot be read.
static inline bool read_about(pid_t process, const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)process, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t length = read(file, text, size - 1);
  close(file);
  if (length <= 0) return false;
  text[length] = 0;
  return true;
}

/// Reads the number behind `name`, which begins with a new line, in the status of `process`; false when it
/// cannot be read.
static inline bool read_status(pid_t process, const char *name, uint64_t *number) {
  char text[2048];
  if (!read_about(process, "status", text, sizeof text)) return false;
  const char *line = strstr(text, name);
  if (line != NULL) *number = strtoull(line + strlen(name), NULL, 10);
  return line != NULL;
}

/// The threads that `process` has now; 0 when it cannot be read.
static inline uint64_t threads_of(pid_t process) {
  uint64_t threads = 0;
  return read_status(process, "\nThreads:", &threads) ? threads : 0;
}

/// The system call filters on the first thread of `process`, one upon the other; false where the system does
/// not tell (before Linux 5.9).
static inline bool filters_of(pid_t process, uint64_t *filters) {
  return read_status(process, "\nSeccomp_filters:", filters);
}

/// Whether a thread of `process` is running or waits for a core. One that sleeps has its processor time
/// brought up to date. `waited` receives how long all of them together have waited for cores.
static inline bool is_running(pid_t process, uint64_t *waited) {
  char path[64], text[512];
  *waited = 0;
  snprintf(path, sizeof path, "/proc/%d/task", (int)process);
  DIR *threads = opendir(path);
  if (threads == NULL) return false;
  bool runs = false;
  for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
    long thread = strtol(entry->d_name, NULL, 10);
    if (thread <= 0) continue;
    snprintf(path, sizeof path, "task/%ld/stat", thread);
    if (!read_about(process, path, text, sizeof text)) continue;
    const char *after = strrchr(text, ')');
    runs |= after != NULL && after[1] == ' ' && after[2] == 'R';
    snprintf(path, sizeof path, "task/%ld/schedstat", thread);
    if (!read_about(process, path, text, sizeof text)) continue;
    after = strchr(text, ' ');
    if (after != NULL) *waited += strtoull(after + 1, NULL, 10);
  }
  closedir(threads);
  return runs;
}

/// The parent of `process`; 0 when it cannot be read.
static inline pid_t parent_of(pid_t process) {
  char text[512];
  if (!read_about(process, "stat", text, sizeof text)) return 0;
  // The name may hold anything; what follows its last parenthesis is ` S 123 …`.
  const char *after = strrchr(text, ')');
  return after == NULL || strlen(after) < 5 ? 0 : (pid_t)strtol(after + 4, NULL, 10);
}

/// Adds to `counts` how many processes have each of `parents` for a parent and are none of `known`. One
/// walk through /proc.
static inline void count_children(
  const pid_t *parents, uint64_t *counts, size_t parent_count, const pid_t *known,
  size_t known_count) {
  DIR *processes = opendir("/proc");
  if (processes == NULL) return;
  for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
    pid_t process = (pid_t)strtol(entry->d_name, NULL, 10);
    bool is_known = process <= 0;
    for (size_t i = 0; i < known_count; i++) is_known |= known[i] == process;
    if (is_known) continue;
    pid_t parent = parent_of(process);
    for (size_t i = 0; i < parent_count; i++)
      if (parents[i] > 0 && parents[i] == parent) counts[i]++;
  }
  closedir(processes);
}
