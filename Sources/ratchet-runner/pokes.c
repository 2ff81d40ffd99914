#include "pokes.h"

static uint8_t other_than(uint8_t byte, struct rk_random *random) {
  return byte ^ (uint8_t)(1 + rk_random_below(random, 255));
}

static size_t writable_bytes(const struct image *image) {
  size_t size = 0;
  for (size_t i = 0; i < image->region_count; i++)
    if (image->regions[i].writable) size += image->regions[i].size;
  return size;
}

static uint8_t *byte_at(const struct image *image, size_t number) {
  for (size_t i = 0; i < image->region_count; i++) {
    const struct region *region = &image->regions[i];
    if (!region->writable) continue;
    if (number < region->size) return region->data + number;
    number -= region->size;
  }
  return NULL;
}

void pokes_choose(struct pokes *pokes, struct job *job, uint32_t images, struct rk_random *random) {
  pokes->count = 0;
  for (size_t i = 0; i < MOST_POKES; i++) {
    uint32_t image = (uint32_t)rk_random_below(random, images);
    size_t size = writable_bytes(&job->images[image]);
    if (size == 0) continue;
    uint8_t *at = byte_at(&job->images[image], rk_random_below(random, size));
    bool twice = false;
    for (size_t k = 0; k < pokes->count; k++) twice |= pokes->all[k].at == at;
    if (twice) continue;
    pokes->all[pokes->count++] = (struct poke){at, *at, other_than(*at, random), image};
  }
  for (size_t i = 0; i < pokes->count; i++) *pokes->all[i].at = pokes->all[i].wrong;
}

void pokes_keep_written(struct pokes *pokes) {
  size_t kept = 0;
  for (size_t i = 0; i < pokes->count; i++) {
    struct poke *poke = &pokes->all[i];
    if (*poke->at == poke->right) pokes->all[kept++] = *poke;
    else *poke->at = poke->right;
  }
  pokes->count = kept;
}

void pokes_apply(const struct pokes *pokes, uint32_t images, struct rk_random *random) {
  for (size_t i = 0; i < 4; i++) {
    const struct poke *poke = &pokes->all[rk_random_below(random, pokes->count)];
    if (poke->image < images) *poke->at = poke->wrong;
  }
}
