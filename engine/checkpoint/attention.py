"""Where the heads of a model's attention lie: which tensors hold q and k, and which rows of them.

The numbers of heads come from the model's config.json; a fused tensor is cut as its family stores
it: equal parts one after the other, or head by head.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.arguments import check_count
from engine.checkpoint.roles import role_of
from engine.errors import ArgumentError, FileError, RankscopeError
from engine.json_text import BadJson, read_json
from engine.sentences import say

_CONFIG = "config.json"
_LARGEST = 1 << 20  # bytes of a config.json
_HEADS = ("num_attention_heads", "n_head", "num_heads", "n_heads")
_SIDES = {"encoder": "encoder_attention_heads", "decoder": "decoder_attention_heads"}
_GROUPS = (
    *("num_key_value_heads", "n_kv_heads", "num_kv_heads", "n_head_kv"),
    "multi_query_group_num",
)
_SIZES = ("head_dim", "d_kv", "attention_head_size")
_THETAS = ("rope_theta", "rotary_emb_base", "rotary_base")
_BY_HEAD = ("gpt_neox", "bloom", "falcon", "RefinedWeb", "RefinedWebModel")
_MOST = 1 << 16


class HeadsUnknown(RankscopeError):
    """No config.json says how many heads a layer has, and nobody else did."""

    argument = "heads"

    def __init__(self) -> None:
        super().__init__(
            say("No config.json beside the file says how many heads it has. Type their number.")
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


@dataclass(frozen=True)
class AttentionLayer:
    """The two tensors of one layer that make its scores.

    Attributes
    ----------
    name : str
        What the layer is called: the common part of the names.
    layer : int or None
    q, k : str
        Names of the tensors; the same one where they are fused.
    q_shape, k_shape : tuple of int
    orientation : str
        "out_in": a head is a block of rows; "in_out": of columns.
    stack : str
    """

    name: str
    layer: int | None
    q: str
    k: str
    q_shape: tuple[int, int]
    k_shape: tuple[int, int]
    orientation: str
    stack: str

    @property
    def fused(self) -> bool:
        """Whether one tensor holds both."""
        return self.q == self.k


@dataclass(frozen=True)
class HeadBlocks:
    """How the tensors of a layer are cut into heads.

    ``size`` is d_h; head h has the block ``q[h]`` of the query tensor and ``k[h]`` of the key
    tensor, counted in blocks of ``size``; ``groups`` is how many different keys there are.
    ``theta`` is RoPE's base, None where the config names none.
    """

    size: int
    q: tuple[int, ...]
    k: tuple[int, ...]
    groups: int
    theta: float | None = None


def attention_layers(
    shapes: Mapping[str, tuple[int, ...]], config: Mapping[str, Any] | None = None
) -> tuple[AttentionLayer, ...]:
    """Return the layers whose q and k are matrices among these tensors, in their order.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Every tensor by its name.
    config : mapping, optional
        The model's config.json.

    Examples
    --------
    >>> shapes = {"layers.0.wq.weight": (8, 16), "layers.0.wk.weight": (4, 16)}
    >>> attention_layers(shapes)[0].name
    'layers.0'
    """
    found: list[AttentionLayer] = []
    waiting: dict[tuple[Any, ...], tuple[str, str]] = {}
    for name, shape in shapes.items():
        if len(shape) != 2:
            continue
        role = role_of(name, shape, config)
        if role.adapter or role.role not in ("q", "k", "qkv"):
            continue
        parent, q, k = role.module.rpartition(".")[0], name, name
        if role.role != "qkv":
            key = (parent, role.indices, role.cross, role.stack)
            other, side = waiting.pop(key, ("", role.role))
            if side == role.role:
                waiting[key] = (name, side)
                continue
            q, k = (name, other) if side == "k" else (other, name)
        (a, b), (c, d) = shapes[q], shapes[k]
        found.append(
            AttentionLayer(parent, role.layer, q, k, (a, b), (c, d), role.orientation, role.stack)
        )
    return tuple(found)


def head_blocks(
    layer: AttentionLayer,
    config: Mapping[str, Any] | None = None,
    *,
    heads: int = 0,
    groups: int = 0,
) -> HeadBlocks:
    """Return how a layer is cut into heads.

    Parameters
    ----------
    layer : AttentionLayer
    config : mapping, optional
        The model's config.json.
    heads, groups : int
        How many heads and key-value heads there are, before what the config says; 0 asks it. Groups
        that nobody names follow from the shape of k, or are as many as heads.

    Raises
    ------
    HeadsUnknown
        When neither says how many heads there are; its ``argument`` is "heads".
    ArgumentError
        When the tensors cannot be cut so; the sentence names the shape.

    Examples
    --------
    >>> shapes = {"layers.0.wq.weight": (8, 16), "layers.0.wk.weight": (4, 16)}
    >>> head_blocks(attention_layers(shapes)[0], heads=4).k
    (0, 0, 1, 1)
    """
    said = _part(dict(config or {}), layer.stack)
    count = check_count("heads", heads) or _number(said, (*_side(layer), *_HEADS))
    if not count:
        raise HeadsUnknown
    asked = check_count("groups", groups) or _number(said, _GROUPS)
    if not asked and said.get("multi_query") and not said.get("new_decoder_architecture"):
        asked = 1
    axis = 0 if layer.orientation == "out_in" else 1
    rows, others = layer.q_shape[axis], layer.k_shape[axis]
    size = _size(layer, rows, count, asked, _number(said, _SIZES))
    if not size:
        raise _unfit(layer, count)
    groups = asked or (count if layer.fused else others // size)
    fits = groups > 0 and rows == (count + 2 * groups if layer.fused else count) * size
    fits = fits and groups <= count and count % groups == 0
    if not fits or (not layer.fused and others != groups * size):
        raise _unfit(layer, count)
    q, k = _places(layer, count, groups, said)
    return HeadBlocks(size, q, k, groups, _theta(said))


def _size(layer: AttentionLayer, rows: int, count: int, groups: int, known: int) -> int:
    parts = count + 2 * (groups or count) if layer.fused else count
    # Encoders name a head's size that is not theirs: the shape decides where it can.
    if rows % parts == 0:
        return rows // parts
    return known if known and rows % known == 0 else 0


def _places(
    layer: AttentionLayer, count: int, groups: int, said: Mapping[str, Any]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    heads, each = range(count), count // groups
    if not layer.fused:
        return tuple(heads), tuple(h // each for h in heads)
    by_head = said.get("model_type") in _BY_HEAD or (
        "query_key_value" in layer.q and said.get("model_type") is None
    )
    if not by_head:
        return tuple(heads), tuple(count + h // each for h in heads)
    width = each + 2  # of a group: its queries, its key, its value
    return (
        tuple(h // each * width + h % each for h in heads),
        tuple(h // each * width + each for h in heads),
    )


def _unfit(layer: AttentionLayer, heads: int) -> ArgumentError:
    allowed = say("a number that cuts {q} x {k} into equal heads", q=layer.q_shape, k=layer.k_shape)
    return ArgumentError("heads", heads, allowed)


def _side(layer: AttentionLayer) -> tuple[str, ...]:
    return (_SIDES[layer.stack],) if layer.stack in _SIDES else ()


def _part(config: dict[str, Any], stack: str) -> dict[str, Any]:
    """Return the part of a config that is about a tower of a model of several."""
    inner = config.get("vision_config" if stack == "vision" else "text_config")
    return {**config, **inner} if isinstance(inner, dict) else config


def _number(config: Mapping[str, Any], names: tuple[str, ...]) -> int:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST:
            return value
    return 0


def _theta(config: Mapping[str, Any]) -> float | None:
    inner = config.get("rope_parameters")
    for place in (config, inner if isinstance(inner, dict) else {}):
        for name in _THETAS:
            value = place.get(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1:
                return float(value)
    return None


def read_config(path: str) -> Mapping[str, Any]:
    """Return the config.json beside a file, or in a folder; empty where there is none.

    Raises
    ------
    FileError
        When there is one that is larger than 1 MB, or holds no JSON object.

    Examples
    --------
    >>> dict(read_config("/nowhere/model.safetensors"))
    {}
    """
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    place = os.path.join(folder, _CONFIG)
    hint = say("Its heads can be typed instead.")
    try:
        with open(place, "rb") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError:
        return {}
    if len(text) > _LARGEST:
        raise FileError(place, say("it is larger than 1 MB"), hint)
    try:
        found = read_json(text)
    except BadJson as error:
        raise FileError(place, error.said, hint) from error
    if not isinstance(found, dict):
        raise FileError(place, say("it holds no JSON object"), hint)
    return found
