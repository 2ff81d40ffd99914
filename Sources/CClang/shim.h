#ifndef RATCHET_CCLANG_SHIM_H
#define RATCHET_CCLANG_SHIM_H

/* The one place that knows how libclang's C API differs between versions.
 *
 * 14 (Debian 12)  CINDEX_VERSION_MINOR 62: no operator kinds, no BFloat16 arithmetic type name.
 * 17 and later    clang_getCursorBinaryOperatorKind exists; Ratchet reads operators from tokens in
 *                 every version, so that all versions take one path.
 * 16 and later    elaborated types wrap plain typedef names as well; `ClangType.desugaredOnce`
 *                 hides it.
 * 19 and later    CXCursor_TranslationUnit moved from 300 to 350; only names are used, never numbers.
 */
#include <clang-c/Index.h>

/* The minor version of the C API that the bindings were compiled against. */
static inline int ratchet_clang_api_minor(void) { return CINDEX_VERSION_MINOR; }

#endif
