// The result format, version 2. Words and strings are as in job.c.
//
//     word    magic, the bytes "RATCHETR"
//     word    status: 0 done, 1 bad job, 2 no memory, 3 internal error
//     string  message, empty when done
//   examine, status 0:
//     word    number of images, for each:
//       outcome
//       when it returned:
//         word   nanoseconds of the call
//         word   number of regions of the image + 2 (arguments and result), for each: string bytes
//         word   number of globals, for each: string bytes
//         string bytes accessed, region after region, one byte each (1 read, 2 stored), else empty
//         string bytes of globals accessed, one byte each, global after global, else empty
//         word   1 when a byte beside a region was overwritten: word region, word offset
//         word   what an audited call touched beside, see `enum stray` in control.h
//         word   1 when the second call differed: word region, word offset
//                (region = number of regions + 2 stands for the globals)
//     word    layers of the sandbox that were active, see layers.h
//   time, status 0:
//     outcome  of the original, then of the candidate; not 'returned' ends the record here, with
//              zero pairs following
//     word     verdict: 0 agreed, 1 wrong output, followed by
//              word object, word image, word region, word offset, word expected, word found
//              (zeros when agreed)
//     word     1 when calls could be repeated without restoring
//     word     calls per batch
//     word     number of outputs checks made
//     word     number of pairs, for each: word nanoseconds original, word nanoseconds candidate,
//              word 1 when the candidate ran first, plus 2 when another process had the core for
//              a part of either batch, word processor nanoseconds of all threads of the
//              original, word of the candidate, with waking and going to sleep; both 0 where the
//              job lets start none
//     for each object: word CPU nanoseconds, word wall nanoseconds between command and end,
//              word most threads seen
//     for each object: word processes that it started and left, word 1 when it keeps state between
//              calls, word 1 when it used more processor time than there was, string its code as
//              its process has it (empty when that cannot be read), word 1 when that is what the
//              file holds, word offset of the judged function in it, word length (0 when unknown)
//     for each object: the outputs of its first call on the first image, as in examine (regions,
//              then globals); both lists empty unless each object was its own expectation
//     word     layers of the sandbox that were active, see layers.h
//
// An outcome is: word kind (see result.h), word signal, word code, word check, word address,
// word region, word offset, string message. Signed numbers are in two's complement.

#include "result.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void result_open(struct result *result, int file) {
  result->file = file;
  result->failed = false;
  result->used = 0;
}

static void write_all(struct result *result, const uint8_t *bytes, size_t size) {
  while (size != 0 && !result->failed) {
    ssize_t written = write(result->file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      result->failed = true;
      return;
    }
    bytes += written;
    size -= (size_t)written;
  }
}

static void flush(struct result *result) {
  write_all(result, result->buffer, result->used);
  result->used = 0;
}

static void put(struct result *result, const void *bytes, size_t size) {
  if (size > sizeof result->buffer - result->used) flush(result);
  if (size > sizeof result->buffer) {
    write_all(result, bytes, size);
    return;
  }
  if (size != 0) memcpy(result->buffer + result->used, bytes, size);
  result->used += size;
}

void result_word(struct result *result, uint64_t value) { put(result, &value, sizeof value); }

void result_bytes(struct result *result, const void *bytes, size_t size) {
  put(result, bytes, size);
}

void result_padding(struct result *result, size_t size) {
  static const uint8_t zeros[8];
  put(result, zeros, (8 - size % 8) % 8);
}

void result_string(struct result *result, const void *bytes, size_t size) {
  result_word(result, size);
  put(result, bytes, size);
  result_padding(result, size);
}

void result_outcome(struct result *result, const struct outcome *outcome) {
  result_word(result, outcome->kind);
  result_word(result, outcome->signal);
  result_word(result, (uint64_t)outcome->code);
  result_word(result, (uint64_t)outcome->check);
  result_word(result, outcome->address);
  result_word(result, (uint64_t)outcome->region);
  result_word(result, (uint64_t)outcome->offset);
  result_string(result, outcome->message, strnlen(outcome->message, sizeof outcome->message));
}

bool result_close(struct result *result) {
  flush(result);
  return !result->failed;
}
