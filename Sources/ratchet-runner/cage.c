#include "cage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "layers.h"

static const char *const prefix = "ratchet-";

static const struct controller {
  const char *name;
  uint32_t layer;
  const char *ceiling[2];  // the file that holds it in version 1 and in version 2
} controllers[2] = {
  {"memory", LAYER_MEMORY_GROUP, {"memory.limit_in_bytes", "memory.max"}},
  {"pids", LAYER_PROCESS_GROUP, {"pids.max", "pids.max"}},
};

static ssize_t read_text(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = read(file, text, size - 1);
  close(file);
  if (length >= 0) text[length] = 0;
  return length;
}

static bool write_text(const char *directory, const char *name, const char *text) {
  char path[640];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
  close(file);
  return written;
}

static bool lists(const char *words, size_t length, const char *word, const char *separators) {
  for (size_t at = 0; at < length;) {
    size_t each = strcspn(words + at, separators);
    if (each > length - at) each = length - at;
    if (each == strlen(word) && strncmp(words + at, word, each) == 0) return true;
    at += each + 1;
  }
  return false;
}

// The group that this process is in: lines of `/proc/self/cgroup` read `number:controllers:path`, with
// number 0 and no controllers for version 2. Returns the version, 0 when there is no such group.
static int own_group(const struct controller *controller, char *path, size_t size) {
  char text[4096];
  if (read_text("/proc/self/cgroup", text, sizeof text) <= 0) return 0;
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *names = strchr(line, ':'), *group = names == NULL ? NULL : strchr(names + 1, ':');
    if (group == NULL) continue;
    names++;
    if (group == names) {
      char available[1024], control[640];
      snprintf(path, size, "/sys/fs/cgroup%s", group + 1);
      snprintf(control, sizeof control, "%s/cgroup.subtree_control", path);
      ssize_t length = read_text(control, available, sizeof available);
      if (length > 0 && lists(available, (size_t)length, controller->name, " \n")) return 2;
    } else if (lists(names, (size_t)(group - names), controller->name, ",")) {
      snprintf(path, size, "/sys/fs/cgroup/%s%s", controller->name, group + 1);
      return access(path, W_OK) == 0 ? 1 : 0;
    }
  }
  return 0;
}

// Groups of runners that were killed stay behind, empty; one with processes in it cannot be removed.
static void sweep(const char *parent) {
  DIR *groups = opendir(parent);
  if (groups == NULL) return;
  for (struct dirent *entry; (entry = readdir(groups)) != NULL;) {
    if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
    pid_t owner = (pid_t)strtol(entry->d_name + strlen(prefix), NULL, 10);
    if (owner <= 0 || kill(owner, 0) == 0 || errno != ESRCH) continue;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
    rmdir(path);
  }
  closedir(groups);
}

static bool make(const struct controller *controller, uint64_t ceiling, char *path, size_t size) {
  char parent[400], text[32];
  int version = own_group(controller, parent, sizeof parent);
  if (version == 0) return false;
  sweep(parent);
  snprintf(path, size, "%s/%s%d", parent, prefix, (int)getpid());
  // In version 2 one group holds both ceilings.
  if (mkdir(path, 0700) != 0 && !(version == 2 && errno == EEXIST)) return false;
  snprintf(text, sizeof text, "%llu", (unsigned long long)ceiling);
  if (write_text(path, controller->ceiling[version - 1], text)) return true;
  rmdir(path);
  return false;
}

void cage_make(struct cage *cage, uint64_t memory, unsigned processes, uint32_t off) {
  const uint64_t ceilings[2] = {memory, processes};
  memset(cage, 0, sizeof *cage);
  for (size_t i = 0; i < 2; i++) {
    const struct controller *each = &controllers[i];
    if (ceilings[i] == 0 || (off & each->layer)) continue;
    if (make(each, ceilings[i], cage->paths[i], sizeof cage->paths[i]))
      cage->layers |= each->layer;
  }
}

void cage_enter(struct cage *cage) {
  for (size_t i = 0; i < 2; i++)
    if ((cage->layers & controllers[i].layer) && !write_text(cage->paths[i], "cgroup.procs", "0"))
      cage->layers &= ~controllers[i].layer;
}

// A process that was killed leaves its group a moment after it was waited for.
void cage_remove(struct cage *cage) {
  for (size_t i = 0; i < 2; i++) {
    if (cage->paths[i][0] == 0) continue;
    for (int attempt = 0; rmdir(cage->paths[i]) != 0 && errno == EBUSY && attempt < 50; attempt++)
      nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
}
