"""Which part of an array is meant: rows, columns, positions of further axes, or a view of it."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from engine.errors import ArgumentError
from engine.files.reading.arrays import Array
from engine.sentences import say

Selection = tuple[int | slice, ...]

# Kernels as PyTorch keeps them, and as Keras does: the outputs come last there.
_UNFOLDED = {
    3: ("unfolded (out, in*k)", "unfolded (out, k*in)"),
    4: ("unfolded (out, in*kh*kw)", "unfolded (out, kh*kw*in)"),
    5: ("unfolded (out, in*kd*kh*kw)", "unfolded (out, kd*kh*kw*in)"),
}
_KERAS_KERNEL = re.compile(r"(?:^|[/._])(?:[a-z]+_)?kernel(?::\d+)?$")
_AXES = re.compile(r"axes \((\d+), (\d+)\)")
_BLOCKS = re.compile(r"blocks of ([1-9]\d*) (rows|columns)")
_PAIR = re.compile(r"(\d+)\s*,\s*(\d+)")
# A name that a layer gives its kernels, and how wide one is at most along an axis.
_KERNEL = re.compile(r"conv|(?:^|[/._])(?:weight|kernel|filters?)(?::\d+)?$", re.IGNORECASE)
_CONVOLUTION = re.compile(r"conv", re.IGNORECASE)
_WIDEST = 32


@dataclass(frozen=True)
class Plan:
    """What is taken of the stored array, and how it is laid out then."""

    selection: Selection
    arrange: Callable[[Array], Array] | None = None


def view_names(name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return the matrices that an array of three axes or more can be read as.

    Examples
    --------
    >>> view_names("conv.weight", (8, 3, 5))
    ('unfolded (out, in*k)', 'unfolded (out, k*in)', 'axes (0, 1)', 'axes (0, 2)', 'axes (1, 2)')
    """
    if len(shape) < 3:
        return ()
    unfolded = _UNFOLDED.get(len(shape), ())
    if _KERAS_KERNEL.search(name):
        unfolded = unfolded[::-1]
    pairs = combinations(range(len(shape)), 2)
    return (*unfolded, *(view_of_axes(i, j) for i, j in pairs))


def view_of_axes(i: int, j: int) -> str:
    """Return the view of the matrix along two axes.

    Examples
    --------
    >>> view_of_axes(0, 2)
    'axes (0, 2)'
    """
    return say("axes ({i}, {j})", i=i, j=j)


def suggested_view(name: str, shape: tuple[int, ...]) -> str:
    """Return how an array of three axes or more is best read, "" for its last two axes.

    A kernel of a network is unfolded, by its name and its narrow axes; three axes are mostly a
    stack of matrices and have to be called a convolution.

    Examples
    --------
    >>> suggested_view("layer1.weight", (64, 32, 3, 3)), suggested_view("frames", (64, 32, 3, 3))
    ('unfolded (out, in*kh*kw)', '')
    """
    if len(shape) not in _UNFOLDED or kernel_axes(shape) is not None:
        return ""
    keras = _KERAS_KERNEL.search(name) is not None
    named = _CONVOLUTION if len(shape) == 3 and not keras else _KERNEL
    wide = shape[:-2] if keras else shape[2:]
    fits = named.search(name) is not None and max(wide) <= _WIDEST
    return view_names(name, shape)[0] if fits else ""


def plain_view(shape: tuple[int, ...]) -> str:
    """Return the view that is what reading without one gives, "" of fewer than three axes.

    Examples
    --------
    >>> plain_view((5, 3, 4)), plain_view((64, 32, 1, 1))
    ('axes (1, 2)', 'axes (0, 1)')
    """
    if len(shape) < 3:
        return ""
    i, j = kernel_axes(shape) or (len(shape) - 2, len(shape) - 1)
    return view_of_axes(i, j)


