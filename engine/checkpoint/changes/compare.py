"""What training changed: every matrix of a tuned model against its base."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_count
from engine.checkpoint.angles import intruder_dimensions, principal_angles
from engine.checkpoint.changes.matching import Alone, Model, Pair, match, opened
from engine.checkpoint.fused import upright
from engine.checkpoint.listing import Checkpoint
from engine.errors import ArgumentError, RankscopeError
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, joined, say
from engine.spectrum import singular_values, svd_factors, truncated_svd
from engine.spectrum.linalg.checks import finite_matrix

FloatArray = npt.NDArray[np.float64]
_LEADING = 10


@dataclass(frozen=True, eq=False)
class Change:
    """What became of one matrix; ``D = W_tuned - W_base`` in float64.

    Attributes
    ----------
    name : str
        Of the matrix in the base.
    layer : int or None
    role : str
    relative_change : float
        ``||D||_F / ||W_base||_F``; inf where the base is 0 and the change is not, NaN where it
        could not be computed.
    delta_stable_rank : float
        ``||D||_F^2 / ||D||_2^2``; 0 where nothing changed.
    delta_values : ndarray of shape (min(m, n),), float64
        Singular values of D, descending; all 0 where nothing changed.
    angles_left, angles_right : ndarray of shape (rank,), float64
        Principal angles between the leading left (right) singular vectors, in radians, descending;
        left is the side of the outputs.
    intruders : int
        How many of the ten leading left singular vectors of the tuned matrix resemble none of the
        base (`intruder_dimensions`).
    note : str
        What was done to make the two comparable, that nothing changed, or what went wrong.
    """

    name: str
    layer: int | None
    role: str
    relative_change: float = np.nan
    delta_stable_rank: float = np.nan
    delta_values: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    angles_left: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    angles_right: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)
    intruders: int = 0
    note: str = ""


def compare(
    base: Model, tuned: Model, rank: int = 8, include: str = "", progress: Progress | None = None
) -> tuple[tuple[Change, ...], tuple[Alone, ...]]:
    """Compare every matrix of two versions of a model.

    Parameters
    ----------
    base, tuned : Checkpoint, str or path-like
        As for `match`.
    rank : int
        Of how many leading singular vectors the spaces are compared; at most min(m, n).
    include : str
        A regular expression: only matrices in whose name it is found. "" takes all.
    progress : Progress, optional
        Told how far it is, in estimated work; asked whether to stop.

    Returns
    -------
    rows : tuple of Change
        In the order of the base. One that cannot be computed says why; the others go on.
    alone : tuple of (str, str)
        Name and reason of what has no counterpart.

    Raises
    ------
    ArgumentError
        When ``rank`` is no count, or ``include`` no regular expression.
    FileError
        When a model cannot be opened.
    Cancelled
        When ``progress`` asks to stop.

    References
    ----------
    Hu et al., "LoRA", ICLR 2022, section 7: overlap of subspaces. Shuttleworth et al., arXiv
    2410.21228 (2024): intruders.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, size in (("base", 1.0), ("tuned", 1.5)):
    ...         np.savez(pathlib.Path(folder, name + ".npz"), **{"h.0.q_proj.weight": [[size]]})
    ...     rows, _ = compare(f"{folder}/base.npz", f"{folder}/tuned.npz")
    >>> rows[0].relative_change, rows[0].delta_values
    (0.5, array([0.5]))
    """
    count = check_count("rank", rank)
    wanted = pattern("include", include)
    models = opened(base), opened(tuned)
    pairs, alone = match(*models)
    chosen = [pair for pair in pairs if wanted.search(pair.name)]
    # A decomposition takes m n min(m, n).
    work = np.cumsum([0.0, *(float(np.prod(p.base.shape)) * min(p.base.shape) for p in chosen)])
    rows = []
    for number, pair in enumerate(chosen):
        done = float(work[number] / max(float(work[-1]), 1.0))
        checkpoint(progress, done, "Comparing {name}", name=pair.name)
        try:
            rows.append(_change(pair, models, count, progress))
        except RankscopeError as error:
            rows.append(_row(pair, note=joined(error.sentence, pair.note)))
    return tuple(rows), tuple(one for one in alone if wanted.search(one[0]))


def pattern(name: str, text: str) -> re.Pattern[str]:
    """Return the regular expression of an argument.

    Raises
    ------
    ArgumentError
        When it is none.

    Examples
    --------
    >>> pattern("include", "q_proj$").search("h.0.q_proj") is None
    False
    """
    try:
        return re.compile(text)
    except (re.error, TypeError, RecursionError) as error:
        reason = say("a regular expression ({reason})", reason=as_sentence(str(error)))
        raise ArgumentError(name, text, reason) from error


def difference(
    pair: Pair, models: tuple[Checkpoint, Checkpoint], progress: Progress | None = None
) -> tuple[Any, Any, bool]:
    """Return ``W_base`` and ``W_tuned`` in float64, and whether any number differs.

    Raises
    ------
    FileError
        When one cannot be read.
    DataError
        For NaN or infinite entries.
    """
    first = finite_matrix("base", models[0].read(pair.base, progress))
    second = finite_matrix("tuned", models[1].read(pair.tuned, progress))
    return first, second, not np.array_equal(first, second)


def _change(
    pair: Pair, models: tuple[Checkpoint, Checkpoint], rank: int, progress: Progress | None
) -> Change:
    # Left is the side of the outputs, however a library keeps it.
    pair = replace(pair, base=upright(pair.base), tuned=upright(pair.tuned))
    first, second, is_changed = difference(pair, models, progress)
    count = min(rank, *first.shape)
    if not is_changed:
        return _row(
            pair,
            relative_change=0.0,
            delta_stable_rank=0.0,
            delta_values=np.zeros(min(first.shape)),
            angles_left=np.zeros(count),
            angles_right=np.zeros(count),
            note=joined(say("Unchanged."), pair.note),
        )
    delta = singular_values(second - first, progress=progress)
    known = svd_factors(first, progress)
    leading = truncated_svd(second, min(max(count, _LEADING), *second.shape), progress=progress)
    size = float(np.linalg.norm(known.s))
    return _row(
        pair,
        relative_change=delta.frobenius / size if size > 0.0 else np.inf,
        delta_stable_rank=(delta.frobenius / float(delta.values[0])) ** 2,
        delta_values=delta.values,
        angles_left=_angles(known.u[:, :count], leading.u[:, :count]),
        angles_right=_angles(known.vh[:count].conj().T, leading.vh[:count].conj().T),
        intruders=len(intruder_dimensions(known, leading, _LEADING)),
        note=pair.note,
    )


def _angles(before: Any, after: Any) -> FloatArray:
    return principal_angles(before, after) if before.shape[1] else np.zeros(0)


def _row(pair: Pair, **known: Any) -> Change:
    role = pair.base.role
    return Change(pair.name, role.layer, role.role, **known)
