"""Tensors that hold several projections: which rows belong to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.checkpoint.attention import HeadsUnknown, attention_layers, head_blocks
from engine.checkpoint.listing import Matrix
from engine.errors import ArgumentError

_EVERY_OTHER_ROW = ("gpt_oss",)
_UP_FIRST = "net.0.proj"  # diffusers' GEGLU
_HEAD_BY_HEAD = "query_key_value"


def split_fused(matrix: Matrix, config: Mapping[str, Any] | None = None) -> tuple[Matrix, ...]:
    """Return the projections that a tensor holds, each read as out x in.

    Parameters
    ----------
    matrix : Matrix
        One of `Checkpoint.matrices`.
    config : mapping, optional
        The model's config.json: it says how many heads there are, and whose layout it is.

    Returns
    -------
    tuple of Matrix
        (q, k, v) or (gate, up), with these roles and ``[q]`` after their names; the matrix alone
        where it is not fused, or nobody can say how.

    References
    ----------
    Where the parts lie, as Transformers splits them: one after the other in GPT-2 and Phi-3, head
    by head in GPT-NeoX and Bloom, by groups of a key in Falcon (``_split_heads``).

    Examples
    --------
    >>> from engine.checkpoint import role_of
    >>> name = "layers.0.mlp.gate_up_proj.weight"
    >>> fused = Matrix(name, "m", name, None, (8, 3), "float32", role_of(name, (8, 3)))
    >>> [(one.role.role, one.shape, one.transform) for one in split_fused(fused)]
    [('gate', (4, 3), (('rows', (0, 4)),)), ('up', (4, 3), (('rows', (4, 8)),))]
    """
    said = dict(config or {})
    if matrix.role.adapter or matrix.transform:
        return (matrix,)
    if matrix.role.role == "qkv":
        return _qkv(matrix, said) or (matrix,)
    if matrix.role.role == "gate_up":
        return _gate_up(matrix, said) or (matrix,)
    return (matrix,)


def upright(matrix: Matrix) -> Matrix:
    """Return a matrix that is read as out x in.

    Examples
    --------
    >>> from engine.checkpoint import role_of
    >>> name = "h.0.mlp.c_fc.weight"
    >>> upright(Matrix(name, "m", name, None, (4, 16), "float32", role_of(name, (4, 16)))).shape
    (16, 4)
    """
    if matrix.role.orientation == "out_in":
        return matrix
    return _as(matrix, matrix.role.role, matrix.name, ("transpose",))


def _qkv(matrix: Matrix, config: dict[str, Any]) -> tuple[Matrix, ...]:
    # The name that layouts are told by is the tensor's, without the place in a stack.
    layers = attention_layers({matrix.entry: matrix.shape}, config)
    standing = upright(matrix)
    rows = standing.shape[0]
    parts: tuple[tuple[int, ...], ...]
    try:
        cut = head_blocks(layers[0], config)
    except (IndexError, ArgumentError, HeadsUnknown):
        by_head = _HEAD_BY_HEAD in matrix.entry
        if by_head or rows != 3 * standing.shape[1]:
            return ()
        size, parts = rows // 3, ((0,), (1,), (2,))
    else:
        size = cut.size
        keys = dict.fromkeys(cut.k)
        others = [one for one in range(rows // size) if one not in {*cut.q, *keys}]
        parts = cut.q, tuple(keys), tuple(others)
    return tuple(
        _part(standing, role, _joined(blocks, size))
        for role, blocks in zip("qkv", parts, strict=True)
    )


def _gate_up(matrix: Matrix, config: dict[str, Any]) -> tuple[Matrix, ...]:
    inner = config.get("text_config")
    said = {**config, **inner} if isinstance(inner, dict) else config
    if str(said.get("model_type", "")) in _EVERY_OTHER_ROW:
        return ()
    standing = matrix
    # Experts in one stack are kept either way: the side of the inputs tells which.
    if matrix.index is not None and matrix.shape[0] == said.get("hidden_size"):
        if matrix.shape[1] == matrix.shape[0]:
            return ()
        standing = _as(matrix, "gate_up", matrix.name, ("transpose",))
    half, odd = divmod(standing.shape[0], 2)
    if odd or not half:
        return ()
    parts = {"gate": (0, half), "up": (half, 2 * half)}
    if _UP_FIRST in matrix.entry:
        parts = {"gate": parts["up"], "up": parts["gate"]}
    return tuple(_part(standing, role, (rows,)) for role, rows in parts.items())


def _part(standing: Matrix, role: str, rows: tuple[tuple[int, int], ...]) -> Matrix:
    return _as(standing, role, f"{standing.name}[{role}]", ("rows", *rows))


def _as(matrix: Matrix, role: str, name: str, step: tuple[Any, ...]) -> Matrix:
    found = matrix.transformed(step)
    return replace(found, name=name, role=replace(matrix.role, role=role, orientation="out_in"))


def _joined(blocks: Iterable[int], size: int) -> tuple[tuple[int, int], ...]:
    """Return blocks of rows as few runs as they make."""
    runs: list[tuple[int, int]] = []
    for one in blocks:
        start, stop = one * size, (one + 1) * size
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return tuple(runs)
