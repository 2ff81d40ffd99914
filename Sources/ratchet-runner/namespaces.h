/// A view of the machine in which there is nothing to reach.
#pragma once

#include "seal.h"

/// Enters new namespaces, as many as the machine allows and as are not left out, and makes all files
/// read-only where that concerns nobody else. Notes what was reached in `seal->layers`.
void namespaces_enter(struct seal *seal);
