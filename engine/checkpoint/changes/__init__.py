"""Two versions of a model: which matrix is which, what changed, and the change as a LoRA."""
