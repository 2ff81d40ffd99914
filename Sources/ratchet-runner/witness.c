#include "witness.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"

static const uint64_t most_text = (uint64_t)16 << 20;
static const uint64_t most_state = (uint64_t)16 << 20;

static int open_of(pid_t child, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)child, name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

void witness_open(struct witness *witness, pid_t child) {
  *witness = (struct witness){
    .memory = open_of(child, "mem"),
    .maps = open_of(child, "maps"),
    .turns = open_of(child, "schedstat"),
  };
}

static bool read_at(int file, uint64_t from, void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t length = pread(file, (uint8_t *)to + done, size - done, (off_t)(from + done));
    if (length <= 0) return false;
    done += (size_t)length;
  }
  return true;
}

static char *read_all(int file) {
  size_t size = 0, room = 65536;
  char *text = malloc(room);
  while (text != NULL) {
    ssize_t length = read(file, text + size, room - size - 1);
    if (length <= 0) break;
    size += (size_t)length;
    if (room - size > 4096) continue;
    room *= 2;
    char *more = realloc(text, room);
    if (more == NULL) free(text);
    text = more;
  }
  if (text != NULL) text[size] = 0;
  return text;
}

// Lines of `maps` read `start-end rwxp offset device inode   path`.
static void find_code(struct witness *witness, const char *path) {
  char *text = read_all(witness->maps);
  for (char *line = text, *next; line != NULL && *line != 0; line = next) {
    next = strchr(line, '\n');
    if (next != NULL) *next++ = 0;
    unsigned long start, end, offset, inode;
    char mode[5];
    int name = 0;
    if (sscanf(line, "%lx-%lx %4s %lx %*s %lu %n", &start, &end, mode, &offset, &inode, &name) < 5)
      continue;
    if (mode[2] == 'x' && name != 0 && strcmp(line + name, path) == 0)
      witness->code = (struct span){start, end - start, offset};
  }
  free(text);
}

struct object_file {
  const uint8_t *bytes;
  size_t size;
};

static const void *part(const struct object_file *file, uint64_t offset, uint64_t size) {
  return offset <= file->size && size <= file->size - offset ? file->bytes + offset : NULL;
}

static const Elf64_Shdr *sections(const struct object_file *file, size_t *count) {
  const Elf64_Ehdr *head = part(file, 0, sizeof *head);
  *count = 0;
  if (head == NULL || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0
      || head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_shentsize != sizeof(Elf64_Shdr))
    return NULL;
  const Elf64_Shdr *all = part(file, head->e_shoff, head->e_shnum * sizeof *all);
  if (all != NULL) *count = head->e_shnum;
  return all;
}

// The symbol that `fits`, first by name, then by address.
static const Elf64_Sym *symbol(
  const struct object_file *file, const char *name, uint64_t address) {
  size_t count;
  const Elf64_Shdr *all = sections(file, &count);
  for (size_t i = 0; i < count; i++) {
    if (all[i].sh_type != SHT_SYMTAB || all[i].sh_link >= count) continue;
    const Elf64_Shdr *words = &all[all[i].sh_link];
    const char *text = part(file, words->sh_offset, words->sh_size);
    size_t symbols = all[i].sh_size / sizeof(Elf64_Sym);
    const Elf64_Sym *each = part(file, all[i].sh_offset, symbols * sizeof *each);
    if (text == NULL || each == NULL || words->sh_size == 0
        || text[words->sh_size - 1] != 0)
      continue;
    for (size_t s = 0; s < symbols; s++, each++) {
      if (name != NULL
            ? each->st_name < words->sh_size && strcmp(text + each->st_name, name) == 0
            : ELF64_ST_TYPE(each->st_info) == STT_FUNC && each->st_value == address
              && each->st_size != 0)
        return each;
    }
  }
  return NULL;
}

// Where the dynamic linker fills in addresses late: no memory of the object's own.
static void find_bound(
  struct witness *witness, const struct object_file *file, uint64_t base) {
  size_t count;
  const Elf64_Shdr *all = sections(file, &count);
  for (size_t i = 0; i < count; i++) {
    if (all[i].sh_type != SHT_DYNAMIC) continue;
    size_t entries = all[i].sh_size / sizeof(Elf64_Dyn);
    const Elf64_Dyn *each = part(file, all[i].sh_offset, entries * sizeof *each);
    uint64_t table = 0, size = 0;
    for (size_t e = 0; each != NULL && e < entries; e++) {
      if (each[e].d_tag == DT_PLTGOT) table = each[e].d_un.d_ptr;
      if (each[e].d_tag == DT_PLTRELSZ) size = each[e].d_un.d_val / sizeof(Elf64_Rela) * 8;
    }
    if (table != 0 && size != 0)
      witness->bound = (struct span){.start = base + table, .size = size + 24};
  }
}

static const Elf64_Phdr *segments(const struct object_file *file, size_t *count) {
  const Elf64_Ehdr *head = part(file, 0, sizeof *head);
  const Elf64_Phdr *all =
    head == NULL ? NULL : part(file, head->e_phoff, head->e_phnum * sizeof *all);
  *count = all == NULL ? 0 : head->e_phnum;
  return all;
}

static uint64_t base_of(const struct witness *witness, const struct object_file *file) {
  size_t count;
  const Elf64_Phdr *each = segments(file, &count);
  for (size_t i = 0; i < count; i++)
    if (each[i].p_type == PT_LOAD && (each[i].p_flags & PF_X))
      return witness->code.start - (each[i].p_vaddr & ~(uint64_t)4095);
  return 0;
}

