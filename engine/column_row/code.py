"""A selection with its weights as code that needs one library and this package not."""

from __future__ import annotations

import numpy as np

from engine.column_row.selection import Selection
from engine.flavours import IMPORTS, check_flavour

__all__ = ["selection_snippet"]

_FRAME = """\
{imports}

# {title}: {count} of {pairs} column-row pairs, with {what}.
indices = {indices}
weights = {weights}


def approximate(x, y):
    \"\"\"Return X Y from these columns of x (..., n, l) and rows of y (..., l, m).\"\"\"
    w = {array}
    return {product} @ y[..., indices, :]


{sample}
print(approximate(x, y) - x @ y)
"""
_ARRAYS = {
    "numpy": "np.asarray(weights, x.dtype)",
    "torch": "torch.tensor(weights, dtype=x.dtype, device=x.device)",
    "jax": "jnp.asarray(weights, x.dtype)",
}
_SAMPLES = {
    "numpy": """\
random = np.random.default_rng(0)
x, y = random.standard_normal((4, {pairs})), random.standard_normal(({pairs}, 3))""",
    "torch": """\
random = torch.Generator().manual_seed(0)
x, y = torch.randn(4, {pairs}, generator=random), torch.randn({pairs}, 3, generator=random)""",
    "jax": """\
x = jnp.sin(jnp.arange(4.0 * {pairs}) ** 2).reshape(4, {pairs})
y = jnp.cos(jnp.arange(3.0 * {pairs}) ** 2).reshape({pairs}, 3)""",
}


def selection_snippet(selection: Selection, pairs: int, flavour: str = "numpy") -> str:
    """Return code that approximates products by the pairs and weights of a selection.

    Parameters
    ----------
    selection : Selection
        Pairs chosen from ``pairs``, with a diagonal of weights or a full L.
    flavour : "numpy", "torch" or "jax"
        The one library that it imports.

    Returns
    -------
    str
        ``approximate(x, y)`` of x (..., n, l) and y (..., l, m) keeps dtype and device; gradients
        pass through it. The last lines run it on made-up numbers.

    Raises
    ------
    ArgumentError
        When there is no such library.

    Examples
    --------
    >>> one = Selection(np.array([1, 0]), np.array([2.0, 1.0]), "greedy", 2)
    >>> places = {}
    >>> exec(selection_snippet(one, 3).partition("random =")[0], places)
    >>> places["approximate"](np.eye(3), np.eye(3)).diagonal().tolist()
    [1.0, 2.0, 0.0]
    """
    check_flavour(flavour)
    full = selection.weights.ndim == 2
    return _FRAME.format(
        imports=IMPORTS[flavour],
        title=selection.strategy,
        count=np.unique(selection.indices).size,
        pairs=pairs,
        what="a full L between C and R" if full else "a weight for each",
        indices=selection.indices.tolist(),
        weights=selection.weights.tolist(),
        array=_ARRAYS[flavour],
        product="(x[..., indices] @ w)" if full else "(x[..., indices] * w)",
        sample=_SAMPLES[flavour].format(pairs=pairs),
    )