def view_named(text: str, views: tuple[str, ...]) -> str:
    """Return the view that a person means: its name, "unfolded", or two axes as in "0,2".

    Blocks of rows or columns, which every matrix can be cut into, are not among ``views``.

    Raises
    ------
    ArgumentError
        When there is none; the message lists those there are.

    Examples
    --------
    >>> view_named("2,0", view_names("w", (8, 3, 5, 5))), view_named("unfolded", ("unfolded (a)",))
    ('axes (0, 2)', 'unfolded (a)')
    """
    pair = _PAIR.fullmatch(text.strip())
    if _BLOCKS.fullmatch(text.strip()):
        return text.strip()
    wanted = f"axes {tuple(sorted(map(int, pair.groups())))}" if pair else text.strip()
    for view in views:
        if view == wanted or (wanted == "unfolded" and view.startswith(wanted)):
            return view
    raise _unknown_view(text, views)


def _unknown_view(view: str, views: tuple[str, ...]) -> ArgumentError:
    allowed = say("one of {names}", names=list(views)) if views else "None for this entry"
    return ArgumentError("view", view, allowed)


def view_layout(
    shape: tuple[int, ...], view: str
) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return the shape of a view, and (axis, length) of every axis that stands at an index.

    Examples
    --------
    >>> view_layout((8, 3, 5, 7), "axes (0, 2)")
    ((8, 5), ((1, 3), (3, 7)))
    >>> view_layout((8, 3, 5, 7), "unfolded (out, in*kh*kw)")
    ((8, 105), ())
    """
    found = _AXES.fullmatch(view)
    if found:
        i, j = int(found[1]), int(found[2])
        others = ((axis, n) for axis, n in enumerate(shape) if axis not in (i, j))
        return (shape[i], shape[j]), tuple(others)
    out = _output_axis(shape, view)
    return (shape[out], math.prod(shape) // max(1, shape[out])), ()


def _block_of(shape: tuple[int, ...], view: str) -> tuple[int, int] | None:
    """Return axis and size of the blocks that a matrix is cut into evenly; None of other views."""
    found = _BLOCKS.fullmatch(view)
    if found is None or len(shape) != 2:
        return None
    axis, size = int(found[2] == "columns"), int(found[1])
    return (axis, size) if shape[axis] % size == 0 else None


def _output_axis(shape: tuple[int, ...], view: str) -> int:
    return 0 if view == _UNFOLDED[len(shape)][0] else len(shape) - 1


def kernel_axes(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the axes of the matrix that a kernel of one pixel is; None for other arrays.

    Examples
    --------
    >>> kernel_axes((64, 32, 1, 1)), kernel_axes((1, 1, 32, 64)), kernel_axes((64, 32, 3, 3))
    ((0, 1), (2, 3), None)
    """
    if len(shape) > 2 and set(shape[2:]) == {1}:
        return 0, 1
    if len(shape) > 3 and set(shape[:-2]) == {1}:
        return len(shape) - 2, len(shape) - 1
    return None


def plan_reading(
    shape: tuple[int, ...],
    rows: int | slice | None,
    cols: int | slice | None,
    index: tuple[int, ...] | None,
    view: str | None = None,
    views: tuple[str, ...] = (),
    axes: tuple[int, int] | None = None,
) -> Plan:
    """Return what to take of an array of ``shape``.

    Parameters
    ----------
    view : str, optional
        One of ``views``; rows and columns are those of the view then.
    axes : tuple of int, optional
        The axes of the matrix, where the array is one although it has more of them.

    Raises
    ------
    ArgumentError
        When one of the parts does not fit the shape.
    """
    if view is None:
        if axes is not None and index is None:
            return _of_axes(shape, axes, rows, cols, None)
        return Plan(_of_last_axes(shape, rows, cols, index))
    if block := _block_of(shape, view):
        return _of_block(shape, *block, (rows, cols), index)
    if view not in views:
        raise _unknown_view(view, views)
    found = _AXES.fullmatch(view)
    if found:
        return _of_axes(shape, (int(found[1]), int(found[2])), rows, cols, index)
    if index is not None:
        raise ArgumentError("index", index, "None for an unfolded view")
    return _unfolded(shape, _output_axis(shape, view), rows, cols)