// The object's variables: what can be written, without what is protected once it is bound.
static void find_data(struct witness *witness, const struct object_file *file, uint64_t base) {
  size_t count;
  const Elf64_Phdr *each = segments(file, &count);
  uint64_t bound_end = 0;
  for (size_t i = 0; i < count; i++)
    if (each[i].p_type == PT_TLS && each[i].p_memsz != 0) witness->keeps_by_thread = true;
  for (size_t i = 0; i < count; i++)
    if (each[i].p_type == PT_GNU_RELRO)
      bound_end = (each[i].p_vaddr + each[i].p_memsz) & ~(uint64_t)4095;
  for (size_t i = 0; i < count && witness->data_count < WITNESS_SPANS; i++) {
    if (each[i].p_type != PT_LOAD || !(each[i].p_flags & PF_W)) continue;
    uint64_t start = each[i].p_vaddr, end = start + each[i].p_memsz;
    if (bound_end > start) start = bound_end;
    if (start < end)
      witness->data[witness->data_count++] = (struct span){.start = base + start, .size = end - start};
  }
}

static void find_entry(
  struct witness *witness, const struct object_file *file, uint64_t base) {
  const Elf64_Sym *pointer = symbol(file, "ratchet_target", 0);
  uint64_t address;
  if (pointer == NULL
      || !read_at(witness->memory, base + pointer->st_value, &address, sizeof address))
    return;
  const Elf64_Sym *function = symbol(file, NULL, address - base);
  uint64_t offset = address - witness->code.start;
  if (function == NULL || offset >= witness->code.size
      || function->st_size > witness->code.size - offset)
    return;
  witness->entry = offset;
  witness->entry_size = function->st_size;
}

void witness_look(struct witness *witness, const char *path) {
  if (witness->memory < 0 || witness->maps < 0) return;
  find_code(witness, path);
  if (witness->code.size == 0 || witness->code.size > most_text) return;
  int opened = open(path, O_RDONLY | O_CLOEXEC);
  struct stat about;
  if (opened < 0 || fstat(opened, &about) != 0 || about.st_size <= 0) {
    close(opened);
    return;
  }
  struct object_file file = {.size = (size_t)about.st_size};
  void *mapped = mmap(NULL, file.size, PROT_READ, MAP_PRIVATE, opened, 0);
  close(opened);
  if (mapped == MAP_FAILED) return;
  file.bytes = mapped;
  witness->text = malloc(witness->code.size);
  if (witness->text != NULL
      && read_at(witness->memory, witness->code.start, witness->text, witness->code.size)) {
    uint64_t size = witness->code.size, left = file.size - witness->code.offset;
    const void *same = part(&file, witness->code.offset, size < left ? size : left);
    witness->as_in_file = same != NULL && memcmp(same, witness->text, size < left ? size : left) == 0;
    uint64_t base = base_of(witness, &file);
    find_entry(witness, &file, base);
    find_bound(witness, &file, base);
    find_data(witness, &file, base);
  } else {
    free(witness->text);
    witness->text = NULL;
  }
  munmap(mapped, file.size);
}

static uint8_t *state_now(const struct witness *witness, size_t *size) {
  *size = 0;
  for (size_t i = 0; i < witness->data_count; i++) *size += witness->data[i].size;
  uint8_t *state = *size == 0 || *size > most_state ? NULL : malloc(*size);
  uint8_t *to = state;
  for (size_t i = 0; state != NULL && i < witness->data_count; i++) {
    if (!read_at(witness->memory, witness->data[i].start, to, witness->data[i].size)) {
      free(state);
      return NULL;
    }
    to += witness->data[i].size;
  }
  return state;
}

void witness_keep_state(struct witness *witness) {
  free(witness->state);
  witness->state = state_now(witness, &witness->state_size);
}

static bool within(uint64_t address, uint64_t start, uint64_t size) {
  return address - start < size;
}

static bool is_known(
  const struct witness *witness, uint64_t address, const struct object_global *globals,
  uint64_t count) {
  if (within(address, witness->bound.start, witness->bound.size)) return true;
  for (uint64_t i = 0; i < count; i++)
    if (within(address, globals[i].address, globals[i].size)) return true;
  return false;
}

bool witness_state_changed(
  struct witness *witness, const struct object_global *globals, uint64_t count) {
  if (witness->state == NULL) return false;
  size_t size;
  uint8_t *now = state_now(witness, &size);
  bool changed = false;
  if (now != NULL && size == witness->state_size && memcmp(now, witness->state, size) != 0) {
    const uint8_t *from = now, *before = witness->state;
    for (size_t i = 0; i < witness->data_count && !changed; i++) {
      const struct span *span = &witness->data[i];
      for (uint64_t byte = 0; byte < span->size && !changed; byte++)
        changed = from[byte] != before[byte]
          && !is_known(witness, span->start + byte, globals, count);
      from += span->size;
      before += span->size;
    }
  }
  free(now);
  return changed;
}

uint64_t witness_turns(const struct witness *witness) {
  // Time on a core, time spent waiting for one, and how often one was given.
  char text[96];
  ssize_t length =
    witness->turns < 0 ? -1 : pread(witness->turns, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = 0;
  const char *last = strrchr(text, ' ');
  return last == NULL ? 0 : strtoull(last + 1, NULL, 10);
}

void witness_close(struct witness *witness) {
  if (witness->memory >= 0) close(witness->memory);
  if (witness->maps >= 0) close(witness->maps);
  if (witness->turns >= 0) close(witness->turns);
  free(witness->text);
  free(witness->state);
  *witness = (struct witness){.memory = -1, .maps = -1, .turns = -1};
}
