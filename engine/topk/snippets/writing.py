"""An operator's lines in their frame, in the words of one library."""

from __future__ import annotations

import math
import re
import textwrap

from engine.errors import ArgumentError
from engine.flavours import check_flavour
from engine.topk.code import Code
from engine.topk.operator import Operator
from engine.topk.registry import get_operator
from engine.topk.semantics import check_tau
from engine.topk.snippets.frames import (
    CORE,
    DOCUMENT,
    FRAMES,
    HELPERS,
    LAW,
    LEVEL,
    LEVEL_JAX,
    MADE_UP,
)

__all__ = ["python_snippet"]

_RANDN = (
    r"\1# The last 16 depend on how many are drawn.\n"
    r"\1\2 = torch.randn(\3 + 16, generator=coins, dtype=z.dtype, device=z.device)"
)
# What NumPy's words are in each library, in this order.
_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "numpy": (
        (r"np\.ndtr\((.+?)\)", r"0.5 * np.vectorize(math.erfc, otypes=[float])(-0.5**0.5 * \1)"),
        (r"\bnormal\((.+?)\)", r"np.random.default_rng(seed).standard_normal(\1)"),
        (r"\bgumbel\((.+?)\)", r"np.random.default_rng(seed).gumbel(size=\1)"),
        (r"(?m)^ *(\w+) = stop\(\1\)\n", ""),
        (r"\bstop\((\w+)\)", r"\1"),
    ),
    "torch": (
        (r"np\.ndtr\(", "torch.special.ndtr("),
        (r"(?m)^( *)(\w+) = normal\((.+?)\)", _RANDN),
        (r"\bgumbel\((.+?)\)", r"-z.new_empty(\1).exponential_(generator=coins).log()"),
        (r"\bstop\((\w+)\)", r"\1.detach()"),
        (r"(np\.arange\(.+?), dtype=(\w+)\.dtype", r"\1, dtype=\2.dtype, device=\2.device"),
        (r"np\.(max|min)\(", r"torch.a\1("),
        (r"np\.concatenate\(", "torch.cat("),
        (r"np\.take_along_axis\(", "torch.take_along_dim("),
        (r"np\.flip\((.+), axis=-1\)", r"torch.flip(\1, dims=(-1,))"),
        (r"\baxis=", "dim="),
        (r"\bkeepdims=", "keepdim="),
        (r"\bnp\.", "torch."),
    ),
    "jax": (
        (r"np\.ndtr\(", "jax.scipy.special.ndtr("),
        (r"\bnormal\((.+?)\)", r"jax.random.normal(jax.random.key(seed), (\1,), z.dtype)"),
        (r"\bgumbel\((.+?)\)", r"jax.random.gumbel(jax.random.key(seed), (\1,), z.dtype)"),
        (r"\bstop\((\w+)\)", r"jax.lax.stop_gradient(\1)"),
        (r"\bnp\.", "jnp."),
    ),
}  # fmt: skip
_COINS = "coins = torch.Generator(z.device).manual_seed(seed)"
_LIKE = {
    "numpy": "of the dtype of x, computed in float64",
    "torch": "of the dtype and on the device of x, computed in float64",
    "jax": "of the dtype of x, computed in the widest float that JAX is set to",
}


