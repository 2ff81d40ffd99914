int ratchet_AgentKernels_placeholder(void);
