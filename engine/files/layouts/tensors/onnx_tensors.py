"""What the tensors of an ONNX graph are called, where their numbers lie, and which are codes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.files.layouts.tensors.onnx_graph import Graph, Stored
from engine.files.layouts.tensors.tensor import EXTENSIONS, Tensor, extension_dtype
from engine.sentences import as_sentence, say

# The data types of a TensorProto: as safetensors spells them, and what NumPy has for them.
_KINDS = {
    1: ("F32", "<f4"),
    2: ("U8", "u1"),
    3: ("I8", "i1"),
    4: ("U16", "<u2"),
    5: ("I16", "<i2"),
    6: ("I32", "<i4"),
    7: ("I64", "<i8"),
    9: ("BOOL", "?"),
    10: ("F16", "<f2"),
    11: ("F64", "<f8"),
    12: ("U32", "<u4"),
    13: ("U64", "<u8"),
    14: ("C64", "<c8"),
    15: ("C128", "<c16"),
    16: ("BF16", ""),
    17: ("F8_E4M3", ""),
    18: ("F8_E4M3FNUZ", ""),
    19: ("F8_E5M2", ""),
    20: ("F8_E5M2FNUZ", ""),
    24: ("F8_E8M0", ""),
}
_OTHER_KINDS = {8: "text", 21: "U4", 22: "I4", 23: "F4_E2M1", 25: "U2", 26: "I2"}
# Which inputs of a node are codes, their scale, and what stands for zero.
_CODES = {
    "DequantizeLinear": (0, 1, 2),
    "QLinearMatMul": (3, 4, 5),
    "QLinearConv": (3, 4, 5),
    "QGemm": (3, 4, 5),
    "DynamicQuantizeMatMul": (1, 2, 3),
    "MatMulIntegerToFloat": (1, 3, 5),
    "MatMulNBits": (1, 2, 3),
}
# Names that an exporter makes up where it has turned or folded a weight: of its module the node
# says more.
_MADE_UP = re.compile(r"(?:\w+::\w+|(?:val|_v|const|constant)_\d+|\d+)(?:_quantized)?")
_WEIGHT_INPUT = {"MatMul": 1, "Gemm": 1, "Conv": 1, "Gather": 0, "MatMulInteger": 1}


def tensors_of(graph: Graph, path: str, lengths: dict[str, int]) -> tuple[list[Tensor], int]:
    """Return the tensors of a graph, those of modules by their names; and how many were turned.

    Parameters
    ----------
    path : str
        The file of the graph.
    lengths : dict of str to int
        Lengths in bytes of the files that tensors of their own lie in, by the names they are given.
    """
    made, taken = _modules(graph), dict[str, int]()
    scales = _scales(graph, made)
    found, count = [], 0
    for one in graph.tensors:
        tensor = _tensor(one, path, lengths)
        module, turned = made.get(one.name, ("", False))
        if module and _MADE_UP.fullmatch(one.name):
            turned = turned and len(tensor.shape) == 2
            tensor = replace(_turned(tensor) if turned else tensor, name=module)
            count += turned
        name = scales.get(one.name) or tensor.name.removesuffix("_quantized")
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name} ({taken[name]})"
        found.append(replace(tensor, name=unique))
    return found, count


def external_files(graph: Graph) -> Iterable[str]:
    """Return the names of the files that tensors of the graph lie in, each once."""
    return dict.fromkeys(one.external["location"] for one in graph.tensors if _is_outside(one))


def _is_outside(one: Stored) -> bool:
    return "location" in one.external


def _tensor(one: Stored, path: str, lengths: dict[str, int]) -> Tensor:
    kind, stored = _KINDS.get(one.kind, (_OTHER_KINDS.get(one.kind, str(one.kind)), None))
    shape = tuple(length if length < 1 << 63 else -1 for length in one.shape)
    if stored is None or min(shape, default=0) < 0:
        return Tensor(one.name, kind, None, (), path, 0)
    dtype = extension_dtype(kind) if kind in EXTENSIONS else np.dtype(stored)
    needed = math.prod(shape) * dtype.itemsize
    offset, length, reason = one.offset, one.length, ""
    if _is_outside(one):
        path = one.external["location"]
        offset, length = _number(one, "offset", 0), _number(one, "length", needed)
        if path not in lengths:
            text = "its numbers lie in the file {name}, which is not beside this one"
            reason = say(text, name=as_sentence(path))
        elif offset < 0 or offset + length > lengths[path]:
            text = "the file {name} is too short for its numbers: copy or download it again"
            reason = say(text, name=as_sentence(path))
    if not reason and length != needed:
        reason = say(
            "its numbers take {needed:,} bytes, its place has {bytes:,}",
            needed=needed,
            bytes=max(0, length),
        )
        if not length:
            text = "its numbers are packed one by one: save it by onnx.numpy_helper.from_array"
            reason = say(text)
    return Tensor(one.name, kind, dtype, shape, path, max(0, offset), reason=reason)


def _number(one: Stored, key: str, otherwise: int) -> int:
    text = one.external.get(key, "")
    return int(text) if re.fullmatch(r"\d{1,18}", text) else otherwise if not text else -1


def _modules(graph: Graph) -> dict[str, tuple[str, bool]]:
    """Return, by the name of a weight, that of the module whose node uses it, and if it is turned.

    PyTorch's exporter names nodes by the path of their module, and folds the transpose of a linear
    layer into its weight, which then has a made-up name.
    """
    found: dict[str, tuple[str, bool]] = {}
    for node in graph.nodes:
        place = _WEIGHT_INPUT.get(node.op)
        parts = [part for part in node.name.split("/") if part]
        if place is None or len(parts) < 2 or place >= len(node.inputs):
            continue
        turned = node.op.startswith("MatMul") or (node.op == "Gemm" and not node.turned)
        name = ".".join((*parts[:-1], "weight"))
        found.setdefault(node.inputs[place], (name, turned))
    return found


def _turned(tensor: Tensor) -> Tensor:
    """Return the transpose of a matrix, which lies where it lies."""
    rows, cols = tensor.shape
    return replace(tensor, shape=(cols, rows), strides=(1, cols))


def _scales(graph: Graph, made: dict[str, tuple[str, bool]]) -> dict[str, str]:
    """Return how scales and zeros are called beside the codes that a node takes them with."""
    found: dict[str, str] = {}
    for node in graph.nodes:
        if node.op in _CODES:
            codes, *beside = (
                node.inputs[place] if place < len(node.inputs) else "" for place in _CODES[node.op]
            )
            if _MADE_UP.fullmatch(codes) and codes in made:
                codes = made[codes][0]
            for name, ending in zip(beside, ("_scale", "_zero_point"), strict=True):
                if name:
                    found.setdefault(name, codes.removesuffix("_quantized") + ending)
    return found