def python_snippet(key: str, k: float, tau: float = 1.0, flavour: str = "numpy") -> str:
    """Return Python source that computes one operator without this package.

    Parameters
    ----------
    key : str
        Key of the operator.
    k : float
        Default of the argument k in the snippet; an integer where the operator needs one.
    tau : float
        Default of the argument tau; an operator without tau has no such argument.
    flavour : {"numpy", "torch", "jax"}
        The only library, beside math, that the source imports.

    Returns
    -------
    str
        A function ``soft_top_k(x, k, tau)`` of scores (..., n), and three lines that run it.
        PyTorch and JAX differentiate it, with respect to x and tau, once; under ``jax.jit``
        k is static.

    Raises
    ------
    ArgumentError
        If the key, k, tau or the flavour is not allowed, or the operator of a plug-in has no code.

    Examples
    --------
    >>> import numpy as np
    >>> space = {"print": lambda *shown: None}
    >>> exec(python_snippet("sigmoid", 1, 0.5), space)
    >>> space["soft_top_k"]([[1.0, 0.0, -np.inf], [-np.inf] * 3]).round(4)
    array([[0.7311, 0.2689, 0.    ],
           [0.    , 0.    , 0.    ]])
    """
    operator = get_operator(key)
    check_flavour(flavour)
    if operator.code is None:
        raise ArgumentError("key", key, "an operator whose record has its lines as code")
    if isinstance(k, bool) or not 0 <= k < float("inf"):
        raise ArgumentError("k", k, "a number >= 0")
    if operator.needs_integer_k and k != int(k):
        raise ArgumentError("k", k, "an integer >= 0")
    defaults = {"k": repr(int(k)) if k == int(k) else repr(float(k))}
    if operator.has_tau:
        defaults["tau"] = repr(check_tau(tau))
    if operator.stochastic:
        defaults["seed"] = "0"
    names = ", ".join(defaults)
    source = FRAMES[flavour].format(
        core="\n\n".join(_functions(operator.code, names, flavour)),
        defaults=", ".join(f"{name}={value}" for name, value in defaults.items()),
        document=textwrap.indent(_document(operator, flavour), "    ").rstrip(),
        scaled="(z - cut) / tau" if operator.has_tau else "z - cut",
        passed=names,
    )
    return f"{source}\n\n{MADE_UP[flavour].format(n=max(16, math.ceil(k) + 8))}"


def _document(operator: Operator, flavour: str) -> str:
    said = [f"k : how many to keep{', an integer' if operator.needs_integer_k else ''}."]
    if operator.has_tau:
        said.append("tau : temperature, positive, in the unit of the scores.")
    if operator.stochastic:
        said.append("seed : of the random numbers, the same in every row.")

    def filled(text: str) -> str:
        return textwrap.fill(text, 88, subsequent_indent="    ")

    return DOCUMENT.format(
        title=operator.title,
        formula=filled(str(operator.formula)),
        source=filled(str(operator.source)),
        arguments="\n".join(said),
        like=_LIKE[flavour],
    )


def _functions(code: Code, arguments: str, flavour: str) -> list[str]:
    """Return the functions before the one that is called, in the words of a library."""
    helpers = [HELPERS[name] for name in code.helpers]
    lines = textwrap.indent(_lines(code, flavour).rstrip(), "    ")
    core = CORE.format(arguments=arguments, lines=lines)
    if not re.search(r"\bn\b", lines):
        core = core.replace("    n = z.shape[-1]\n", "")
    return [_said(text, flavour) for text in (*helpers, core)]


def _lines(code: Code, flavour: str) -> str:
    """Return the body of ``choose`` in NumPy's words."""
    parts = []
    with_slope = bool(code.slope) and flavour != "numpy"
    if with_slope:
        parts.append("d = z - stop(z)  # 0, with the derivative of z\nz = stop(z)\n")
    lines = code.value.rstrip() + "\n" + (code.slope if with_slope else "")
    if code.law:
        lines = f"t = z - {code.place}\n" + lines
    if flavour == "torch" and re.search(r"\b(normal|gumbel)\(", lines):
        parts.append(_COINS + "\n")
    if re.search(r"\btiny\b", lines):
        parts.append("tiny = 64.0 * np.finfo(z.dtype).eps  # what rounding may come to\n")
    if code.law:
        parts.append("\n" if parts else "")
        parts.append(LAW.format(law=textwrap.indent(code.law, "    ")))
        parts.append(LEVEL_JAX if flavour == "jax" else LEVEL)
    return "".join(parts) + lines


def _said(text: str, flavour: str) -> str:
    for word, said in _WORDS[flavour]:
        text = re.sub(word, said, text)
    return text
