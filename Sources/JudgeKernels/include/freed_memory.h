#ifndef RATCHET_FREED_MEMORY_H
#define RATCHET_FREED_MEMORY_H

/// From now on freed memory stays with the process, up to half a GiB: images of calls come and go by the
/// thousand, and every page that is given back is fetched and cleared anew.
void rk_keep_freed_memory(void);

#endif
