int ratchet_AgentKernels_placeholder(void) { return 0; }
