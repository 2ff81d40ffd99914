int ratchet_JudgeKernels_placeholder(void);
