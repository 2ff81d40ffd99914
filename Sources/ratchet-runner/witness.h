/// What the kernel says of a child's memory, read from outside.
///
/// The files that tell it are opened before the child has run anything foreign; from then on nobody
/// but this process can open them, for the child makes itself unreadable.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { WITNESS_SPANS = 8 };

struct span {
  uint64_t start, size, offset;  // offset: in the object's file
};

struct witness {
  int memory, maps, turns;  // files of /proc, or -1
  struct span code, data[WITNESS_SPANS];
  size_t data_count;
  struct span bound;  // where addresses of functions are filled in at their first call
  uint8_t *text;      // the bytes of `code` as the child has them
  bool as_in_file;    // and whether they are those of the file
  uint64_t entry, entry_size;  // of the judged function, an offset into `code` and its length
  bool keeps_by_thread;  // it has variables of each thread, which `data` does not hold
  uint8_t *state;     // the bytes of `data`
  size_t state_size;
};

/// Opens the files of a child that has just been forked.
void witness_open(struct witness *witness, pid_t child);

/// Reads where the object at `path` is mapped, its code, and the function that the trampoline calls.
void witness_look(struct witness *witness, const char *path);

/// Keeps the object's variables as they are now.
void witness_keep_state(struct witness *witness);

/// Whether they are others now, apart from the `count` objects in `globals`, which are compared as
/// outputs.
struct object_global;
bool witness_state_changed(
  struct witness *witness, const struct object_global *globals, uint64_t count);

/// How often the child has been given a core; 0 where the system does not tell. It stays the same while
/// the child runs undisturbed.
uint64_t witness_turns(const struct witness *witness);

void witness_close(struct witness *witness);
