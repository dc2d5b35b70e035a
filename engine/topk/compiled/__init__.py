"""Compiled loops of the soft Top-k operators, and which of them are ready."""
