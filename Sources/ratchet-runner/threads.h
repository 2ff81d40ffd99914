/// What the kernel says of a child's processor time and threads.
#pragma once

#include <fcntl.h>
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

/// The threads that `process` has now; 0 when it cannot be read.
static inline uint64_t threads_of(pid_t process) {
  char path[64], text[2048];
  snprintf(path, sizeof path, "/proc/%d/status", (int)process);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = 0;
  const char *line = strstr(text, "\nThreads:");
  return line == NULL ? 0 : strtoull(line + 9, NULL, 10);
}
