"""The libraries that copied code is written for, and the lines that import them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import ArgumentError
from engine.sentences import one_of

IMPORTS: Mapping[str, str] = {
    "numpy": "import numpy as np",
    "torch": "import torch",
    "jax": "import jax.numpy as jnp",
}
FLAVOURS = tuple(IMPORTS)


def check_flavour(flavour: str) -> str:
    """Return the one library that copied code is to import.

    Raises
    ------
    ArgumentError
        If code is not written for it.

    Examples
    --------
    >>> check_flavour("jax")
    'jax'
    """
    if flavour not in FLAVOURS:
        raise ArgumentError("flavour", flavour, one_of(FLAVOURS))
    return flavour
