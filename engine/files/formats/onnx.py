"""Models of ONNX (.onnx): the tensors of the graph, its branches and constants, mapped on reading.

Numbers in files beside the model are read from there; the names of those files lead nowhere else.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np

from engine.files.layouts.tensors.checkpoint import CheckpointSource
from engine.files.layouts.tensors.onnx_graph import is_onnx, read_graph
from engine.files.layouts.tensors.onnx_tensors import external_files, tensors_of
from engine.files.layouts.tensors.tensor import Tensor
from engine.files.reading.access import Fingerprint, fingerprint, require_unchanged
from engine.files.reading.source import Format
from engine.jobs import Progress, checkpoint
from engine.sentences import say

_ZEROS_MAX = 1 << 20


def open_onnx(path: str, progress: Progress | None = None) -> CheckpointSource:
    """Open an ONNX model; only its list of fields is read.

    Raises
    ------
    FileError
        When the file cannot be read, is damaged, or holds no tensor.
    Cancelled
        When ``progress`` asks to stop.
    """
    checkpoint(progress, 0.0, "Reading the header")
    known = fingerprint(path)
    graph = read_graph(path, known.size, progress)
    files = {name: file for name in external_files(graph) if (file := _beside(path, name))}
    states: dict[str, Fingerprint] = {name: fingerprint(file) for name, file in files.items()}
    tensors, turned = tensors_of(graph, path, {name: one.size for name, one in states.items()})
    tensors = [replace(one, path=files.get(one.path, one.path)) for one in tensors]
    # Zeros that are 0 move nothing: without them codes are what they are times their scale.
    tensors = [one for one in tensors if not _is_zero(one, progress)]
    require_unchanged(path, known)
    others = {files[name]: one for name, one in states.items()}
    text = (
        "{count} matrices with made-up names are called by the module that uses them, and read "
        "(out, in) as it has them."
    )
    notes = (say(text, count=turned),) if turned else ()
    return CheckpointSource(path, FORMAT, known, tensors, others, notes)


FORMAT = Format(
    key="onnx",
    title="ONNX model",
    suffixes=(".onnx",),
    open=open_onnx,
    matches=is_onnx,
)


def _beside(path: str, name: str) -> str:
    """Return the file of that name in the folder of a model, "" where there is none within it."""
    if os.path.isabs(name) or "\0" in name:
        return ""
    folder = os.path.dirname(path)
    file = os.path.normpath(os.path.join(folder, name))
    inside = os.path.realpath(folder) + os.sep
    is_inside = os.path.realpath(file).startswith(inside)
    return file if is_inside and os.path.isfile(file) else ""


def _is_zero(tensor: Tensor, progress: Progress | None) -> bool:
    """Return whether these are numbers that stand for zero, and are 0."""
    if not tensor.name.endswith("_zero_point") or tensor.reason or tensor.dtype is None:
        return False
    return tensor.size <= _ZEROS_MAX and not np.count_nonzero(tensor.whole(progress))
