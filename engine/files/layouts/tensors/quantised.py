"""Weights kept as codes: what makes numbers of them, and what is said where nothing does.

A code alone looks like a weight and is none: its spectrum is that of other numbers. Codes are known
by what lies beside them, since no header says what they are. Codes of 8 bits that have a scale are
multiplied by it; packed ones (GPTQ, AWQ, NF4, MXFP4) are shown as what they are.

References
----------
DeepSeek-AI, "DeepSeek-V3", 2024, section 3.3: blocks of 128 x 128. Frantar et al., "GPTQ", ICLR
2023. Lin et al., "AWQ", MLSys 2024. Dettmers et al., "LLM.int8()", NeurIPS 2022, and "QLoRA",
NeurIPS 2023. Rouhani et al., "Microscaling Data Formats", 2023: MXFP4, E8M0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.files.layouts.tensors.tensor import Tensor
from engine.files.reading.arrays import Array
from engine.files.reading.selection import Selection
from engine.jobs import Progress
from engine.sentences import joined, listed, say

# Behind the name of the weight itself, and in place of its last word.
_SCALES = ("_scale_inv", "_scale", "_scales", ".scale_inv", ".scale", "._scale", ".scales")
_SCALES_BESIDE = ("scale_weight", "weight_scales", "scale_inv", "scale", "scales", "SCB")
_ZEROS = ("_zero_point", ".zero_point", "_zero", ".zero", "_zp", "_shift", "._shift")
_BLOCKS = (128, 64, 32, 16, 256, 512)
_EIGHT_BITS = ("F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I8")
# LLM.int8 keeps the largest absolute value of each row, for which 127 stands.
_LARGEST_INT8 = 127.0


@dataclass(frozen=True)
class _Packing:
    """A way of packing codes: the end of their name, what lies beside them, how it is called."""

    title: str
    ending: str
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()


# The first that fits counts.
_PACKINGS = (
    _Packing("GPTQ", "qweight", ("qzeros", "scales", "g_idx")),
    _Packing("GPTQ/AWQ", "qweight", ("qzeros", "scales"), ("g_idx", "bias")),
    _Packing("GPTQ", "qweight", ("scales",), ("qzeros", "g_idx")),
    _Packing(
        "NF4/FP4",
        "weight",
        ("weight.absmax",),
        (
            *("weight.quant_map", "weight.nested_absmax", "weight.nested_quant_map"),
            *("weight.quant_state.bitsandbytes__nf4", "weight.quant_state.bitsandbytes__fp4"),
        ),
    ),
    _Packing(
        "NVFP4", "weight_packed", ("weight_scale", "weight_global_scale"), ("input_global_scale",)
    ),
    _Packing("NVFP4", "weight", ("weight_scale", "weight_scale_2"), ("input_scale",)),
    _Packing(
        "compressed-tensors",
        "weight_packed",
        ("weight_scale",),
        ("weight_shape", "weight_zero_point", "weight_g_idx"),
    ),
    _Packing("MXFP4", "_blocks", ("_scales",)),
    _Packing("MXFP4", "blocks", ("scales",)),
    _Packing("HQQ", "W_q", ("scale", "zero"), ("meta",)),
    _Packing("HQQ", "W_q", ("meta",)),
    _Packing("EXL2", "q_weight", ("q_scale",), ("q_scale_max", "q_groups", "q_perm", "q_invperm")),
    _Packing("Marlin", "B", ("s",), ("workspace",)),
    _Packing("AQLM", "codes", ("codebooks",), ("scales",)),
    _Packing("QuIP#", "Qidxs", (), ("SU", "SV", "codebook_id", "Wscale")),
    _Packing("quanto", "weight._data", ("weight._scale",), ("weight._shift",)),
    _Packing("LLM.int8()", "weight", ("SCB",), ("weight_format",)),
)
_WHOLE = re.compile(r"[IU](?:8|16|32|64)")


@dataclass(frozen=True)
class Scaled:
    """How codes become numbers: each times the number of its block.

    Attributes
    ----------
    scale : Tensor
        The factors.
    blocks : tuple of int
        How many codes along each axis share a factor.
    divisor : float
        What each factor is divided by.
    """

    scale: Tensor
    blocks: tuple[int, ...]
    divisor: float = 1.0

    def read(self, codes: Tensor, selection: Selection, progress: Progress | None) -> Array:
        """Return a part of the numbers, float32."""
        grid = tuple(
            -(-length // block) for length, block in zip(codes.shape, self.blocks, strict=True)
        )
        whole, taken = self.scale.whole(progress), codes.take(selection, progress)
        # Beyond the largest number is infinity, and NaN stays NaN, as in any other product.
        with np.errstate(all="ignore"):
            factors = whole.astype(np.float32).reshape(grid) / self.divisor
            part = taken.astype(np.float32)
        axes = []
        for chosen, length, block in zip(selection, codes.shape, self.blocks, strict=True):
            places = np.arange(length)[chosen] // block
            axes.append(places if isinstance(chosen, slice) else np.array([places]))
        shared = factors[np.ix_(*axes)].reshape(part.shape)
        with np.errstate(all="ignore"):
            product: Array = (part * shared).astype(np.float32)
        return product


@dataclass(frozen=True)
class Meaning:
    """What is known of a tensor: how its codes are read, and what a person has to know.

    ``is_weight`` is False where its numbers are not those of a matrix: packed codes, their scales.
    """

    notes: tuple[str, ...]
    scaled: Scaled | None = None
    is_weight: bool = True


def meanings(tensors: Mapping[str, Tensor]) -> dict[str, Meaning]:
    """Return what is known of the tensors that are codes, and of those that belong to codes."""
    found: dict[str, Meaning] = {}
    for name, tensor in tensors.items():
        meaning, companions = _scaled(tensor, tensors) or _packed(tensor, tensors) or (None, ())
        meaning = meaning or _unscaled(tensor)
        if meaning is not None:
            found[name] = meaning
        for one in companions:
            note = say("Belongs to the codes of '{name}': no weight itself.", name=name)
            found.setdefault(one, Meaning((note,), is_weight=False))
    return found


def _scaled(
    tensor: Tensor, tensors: Mapping[str, Tensor]
) -> tuple[Meaning, tuple[str, ...]] | None:
    """Return how codes of 8 bits are multiplied out."""
    if tensor.kind not in _EIGHT_BITS or tensor.dtype is None or not tensor.shape:
        return None
    name = tensor.name
    beside = name.removesuffix("weight") if name.endswith("weight") else None
    known = [name + ending for ending in _SCALES]
    known += [beside + ending for ending in _SCALES_BESIDE] if beside is not None else []
    scale = next((tensors[one] for one in known if _is_scale(tensors.get(one))), None)
    if scale is None or any(name + ending in tensors for ending in _ZEROS):
        return None
    blocks = _blocks(tensor.shape, scale.shape)
    what = say("Quantised: {kind} codes", kind=tensor.kind)
    if blocks is None:
        text = "{what}, shown as they are: their scale '{scale}' of shape {shape} does not fit."
        note = say(text, what=what, scale=scale.name, shape=scale.shape)
        return Meaning((note,), is_weight=False), (scale.name,)
    divisor = _LARGEST_INT8 if scale.name.endswith("SCB") else 1.0
    text = "{what}, each multiplied by its scale '{scale}' ({how})."
    note = say(text, what=what, scale=scale.name, how=_how(tensor.shape, blocks))
    return Meaning((note,), Scaled(scale, blocks, divisor)), (scale.name,)


def _is_scale(tensor: Tensor | None) -> bool:
    if tensor is None or tensor.dtype is None:
        return False
    return tensor.kind in ("F64", "F32", "F16", "BF16", "F8_E8M0") and tensor.size > 0


def _blocks(shape: tuple[int, ...], scale: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return how many codes share a factor along each axis; None where the shapes do not fit."""
    if all(length == 1 for length in scale):
        return shape
    if len(scale) < len(shape):
        # One a row: an axis that is not spelled out has one factor.
        lead = (*scale, *(1,) * (len(shape) - len(scale)))
        tail = (*(1,) * (len(shape) - len(scale)), *scale)
        return _blocks(shape, lead) or _blocks(shape, tail)
    if len(scale) > len(shape):
        return None
    sizes = [_block(length, count) for length, count in zip(shape, scale, strict=True)]
    found = tuple(size for size in sizes if size)
    if len(found) < len(sizes):
        return None
    # The same block along the axes that have several, where it fits: 128 x 128, the last one cut.
    several = [i for i, count in enumerate(scale) if 1 < count < shape[i]]
    for size in _BLOCKS:
        if several and all(-(-shape[i] // size) == scale[i] for i in several):
            return tuple(size if i in several else one for i, one in enumerate(found))
    return found


def _block(length: int, count: int) -> int:
    if count == 1:
        return length
    for size in (1, *_BLOCKS):
        if -(-length // size) == count:
            return size
    return length // count if count and length % count == 0 else 0


def _how(shape: tuple[int, ...], blocks: tuple[int, ...]) -> str:
    if blocks == shape:
        return say("one for the tensor")
    if all(block in (1, length) for length, block in zip(shape, blocks, strict=True)):
        return say("one a channel")
    return say("blocks of {blocks}", blocks=" x ".join(map(str, blocks)))


def _packed(
    tensor: Tensor, tensors: Mapping[str, Tensor]
) -> tuple[Meaning, tuple[str, ...]] | None:
    """Return what is said of codes that are not multiplied out."""
    if not _WHOLE.fullmatch(tensor.kind):
        return None
    for packing in _PACKINGS:
        if not tensor.name.endswith(packing.ending):
            continue
        stem = tensor.name.removesuffix(packing.ending)
        if stem and stem[-1] not in "._" and packing.ending[0] not in "._":
            continue
        if all(stem + one in tensors for one in packing.needed):
            known = [stem + one for one in (*packing.needed, *packing.others)]
            beside = tuple(one for one in known if one in tensors)
            note = _codes_note(packing.title, beside)
            return Meaning((note,), is_weight=False), beside
    known = [tensor.name + ending for ending in (*_SCALES, *_ZEROS)]
    beside = tuple(one for one in known if one in tensors)
    note = _codes_note("", beside)
    return (Meaning((note,), is_weight=False), beside) if beside else None


def _codes_note(title: str, beside: tuple[str, ...]) -> str:
    what = say("Packed codes of a quantised weight, not its numbers")
    if title:
        what = say("Packed codes of a quantised weight ({title}), not its numbers", title=title)
    means = say("{what}: a spectrum of them means nothing.", what=what)
    if not beside:
        return means
    shown = listed([f"'{one}'" for one in beside[:4]])
    return joined(means, say("The weight needs its scale from {names}.", names=shown))


def _unscaled(tensor: Tensor) -> Meaning | None:
    """Return what is said of 8-bit floats and whole numbers that nothing lies beside."""
    if tensor.kind in _EIGHT_BITS and tensor.kind != "I8":
        text = (
            "Numbers of {kind} as they are stored: no scale is found beside them. Where one is "
            "kept elsewhere, the weight is these times it."
        )
        return Meaning((say(text, kind=tensor.kind),))
    if _WHOLE.fullmatch(tensor.kind) and len(tensor.shape) > 1 and _IS_WEIGHT.search(tensor.name):
        text = (
            "Whole numbers ({kind}) under the name of a weight: if they are codes of a quantised "
            "one, their scale is not in this file."
        )
        return Meaning((say(text, kind=tensor.kind),))
    return None


_IS_WEIGHT = re.compile(r"(?:^|[._])q?weight(?:_packed)?$|_blocks$")
