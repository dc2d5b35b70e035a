"""Rules as tools that resize LoRA adapters state them, with or without their extra rank.

kohya-ss/sd-scripts (networks/resize_lora.py, 2026) finds the smallest rank that meets its target,
limits it to K - 1, and then keeps one more. The rules here give the smallest rank by default and
the tool's own number with ``convention="sd-scripts"``.
"""

from __future__ import annotations

import math

import numpy as np

from engine.sentences import joined, say
from engine.spectrum.curves import scaled_squares
from engine.spectrum.linalg.norms import ldexp
from engine.spectrum.rank_rules.choices import kept_above, share_choice, smallest_kept
from engine.spectrum.rank_rules.rule import Parameter, RankChoice, RankRule
from engine.spectrum.spectrum import Spectrum

_ZERO_LEVEL = 1e-6
_SOURCE = "kohya-ss/sd-scripts, networks/resize_lora.py"


def tool_rank(s: Spectrum, rank: int) -> int:
    """Rank that sd-scripts keeps where the smallest sufficient rank is ``rank``.

    Parameters
    ----------
    s : Spectrum
        K known values; at ``sigma_1 <= 1e-6`` the tool takes the matrix for zero and keeps 1.
    rank : int
        Smallest rank that meets the target.

    Returns
    -------
    int
        ``min(max(rank, 1), K - 1) + 1``, at most K.

    References
    ----------
    kohya-ss/sd-scripts, networks/resize_lora.py, ``rank_resize``.

    Examples
    --------
    >>> import numpy as np
    >>> s = Spectrum(np.ones(4), (4, 4), "float64", "svd", 0.0, True, 2.0)
    >>> tool_rank(s, 2), tool_rank(s, 4)
    (3, 4)
    """
    known = s.values.size
    if known == 0:
        return 0
    if s.values[0] <= _ZERO_LEVEL:
        return 1
    return min(min(max(rank, 1), max(known - 1, 1)) + 1, known)


def _with_convention(s: Spectrum, choice: RankChoice, convention: str) -> RankChoice:
    tool = tool_rank(s, choice.rank)
    if convention == "smallest":
        note = say("sd-scripts would keep {tool}.", tool=tool)
        rank = choice.rank
    else:
        note = say("sd-scripts keeps {tool}: one more than that, at least 1.", tool=tool)
        rank = tool
    cut = choice.cut if rank == choice.rank else smallest_kept(s, rank)
    return RankChoice(rank, joined(choice.reason, note), cut, choice.achieved, choice.certain)


def _sv_ratio(s: Spectrum, ratio: float, convention: str) -> RankChoice:
    head = float(s.values[0]) if s.values.size else 0.0
    return _with_convention(
        s, kept_above(s, head / ratio, say("σ₁ / {ratio:.6g}", ratio=ratio), 1 / ratio), convention
    )


def _sv_cumulative(s: Spectrum, target: float, convention: str) -> RankChoice:
    exponent = int(np.frexp(s.values[0])[1]) if s.values.size else 0
    rest = 0.0
    if not s.complete:
        # The values that are not known sum to at most sqrt(N) times their Frobenius norm.
        rest = math.sqrt(max(s.rank_limit - s.values.size, 0)) * s.residual
    choice = share_choice(
        s, ldexp(s.values, -exponent), float(ldexp(rest, -exponent)), target, "the sum Σσ"
    )
    return _with_convention(s, choice, convention)


def _sv_fro(s: Spectrum, target: float, convention: str) -> RankChoice:
    squares, rest, _ = scaled_squares(s)
    what = say("the energy ‖M‖_F² (share {target:.6g} of ‖M‖_F, squared)", target=target)
    return _with_convention(s, share_choice(s, squares, rest, target**2, what), convention)


_CONVENTION = Parameter(
    "convention",
    "Convention",
    "smallest",
    0,
    0,
    "smallest: the smallest rank that meets the target; sd-scripts: that tool's own count.",
    choices=("smallest", "sd-scripts"),
)

SV_RATIO = RankRule(
    "sv_ratio",
    "LoRA sv_ratio",
    "#{σᵢ > σ₁ / q}",
    _SOURCE,
    (
        Parameter("ratio", "Ratio q", 10.0, 1.0, math.inf, "Largest σ₁ / σ_r that is kept."),
        _CONVENTION,
    ),
    _sv_ratio,
)
SV_CUMULATIVE = RankRule(
    "sv_cumulative",
    "LoRA sv_cumulative",
    "smallest r with Σ_{i≤r} σᵢ ≥ t Σσ",
    _SOURCE,
    (
        Parameter("target", "Share t", 0.9, 0.0, 1.0, "Share of the sum of singular values."),
        _CONVENTION,
    ),
    _sv_cumulative,
    may_exceed=True,
)
SV_FRO = RankRule(
    "sv_fro",
    "LoRA sv_fro",
    "smallest r with √Σ_{i≤r} σᵢ² ≥ t ‖M‖_F",
    _SOURCE,
    (
        Parameter("target", "Share t", 0.9, 0.0, 1.0, "Share of the Frobenius norm (no square)."),
        _CONVENTION,
    ),
    _sv_fro,
    may_exceed=True,
)
