"""A rank rule with the truncated factors, as code that needs one library and this package not.

A rule is a whole number of singular values: it is said once, in Python's own numbers, and every
library has it so. ``s`` are the singular values as floats, descending, of an m x n matrix; ``tiny``
is what the rounding of a matrix of its type may put into one, ``near`` what sums may miss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.errors import ArgumentError
from engine.flavours import IMPORTS, check_flavour
from engine.spectrum.rank_rules.registry import RANK_RULES

__all__ = ["CODED_RULES", "rank_snippet"]

_SQUARES = "[(x / s[0]) ** 2 for x in s]"
_TAILS = """\
tails = [0.0]  # tails[r]: what rank r leaves
for x in reversed({terms}):
    tails.append(tails[-1] + x)
tails.reverse()
"""
_SHARE = """\
if {target} >= 1.0:
    rank = sum(x > 0.0 for x in s)
else:
    most = (1.0 - {target} + near) * tails[0]
    rank = next(r for r, tail in enumerate(tails) if tail <= most)
"""
_CONVENTION = """\
if convention == "sd-scripts":
    return 1 if s[0] <= 1e-6 else min(min(max(rank, 1), max(len(s) - 1, 1)) + 1, len(s))
return rank
"""
_SILENT = """\
p, beta = len(s), min(m, n) / max(m, n)
if p == 1:
    return 0  # one value is its own median
if 2 * sum(x > tiny for x in s) <= p:
    return sum(x > tiny for x in s)  # no noise to measure
