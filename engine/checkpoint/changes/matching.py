"""Which matrix of a tuned model is which of its base."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from engine.checkpoint.fused import split_fused, upright
from engine.checkpoint.listing import Checkpoint, Matrix, open_checkpoint
from engine.sentences import joined, say

_WRAPPERS = re.compile(r"^(?:(?:module|_orig_mod|base_model\.model|model|transformer|bert)\.)+")
_VOCABULARY = ("embed", "unembed")
_NAMELESS = ("other", "conv", "buffer", "vector")
Model = Checkpoint | str | os.PathLike[str]
Alone = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two matrices that are the same place of a model, of equal shape as they are read.

    Attributes
    ----------
    name : str
        Of the base.
    base, tuned : Matrix
    note : str
        What was done to make them comparable, in a sentence; "" where nothing had to be.
    """

    name: str
    base: Matrix
    tuned: Matrix
    note: str = ""


def opened(model: Model) -> Checkpoint:
    """Return a checkpoint, opened where it is a path.

    Raises
    ------
    FileError
        When it cannot be opened.
    """
    return model if isinstance(model, Checkpoint) else open_checkpoint(model)


def bare_name(name: str) -> str:
    """Return a name without what training and libraries put before it.

    Examples
    --------
    >>> bare_name("module._orig_mod.model.layers.0.mlp.up_proj.weight")
    'layers.0.mlp.up_proj.weight'
    """
    return _WRAPPERS.sub("", name)


def match(base: Model, tuned: Model) -> tuple[tuple[Pair, ...], tuple[Alone, ...]]:
    """Pair the matrices of two versions of a model.

    By name first, wrappers such as ``module.`` taken off; then by (stack, layer, role, expert,
    cross-attention), tensors that hold several projections taken apart. Vocabularies of different
    length are compared in the rows that both have; a model whose output is tied to its embedding
    lends it for the one that the other keeps apart.

    Parameters
    ----------
    base, tuned : Checkpoint, str or path-like

    Returns
    -------
    pairs : tuple of Pair
        In the order of the base.
    alone : tuple of (str, str)
        Name and reason of everything else, on either side.

    Raises
    ------
    FileError
        When one cannot be opened.

    Examples
    --------
    >>> import pathlib, tempfile, numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("h.0.q_proj.weight", "module.h.0.q_proj.weight"):
    ...         np.savez(pathlib.Path(folder, name[:1] + ".npz"), **{name: np.eye(3)})
    ...     pairs, alone = match(f"{folder}/h.npz", f"{folder}/m.npz")
    >>> [(pair.name, pair.tuned.name) for pair in pairs], alone
    ([('h.0.q_proj.weight', 'module.h.0.q_proj.weight')], ())
    """
    first, second = opened(base), opened(tuned)
    left, right = _whole(first.matrices), _whole(second.matrices)
    alone: list[Alone] = [
        (one.name, say("a low-rank update, not a matrix of the model"))
        for side in (first, second)
        for one in side.matrices
        if _is_update(one)
    ]
    places = {one.name: number for number, one in enumerate(first.matrices)}
    pairs, left, right = _by(lambda one: bare_name(one.name), left, right, alone)
    left = [part for one in left for part in split_fused(one, first.config)]
    right = [part for one in right for part in split_fused(one, second.config)]
    more, left, right = _by(_place, left, right, alone)
    pairs += more
    pairs += _tied(left, right, pairs, (first, second))
    used = {one.name for pair in pairs for one in (pair.base, pair.tuned)}
    alone += _rest(left, used, say("only in the base"))
    alone += _rest(right, used, say("only in the tuned model"))
    pairs.sort(key=lambda pair: places.get(_whole_name(pair.base), len(places)))
    return tuple(pairs), tuple(alone)


def _whole_name(part: Matrix) -> str:
    """Return the name of the matrix that a projection was taken of."""
    return re.sub(r"\[[a-z]+\]$", "", part.name)


