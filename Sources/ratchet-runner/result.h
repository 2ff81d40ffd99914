/// What the conductor answers. The format is described at the head of result.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum status {
  STATUS_DONE = 0,
  STATUS_BAD_JOB = 1,
  STATUS_NO_MEMORY = 2,
  STATUS_INTERNAL = 3,
};

enum outcome_kind {
  OUTCOME_RETURNED = 0,
  OUTCOME_FAULT = 1,
  OUTCOME_TIMED_OUT = 2,
  OUTCOME_EXITED = 3,
  OUTCOME_KILLED = 4,
  OUTCOME_FORBIDDEN = 5,
  OUTCOME_NOT_LOADED = 6,
  OUTCOME_OUT_OF_TIME = 7,
};

struct outcome {
  enum outcome_kind kind;
  uint64_t signal;
  int64_t code;   // si_code, exit status, or the number of the refused system call
  int64_t check;  // the sanitizer's check that trapped, or -1
  uint64_t address;
  int64_t region;  // that the address is in or near, or -1
  int64_t offset;  // of the address from the region's start
  char message[480];
};

struct result {
  int file;
  bool failed;
  size_t used;
  uint8_t buffer[65536];
};

void result_open(struct result *result, int file);
void result_word(struct result *result, uint64_t value);
void result_string(struct result *result, const void *bytes, size_t size);
/// A string in parts: its length as a word, then its parts, then the padding for its length.
void result_bytes(struct result *result, const void *bytes, size_t size);
void result_padding(struct result *result, size_t size);
void result_outcome(struct result *result, const struct outcome *outcome);
/// Writes what is still held; false when anything could not be written.
bool result_close(struct result *result);
