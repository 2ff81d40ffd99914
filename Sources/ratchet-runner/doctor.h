/// What of the sandbox this machine allows.
#pragma once

/// Prints one JSON object to standard output; returns the exit status.
int doctor(void);