def is_adapter(model: Checkpoint) -> bool:
    """Return whether all matrices of a model are low-rank updates of another's."""
    return bool(model.matrices) and all(map(_is_update, model.matrices))


def _is_update(matrix: Matrix) -> bool:
    return bool(matrix.role.adapter) or matrix.name.endswith(" B@A")


def _whole(matrices: Iterable[Matrix]) -> list[Matrix]:
    return [one for one in matrices if not _is_update(one)]


def _place(one: Matrix) -> Any:
    role = one.role
    if role.role in _NAMELESS:
        return None
    return role.stack, role.layer, role.role, role.expert, role.cross


def _by(
    key: Callable[[Matrix], Any], left: list[Matrix], right: list[Matrix], alone: list[Alone]
) -> tuple[list[Pair], list[Matrix], list[Matrix]]:
    """Pair what has the same key, once on either side; return what is left of both."""
    counts = Counter(map(key, left)), Counter(map(key, right))
    others = {key(one): one for one in right}
    pairs: list[Pair] = []
    rest: list[Matrix] = []
    used: set[str] = set()
    for one in left:
        mark = key(one)
        if mark is None or counts[0][mark] != 1 or counts[1][mark] != 1:
            rest.append(one)
            continue
        other = others[mark]
        used.add(other.name)
        pair, reason = _pair(one, other)
        if pair is None:
            alone += [(one.name, reason), (other.name, reason)]
        else:
            pairs.append(pair)
    return pairs, rest, [one for one in right if one.name not in used]


def _pair(one: Matrix, other: Matrix) -> tuple[Pair | None, str]:
    """Return a pair of equal shapes, or why there is none."""
    name, notes = one.name, []
    if one.role.orientation != other.role.orientation:
        one, other = upright(one), upright(other)
        notes.append(say("Kept in different orientation: both are read as out x in."))
    if one.shape != other.shape:
        (rows, columns), (others, width) = one.shape, other.shape
        common = min(rows, others)
        if columns != width or one.role.role not in _VOCABULARY or not common:
            text = "its shape is {first} in the base and {second} in the tuned model"
            return None, say(text, first=one.shape, second=other.shape)
        one, other = (side.transformed(("rows", (0, common))) for side in (one, other))
        text = "Vocabularies of {first:,} and {second:,}: the first {common:,} rows are compared."
        notes.append(say(text, first=rows, second=others, common=common))
    return Pair(name, one, other, joined(*notes) if notes else ""), ""


def _tied(
    left: list[Matrix],
    right: list[Matrix],
    pairs: list[Pair],
    models: tuple[Checkpoint, Checkpoint],
) -> list[Pair]:
    """Pair an output matrix with the embedding of a model that has none of its own."""
    embeddings = [pair for pair in pairs if pair.base.role.role == "embed"]
    if len(embeddings) != 1:
        return []
    found = []
    shared = embeddings[0]
    for mine, lent, lender in ((left, shared.tuned, models[1]), (right, shared.base, models[0])):
        outputs = [one for one in mine if one.role.role == "unembed"]
        if len(outputs) != 1:
            continue
        # As it lies in its file: the pair may have been cut to common rows.
        whole = lender.matrix(lent.name)
        sides = (outputs[0], whole) if mine is left else (whole, outputs[0])
        pair, _ = _pair(*sides)
        if pair is not None:
            note = say("Tied: the embedding stands for the output that is not there.")
            found.append(replace(pair, name=outputs[0].name, note=joined(note, pair.note)))
    return found


def _rest(side: list[Matrix], used: set[str], reason: str) -> list[Alone]:
    places = Counter(map(_place, side))
    several = say("several matrices have its layer and role, and no other its name")
    return [
        (one.name, several if places[_place(one)] > 1 and _place(one) else reason)
        for one in side
        if one.name not in used
    ]
