"""Tensors of checkpoints: where they lie, what their codes mean, which two make a product."""
