"""Text tables: how numbers are written, how lines are laid out, and the way into one matrix."""
