"""What the Top-k page computes; no Qt, and the engine only where something runs."""