median = 0.5 * (s[(p - 1) // 2] + s[p // 2])
"""
_HALF = """\
def law_median(beta, steps=20000):
    \"\"\"Median of the Marchenko-Pastur law, by the midpoint rule.\"\"\"
    below, step = 0.0, math.pi / steps
    for place in range(steps):
        t = math.pi - (place + 0.5) * step
        x = 1.0 + beta + 2.0 * math.sqrt(beta) * math.cos(t)
        part = 2.0 / math.pi * math.sin(t) ** 2 / x * step
        if below + part >= 0.5:
            t = math.pi - (place + (0.5 - below) / part) * step
            return 1.0 + beta + 2.0 * math.sqrt(beta) * math.cos(t)
        below += part


"""
_HARD = """\
root = math.sqrt(beta * beta + 14.0 * beta + 1.0)
best = math.sqrt(2.0 * (beta + 1.0) + 8.0 * beta / (beta + 1.0 + root))
"""
_ABOVE = "return sum(x > max(cut, tiny) for x in s)\n"


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())


# The body of ``rank_of(s, m, n, tiny, near, ...)``, where s[0] > 0.
_BODIES: Mapping[str, str] = {
    "energy": _TAILS.format(terms=_SQUARES) + _SHARE.format(target="target") + "return rank\n",
    "relative": "return sum(x > fraction * s[0] for x in s)\n",
    "absolute": "return sum(x > level for x in s)\n",
    "frobenius": _TAILS.format(terms=_SQUARES)
    + """\
whole = s[0] * math.sqrt(tails[0])
most = budget * whole if relative else budget
errors = [s[0] * math.sqrt(tail) for tail in tails]
return next(r for r, error in enumerate(errors) if error <= most * (1.0 + near))
""",
    "spectral": """\
most = budget * s[0] if relative else budget
return next(r for r, error in enumerate([*s, 0.0]) if error <= most * (1.0 + near))
""",
    "stored_size": """\
most = math.floor(share * (m * n) / (m + n) * (1.0 + near))
return min(most, sum(x > 0.0 for x in s))
""",
    "gavish_donoho": _SILENT
    + _HARD
    + """\
cut = best / math.sqrt(law_median(beta)) * median
return sum(x > cut for x in s)
""",
    "gavish_donoho_known": "beta = min(m, n) / max(m, n)\n"
    + _HARD
    + "cut = best * math.sqrt(max(m, n)) * noise\n"
    + _ABOVE,
    "mp_edge": "level = noise\nif noise is None:\n"
    + _indented(_SILENT + "level = median / math.sqrt(max(m, n) * law_median(beta))")
    + "cut = level * (math.sqrt(m) + math.sqrt(n))\n"
    + _ABOVE,
    "elbow": """\
logs = [math.log(max(x, tiny)) for x in s]
gaps = [logs[i] - logs[i + 1] for i in range(len(s) - 1)]
if max(gaps, default=0.0) <= 0.0:
    return len(s)
return next(i for i, gap in enumerate(gaps) if gap >= max(gaps) * (1.0 - 1e-12)) + 1
""",
    "kaiser": """\
mean = s[0] * math.sqrt(math.fsum((x / s[0]) ** 2 for x in s) / len(s))
return sum(x > mean * (1.0 + near) + tiny for x in s)
""",
    "broken_stick": """\
p, whole = len(s), s[0] * math.sqrt(math.fsum((x / s[0]) ** 2 for x in s))
pieces = [0.0]
for j in range(p, 0, -1):
    pieces.append(pieces[-1] + 1.0 / j)
limits = [whole * math.sqrt(pieces[p - r] / p) * (1.0 + near) for r in range(p)]
return next((r for r in range(p) if s[r] <= limits[r]), p)
""",
    "sv_ratio": "rank = sum(x > s[0] / ratio for x in s)\n" + _CONVENTION,
    "sv_cumulative": _TAILS.format(terms="s") + _SHARE.format(target="target") + _CONVENTION,
    "sv_fro": _TAILS.format(terms=_SQUARES) + _SHARE.format(target="target**2") + _CONVENTION,
}
CODED_RULES = tuple(_BODIES)

_FRAME = """\
import math

{imports}


{helpers}def rank_of(s, m, n, tiny, near{defaults}):
    \"\"\"{title}: {formula}

    Source: {source}
    \"\"\"
    if not s or s[0] == 0.0:
        return 0
{body}

def truncated(a, rank=None):
    \"\"\"Return (u, s, vh) of rank r: a is about (u * s) @ vh.

    Without ``rank`` the rule chooses.
    \"\"\"
    u, s, vh = {lib}.linalg.svd(a, full_matrices=False)
    m, n = a.shape
{choice}    return u[:, :rank], s[:rank], vh[:rank]


{sample}
u, s, vh = truncated(a)
print(s.shape[0], a - (u * s) @ vh)
"""
_AT_RANK = """\
{imports}


def truncated(a, rank={rank}):
    \"\"\"Return (u, s, vh) of rank r: a is about (u * s) @ vh.\"\"\"
    u, s, vh = {lib}.linalg.svd(a, full_matrices=False)
    return u[:, :rank], s[:rank], vh[:rank]


{sample}
u, s, vh = truncated(a)
print(s.shape[0], a - (u * s) @ vh)
"""
_CHOICE = """\
    if rank is None:
        values = [float(x) for x in s]
        eps = float({lib}.finfo(s.dtype).eps)
        tiny = max(m, n) * eps * (values[0] if values else 0.0)
        rank = rank_of(values, m, n, tiny, 4.0 * eps)
"""
_NAMES = {"numpy": "np", "torch": "torch", "jax": "jnp"}
_SAMPLES = {
    "numpy": "a = np.random.default_rng(0).standard_normal((6, 4))",
    "torch": "a = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))",
    "jax": "a = jnp.sin(jnp.arange(24.0) ** 2).reshape(6, 4)",
}


def rank_snippet(rank: int, key: str = "", flavour: str = "numpy", **parameters: Any) -> str:
    """Return code that truncates a matrix by a rank rule, or at a rank.

    Parameters
    ----------
    rank : int
        Kept where there is no rule, or one that is not among `CODED_RULES`: those draw at random
        or need special functions.
    key : str
        A rule of `RANK_RULES`, "" for none.
    flavour : "numpy", "torch" or "jax"
        The one library that it imports.
    **parameters
        Of the rule; defaults of the code.

    Returns
    -------
    str
        ``truncated(a)`` gives ``u`` (m, r), ``s`` (r,), ``vh`` (r, n) of the dtype of ``a``, where
        it lies; the last lines run it on made-up numbers.

    Raises
    ------
    ArgumentError
        When there is no such rule, parameter or library.

    Examples
    --------
    >>> code = rank_snippet(2, "relative", fraction=0.5)
    >>> places = {}
    >>> exec(code.partition("a = np")[0], places)
    >>> import numpy as np
    >>> places["truncated"](np.diag([4.0, 3.0, 1.0]))[1]
    array([4., 3.])
    """
    check_flavour(flavour)
    if key and key not in RANK_RULES:
        raise ArgumentError("key", key, ", ".join(RANK_RULES))
    lib = _NAMES[flavour]
    common = {"imports": IMPORTS[flavour], "lib": lib, "sample": _SAMPLES[flavour]}
    if key not in _BODIES:
        return _AT_RANK.format(**common, rank=int(rank))
    rule = RANK_RULES[key]
    filled = rule.filled((), parameters)
    defaults = "".join(f", {name}={_number(value)}" for name, value in filled.items())
    body = _BODIES[key]
    return _FRAME.format(
        **common,
        helpers=_HALF if "law_median" in body else "",
        defaults=defaults,
        title=rule.title,
        formula=rule.formula,
        source=rule.source,
        body=_indented(body),
        choice=_CHOICE.format(lib=lib),
    )


def _number(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