def _of_axes(
    shape: tuple[int, ...],
    axes: tuple[int, int],
    rows: int | slice | None,
    cols: int | slice | None,
    index: tuple[int, ...] | None,
) -> Plan:
    """Rows and columns lie along ``axes``; the other axes stand at ``index``, 0 without one."""
    others = [axis for axis in range(len(shape)) if axis not in axes]
    fixed = index if index is not None else (0,) * len(others)
    if len(fixed) != len(others):
        allowed = say("{leading} positions for shape {shape}", leading=len(others), shape=shape)
        raise ArgumentError("index", index, allowed)
    parts: dict[int, tuple[str, int | slice | None]] = {
        axis: (f"index[{place}]", position)
        for place, (axis, position) in enumerate(zip(others, fixed, strict=True))
    }
    parts |= {axes[0]: ("rows", rows), axes[1]: ("cols", cols)}
    return Plan(tuple(_axis(*parts[axis], length) for axis, length in enumerate(shape)))


def _of_block(
    shape: tuple[int, ...],
    axis: int,
    size: int,
    parts: tuple[int | slice | None, int | slice | None],
    index: tuple[int, ...] | None,
) -> Plan:
    """Rows and columns are those of the block at ``index``, the first without one."""
    if index is not None and len(index) != 1:
        raise ArgumentError("index", index, say("{count} positions", count=1))
    place = _axis("index[0]", 0 if index is None else index[0], shape[axis] // size)
    assert isinstance(place, int)
    start = place % (shape[axis] // size) * size
    labels = ("rows", "cols")
    inside = _axis(labels[axis], parts[axis], size)
    other = _axis(labels[1 - axis], parts[1 - axis], shape[1 - axis])
    block = slice(start, start + size)

    def arrange(part: Array) -> Array:
        if axis == 0 or isinstance(other, int):
            return np.asarray(part[inside])
        return np.asarray(part[:, inside])

    return Plan((block, other) if axis == 0 else (other, block), arrange)


def _unfolded(
    shape: tuple[int, ...], out: int, rows: int | slice | None, cols: int | slice | None
) -> Plan:
    others = math.prod(shape) // max(1, shape[out])
    chosen = _axis("rows", rows, shape[out])
    along = _axis("cols", cols, others)
    selection: list[int | slice] = [slice(None)] * len(shape)
    # One row is taken as a slice of one, so that the axes stay where they are.
    whole = chosen % shape[out] if isinstance(chosen, int) else chosen
    selection[out] = slice(whole, whole + 1) if isinstance(whole, int) else whole

    def arrange(part: Array) -> Array:
        matrix = np.moveaxis(part, out, 0).reshape(part.shape[out], others)
        return np.asarray(matrix[0 if isinstance(chosen, int) else slice(None), along])

    return Plan(tuple(selection), arrange)


def _of_last_axes(
    shape: tuple[int, ...],
    rows: int | slice | None,
    cols: int | slice | None,
    index: tuple[int, ...] | None,
) -> Selection:
    leading = max(0, len(shape) - 2)
    if index is not None and len(index) != leading:
        allowed = (
            say("{leading} positions for shape {shape}", leading=leading, shape=shape)
            if leading
            else "None for this shape"
        )
        raise ArgumentError("index", index, allowed)
    chosen: list[int | slice | None] = list(index) if index is not None else [None] * leading
    labels = [f"index[{axis}]" for axis in range(leading)]
    if len(shape) == 1:
        if cols is not None:
            raise ArgumentError("cols", cols, "None: this entry is a vector, it has rows only")
        chosen.append(rows)
        labels.append("rows")
    else:
        chosen += [rows, cols]
        labels += ["rows", "cols"]
    return tuple(
        _axis(label, part, length)
        for label, part, length in zip(labels, chosen, shape, strict=False)
    )


def _axis(label: str, part: Any, length: int) -> int | slice:
    if part is None:
        return slice(None)
    if isinstance(part, slice):
        try:
            slice(*part.indices(length))
        except (TypeError, ValueError):
            raise ArgumentError(label, part, "a slice of whole numbers") from None
        return part
    try:
        position = operator.index(part)
    except TypeError:
        raise ArgumentError(label, part, "a whole number or a slice") from None
    if not -length <= position < length:
        raise ArgumentError(label, part, say("from {low} to {high}", low=-length, high=length - 1))
    return position
