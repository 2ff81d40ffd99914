int ratchet_JudgeKernels_placeholder(void) { return 0; }
