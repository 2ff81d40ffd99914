/// Memory of which the address space is taken at once and the pages when they are touched, so that
/// what grows in it never moves.
#pragma once

#include <stddef.h>

/// Zeros; null when there is no address space.
void *rk_reserve(size_t bytes);
/// Lets the system back what is touched from here on by large pages, where it has them: for memory
/// of which much will be touched.
void rk_use_large_pages(void *start, size_t bytes);
void rk_unreserve(void *start, size_t bytes);
