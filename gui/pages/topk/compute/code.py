"""An operator as code that runs by itself."""

from __future__ import annotations


def python_code(key: str, k: float, tau: float, flavour: str) -> str:
    """Return a self-contained function for operator ``key`` ("numpy" or "torch").

    Raises
    ------
    ValueError
        When there is none for this operator.
    """
    from engine.topk import python_snippet

    return python_snippet(key, k, tau, flavour)
