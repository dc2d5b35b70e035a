"""What is remembered: the store, the open files, sessions; no Qt."""
