"""A checkpoint as its matrices: every one by its name and role, and what is left out and why."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from engine.checkpoint.attention import read_config
from engine.checkpoint.folders import weights_file
from engine.checkpoint.roles import Role, role_of
from engine.errors import ArgumentError, FileError
from engine.files import Entry, MatrixSource, open_matrix_file, view_layout
from engine.files.layouts.tensors.checkpoint import CheckpointSource
from engine.files.reading.entries import is_numeric, natural_order
from engine.files.reading.selection import view_of_axes
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, one_of, say

Convolution = Literal["unfold", "slices"]
CONVOLUTIONS: tuple[Convolution, ...] = ("unfold", "slices")
# ("transpose",), or ("rows", (start, stop), ...): these blocks of rows one below the other.
Step = tuple[Any, ...]

_PRODUCT = " B@A"
_KERNELS = ("conv", "patch")
_FEED_FORWARD = ("gate", "up", "gate_up", "down")  # of which a stack is one of experts
_MOST_OF_A_STACK = 4096


@dataclass(frozen=True)
class Matrix:
    """One matrix of a checkpoint, described without reading it; picklable.

    Attributes
    ----------
    name : str
        Unique within the checkpoint: the tensor's, with ``[3]`` for the fourth of a stack.
    path : str
        The file to open: the index where there are shards.
    entry : str
        The array in it, as `engine.files` names it.
    index : tuple of int or None
        Which matrix of an array of more axes.
    shape : tuple of int
        (m, n) as `Checkpoint.read` gives it.
    dtype : str
        Name of the type of the numbers as they are read, e.g. "bfloat16".
    role : Role
        What it is for; ``expert`` is the position in a stack of experts.
    view : str
        The view that the array is read as, "" for its last two axes.
    transform : tuple of tuple
        What is done to it then, in turn: ``("transpose",)``, or ``("rows", (start, stop), ...)``
        for these blocks of rows one below the other.
    files : tuple of str
        The files that its numbers lie in.
    note : str
        What a person should know of its reading.
    """

    name: str
    path: str
    entry: str
    index: tuple[int, ...] | None
    shape: tuple[int, int]
    dtype: str
    role: Role
    view: str = ""
    transform: tuple[Step, ...] = ()
    files: tuple[str, ...] = ()
    note: str = ""

    def transformed(self, *steps: Step) -> Matrix:
        """Return the matrix with more done to it, and the shape that it has then.

        Examples
        --------
        >>> q = Matrix("q", "m", "qkv", None, (6, 4), "float32", role_of("q"))
        >>> q.transformed(("rows", (0, 2)), ("transpose",)).shape
        (4, 2)
        """
        shape = self.shape
        for kind, *parts in steps:
            if kind == "transpose":
                shape = shape[1], shape[0]
            else:
                shape = sum(stop - start for start, stop in parts), shape[1]
        return replace(self, shape=shape, transform=(*self.transform, *steps))


@dataclass(frozen=True)
class Skipped:
    """A tensor that is no matrix here.

    Attributes
    ----------
    name : str
    shape : tuple of int
    reason : str
        A sentence.
    """

    name: str
    shape: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Checkpoint:
    """The matrices of a model; made by `open_checkpoint`.

    Attributes
    ----------
    path : str
        The file that was opened: a folder's weights, or their index.
    matrices : tuple of Matrix
        In the natural order of their names.
    skipped : tuple of Skipped
        Every other tensor, with the reason.
    config : mapping
        The model's config.json; empty where there is none.
    notes : tuple of str
        What was left out or assumed on opening, in sentences.
    """

    path: str
    matrices: tuple[Matrix, ...]
    skipped: tuple[Skipped, ...]
    config: Mapping[str, Any]
    notes: tuple[str, ...]
    source: MatrixSource = field(repr=False)

    def matrix(self, name: str) -> Matrix:
        """Return the matrix of that name.

        Raises
        ------
        ArgumentError
            When there is none.
        """
        for one in self.matrices:
            if one.name == name:
                return one
        raise ArgumentError("name", name, say("a matrix of the checkpoint"))

    def read(self, matrix: Matrix, progress: Progress | None = None) -> Any:
        """Return the numbers of a matrix: scales applied, kernels unfolded, the expert chosen.

        Parameters
        ----------
        matrix : Matrix
            One of ``matrices``, or made of one by `Matrix.transformed`.
        progress : Progress, optional
            Told how far the reading is; asked whether to stop.

        Returns
        -------
        ndarray of shape ``matrix.shape``
            Read-only where it lies in the file as it is; of the tensor's own type, float32 of codes
            with scales, float64 of products of factors. Large ones are memory maps.

        Raises
        ------
        FileError
            When it cannot be read, or the file changed since it was opened.
        Cancelled
            When ``progress`` asks to stop.
        """
        return read_matrix(self.source, matrix, progress)


def open_checkpoint(
    path: str | os.PathLike[str], conv: str = "unfold", progress: Progress | None = None
) -> Checkpoint:
    """List the matrices of a model; no numbers are read.

    A matrix is a tensor of two axes; a kernel, unfolded to out x (in kh kw); every one of a stack,
    as experts are kept; and the product of two factors of an adapter. Vectors, buffers, whole
    numbers and codes without their scales are skipped, each with its reason.

    Parameters
    ----------
    path : str or path-like
        A file of weights, an index of shards, or a folder of either.
    conv : {"unfold", "slices"}
        Whether a kernel is one matrix, or kh kw matrices out x in.
    progress : Progress, optional
        Told how far the opening is; asked whether to stop.

    Returns
    -------
    Checkpoint

    Raises
    ------
    FileError
        When there is nothing to open, or it cannot be read as a checkpoint.
    ArgumentError
        When ``conv`` is another word.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "model.npz")
    ...     np.savez(file, **{"h.0.q_proj.weight": np.eye(3), "h.0.q_proj.bias": np.ones(3)})
    ...     opened = open_checkpoint(folder)
    ...     opened.matrices[0].role.role, opened.skipped[0].reason
    ('q', 'a vector of 3 numbers')
    """
    if conv not in CONVOLUTIONS:
        raise ArgumentError("conv", conv, one_of(CONVOLUTIONS))
    file = weights_file(path)
    source = open_matrix_file(file, progress)
    notes = list(source.notes)
    try:
        config = read_config(file)
    except FileError as error:
        config = {}
        text = "config.json is left out: {problem}."
        notes.append(say(text, problem=as_sentence(error.problem)))
    return checkpoint_of(source, conv, config, notes, progress)


def checkpoint_of(
    source: MatrixSource,
    conv: str = "unfold",
    config: Mapping[str, Any] | None = None,
    notes: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Checkpoint:
    """List the matrices of what is open already, arrays in memory among it.

    Parameters
    ----------
    source : MatrixSource
    conv : {"unfold", "slices"}
        As for `open_checkpoint`.
    config : mapping, optional
        The model's config.json.
    notes : sequence of str, optional
        What a person should know, the source's own where nothing is said.
    progress : Progress, optional
        Asked whether to stop.

    Examples
    --------
    >>> from engine.files import memory_source
    >>> checkpoint_of(memory_source({"h.0.q_proj.weight": np.eye(3)})).matrices[0].role.layer
    0
    """
    config = config or {}
    notes = source.notes if notes is None else notes
    matrices: list[Matrix] = []
    skipped: list[Skipped] = []
    for entry in _in_order(source):
        checkpoint(progress)
        role = role_of(entry.name.removesuffix(_PRODUCT), entry.axes or entry.shape, config)
        if reason := _reason(entry, role):
            skipped.append(Skipped(entry.name, entry.axes or entry.shape, reason))
        else:
            matrices += _matrices(source, entry, role, conv == "slices")
    return Checkpoint(source.path, tuple(matrices), tuple(skipped), config, tuple(notes), source)


def read_matrix(source: MatrixSource, matrix: Matrix, progress: Progress | None = None) -> Any:
    """Return the numbers of a matrix of an open file; see `Checkpoint.read`."""
    array = source.read(
        matrix.entry, index=matrix.index, view=matrix.view or None, progress=progress
    )
    for kind, *parts in matrix.transform:
        if kind == "transpose":
            array = array.T
        elif len(parts) == 1:
            array = array[slice(*parts[0])]
        else:
            array = np.concatenate([array[start:stop] for start, stop in parts])
    return array


def _in_order(source: MatrixSource) -> Sequence[Entry]:
    """Entries in the natural order of their names."""
    is_ordered = isinstance(source, CheckpointSource) and not any(
        one.name.endswith(_PRODUCT) for one in source.entries
    )
    if is_ordered:
        return source.entries
    return sorted(source.entries, key=lambda one: natural_order(one.name))


@lru_cache(maxsize=64)
def _name(dtype: np.dtype[Any]) -> str:
    return dtype.name


def _reason(entry: Entry, role: Role) -> str:
    """Say why a tensor is no matrix; "" where it is one, or several."""
    if not entry.readable:
        return entry.note
    if entry.aside:
        return entry.aside
    is_line = len(entry.shape) > 2 and max(entry.shape) == math.prod(entry.shape)
    if len(entry.shape) < 2 or is_line:
        return say("a vector of {count:,} numbers", count=math.prod(entry.shape))
    if role.role == "buffer":
        return say("a buffer: computed, not learned")
    if role.role == "vector":
        return say("by its name a bias or a scale, not a matrix")
    if entry.dtype.kind in "biu" or not is_numeric(entry.dtype):
        return say("whole numbers ({dtype}): codes or counts, not weights", dtype=entry.dtype.name)
    if not _is_kernel(entry, role):
        count = math.prod(entry.shape[:-2])
        if count > _MOST_OF_A_STACK:
            text = "a stack of {count:,} matrices, at most {limit:,} are taken apart"
            return say(text, count=count, limit=_MOST_OF_A_STACK)
    return ""


def _is_kernel(entry: Entry, role: Role) -> bool:
    if len(entry.shape) < 3 or not entry.views[0].startswith("unfolded"):
        return False
    return bool(entry.view) or role.role in _KERNELS


def _matrices(source: MatrixSource, entry: Entry, role: Role, is_sliced: bool) -> Iterator[Matrix]:
    """The matrices of a tensor: itself, its kernel, or every one of a stack."""
    shape = entry.shape[0], entry.shape[1]
    whole = Matrix(
        *(entry.name, source.path, entry.name, None, shape, _name(entry.dtype), role),
        files=source.files(entry.name),
        note=entry.note,
    )
    if len(entry.shape) == 2:
        yield whole
        return
    view = (entry.view or entry.views[0]) if _is_kernel(entry, role) else ""
    if view and not is_sliced:
        rows, columns = view_layout(entry.shape, view)[0]
        yield replace(whole, shape=(rows, columns), view=view)
        return
    # PyTorch keeps (out, in, kh, kw), Keras (kh, kw, in, out).
    axes = len(entry.shape)
    is_first = view and view_layout(entry.shape, view)[0][0] == entry.shape[0]
    pair = view_of_axes(0, 1) if is_first else view_of_axes(axes - 2, axes - 1)
    (rows, columns), others = view_layout(entry.shape, pair)
    is_several = any(length > 1 for _, length in others)
    is_expert = not view and ("expert" in entry.name.lower() or role.role in _FEED_FORWARD)
    for index in itertools.product(*(range(length) for _, length in others)):
        place = ",".join(map(str, index))
        yield replace(
            whole,
            name=f"{entry.name}[{place}]" if is_several else entry.name,
            index=index,
            shape=(rows, columns),
            role=replace(role, expert=index[-1]) if is_expert else role,
            view=pair,
        )
