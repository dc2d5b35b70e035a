"""Relaxed permutation matrices: sorting networks with soft swaps, and the sorting operators."""
