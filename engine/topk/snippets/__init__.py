"""Self-contained source of an operator in NumPy, PyTorch or JAX, to be pasted elsewhere."""

from __future__ import annotations

from engine.topk.snippets.writing import python_snippet

__all__ = ["python_snippet"]
