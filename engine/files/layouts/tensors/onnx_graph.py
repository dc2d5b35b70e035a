"""The tensors of an ONNX file and where they lie, read from its list of fields alone.

The file is one protobuf message. The package onnx would hold all of it in memory, and none above
2 GB, and does not say where a tensor lies; its fields are few, and here numbers are only mapped.

References
----------
Protocol Buffers, "Encoding". ONNX, onnx.proto: the numbers of the fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from engine.errors import FileError
from engine.files.reading.access import file_errors
from engine.jobs import Progress, checkpoint

_WINDOW = 1 << 16  # bytes read at a time
_NAME_MAX = 1 << 16
_DEPTH = 64  # branches within branches
_OFTEN = 20_000  # fields between two looks at whether to stop
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass
class Node:
    """An operation of the graph; ``turned`` is Gemm's word for a second factor as (out, in)."""

    op: str = ""
    name: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    turned: bool = False


class Stored(NamedTuple):
    """A tensor as it stands: ``external`` are the words on a file of its own."""

    name: str
    kind: int
    shape: tuple[int, ...]
    offset: int
    length: int
    external: dict[str, str]


class Graph(NamedTuple):
    """All that matters here of a model: its operations, and its tensors in the order found."""

    nodes: list[Node]
    tensors: list[Stored]


def is_onnx(head: bytes) -> bool:
    """Tell from the first bytes of a file whether it is an ONNX model: its version comes first.

    Examples
    --------
    >>> is_onnx(b"\\x08\\x08\\x12\\x07pytorch"), is_onnx(b"\\x08\\x08abc")
    (True, False)
    """
    follows = b"\x12\x1a\x28\x3a\x42"  # tags of what comes after the version
    return len(head) > 2 and head[0] == 8 and 0 < head[1] < 64 and head[2] in follows


def read_graph(path: str, size: int, progress: Progress | None = None) -> Graph:
    """Return the operations and the tensors of an ONNX file of ``size`` bytes.

    Raises
    ------
    FileError
        When the file cannot be read, is cut short, or is no ONNX model.
    Cancelled
        When ``progress`` asks to stop.
    """
    with file_errors(path), open(path, "rb") as stream:
        wire, graph = _Wire(path, stream, size, progress), Graph([], [])
        for number, begin, length in wire.fields(0, size):
            if number == 7:  # graph
                _read_graph(wire, begin, length, graph, 0)
            elif number == 25:  # a function of the model's own
                for part, at, long in wire.fields(begin, begin + length):
                    if part == 7:
                        _read_node(wire, at, long, graph, 0)
    if not graph.nodes and not graph.tensors:
        raise FileError(path, "it is no ONNX model: there is no graph in it")
    return graph


class _Wire:
    """Fields of a protobuf message, found without reading what is in them."""

    def __init__(self, path: str, stream: BinaryIO, size: int, progress: Progress | None) -> None:
        self._path, self._stream, self._size, self._progress = path, stream, size, progress
        self._window, self._start, self._count = b"", 0, 0

    def fields(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the number of each field, its value, and -1; or where its bytes lie, how many."""
        at = begin
        while at < end:
            self._count += 1
            if self._count % _OFTEN == 0:
                checkpoint(self._progress, at / max(1, self._size), "Reading the header")
            tag, at = self._varint(at, end)
            number, kind = tag >> 3, tag & 7
            if kind == _VARINT:
                value, at = self._varint(at, end)
                yield number, value, -1
            elif kind == _BYTES:
                length, at = self._varint(at, end)
                if at + length > end:
                    raise self.damaged()
                yield number, at, length
                at += length
            elif kind in (_FIXED32, _FIXED64):
                at += 4 if kind == _FIXED32 else 8
            else:
                raise self.damaged()
        if at != end:
            raise self.damaged()

    def text(self, begin: int, length: int) -> str:
        """Return the text of a field; one that cannot be a name is refused."""
        if length > _NAME_MAX:
            raise self.damaged()
        self._stream.seek(begin)
        return self._stream.read(length).decode("utf-8", "replace")

    def varints(self, begin: int, length: int) -> Iterator[int]:
        """Yield the numbers of a packed field."""
        at, end = begin, begin + length
        while at < end:
            value, at = self._varint(at, end)
            yield value

    def damaged(self) -> FileError:
        """Return what is said of a file that is none."""
        return FileError(
            self._path,
            "it cannot be read as an ONNX model: its fields do not fit together",
            "It may have been cut short: copy or download it again.",
        )

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        value = shift = 0
        while at < end and shift < 64:
            place = at - self._start
            if not 0 <= place < len(self._window):
                self._stream.seek(at)
                self._window, self._start, place = self._stream.read(_WINDOW), at, 0
                if not self._window:
                    raise self.damaged()
            byte = self._window[place]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at
        raise self.damaged()


def _read_graph(wire: _Wire, begin: int, length: int, graph: Graph, depth: int) -> None:
    if depth > _DEPTH:
        raise wire.damaged()
    for number, at, long in wire.fields(begin, begin + length):
        if number == 1:
            _read_node(wire, at, long, graph, depth)
        elif number == 5:
            graph.tensors.append(_read_tensor(wire, at, long))


def _read_node(wire: _Wire, begin: int, length: int, graph: Graph, depth: int) -> None:
    node, constants = Node(), []
    for number, at, long in wire.fields(begin, begin + length):
        if number == 1:
            node.inputs.append(wire.text(at, long))
        elif number == 2:
            node.outputs.append(wire.text(at, long))
        elif number == 3:
            node.name = wire.text(at, long)
        elif number == 4:
            node.op = wire.text(at, long)
        elif number == 5:
            constants += _read_attribute(wire, at, long, node, graph, depth)
    graph.nodes.append(node)
    if node.op == "Constant" and node.outputs:
        # One number is a setting of the graph, no array.
        found = (one._replace(name=node.outputs[0]) for one in constants)
        graph.tensors.extend(one for one in found if math.prod(one.shape) > 1)


def _read_attribute(
    wire: _Wire, begin: int, length: int, node: Node, graph: Graph, depth: int
) -> list[Stored]:
    """Return the tensors of an attribute; what is in the branches of the node joins the graph."""
    name, value, tensors = "", 0, []
    for number, at, long in wire.fields(begin, begin + length):
        if number == 1:
            name = wire.text(at, long)
        elif number == 3:
            value = at
        elif number in (5, 10):
            tensors.append(_read_tensor(wire, at, long))
        elif number in (6, 11):
            _read_graph(wire, at, long, graph, depth + 1)
    node.turned |= name == "transB" and value == 1
    return tensors


def _read_tensor(wire: _Wire, begin: int, length: int) -> Stored:
    name, kind = "", 0
    shape: list[int] = []
    external: dict[str, str] = {}
    places: list[tuple[int, int]] = []
    for number, at, long in wire.fields(begin, begin + length):
        if number == 1:
            shape += [at] if long < 0 else wire.varints(at, long)
        elif number == 2:
            kind = at
        elif number == 8:
            name = wire.text(at, long)
        elif number == 13:
            words = [wire.text(*one) for _, *one in wire.fields(at, at + long)]
            external |= {words[0]: words[1]} if len(words) == 2 else {}
        elif number in (4, 9, 10) and long > 0:  # float_data, raw_data, double_data
            places.append((at, long))
    offset, size = places[0] if len(places) == 1 else (0, 0)
    return Stored(name, kind, tuple(shape), offset, size, external)
