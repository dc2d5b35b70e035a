"""An operator as code that runs by itself."""

from __future__ import annotations


def python_code(key: str, k: float, tau: float, flavour: str) -> str:
    """Return the operator as a function that runs by itself, in "numpy", "torch" or "jax".

    Raises
    ------
    ValueError
        When there is none at this k.
    """
    from engine.topk import python_snippet

    return python_snippet(key, k, tau, flavour)
