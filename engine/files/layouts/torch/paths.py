"""The tensors in what a pickle describes, under the path that leads to each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.files.layouts.torch.opcodes import Foreign, Strided
from engine.files.reading.entries import BadArray

_MAX_NODES = 1_000_000
_MAX_DEPTH = 64
_MODULE_PARTS = ("_parameters", "_buffers", "_modules")


def tensors_of(value: Any, alone: str) -> Iterator[tuple[str, Strided]]:
    """Yield the tensors in a value under their path; one by itself is called ``alone``.

    Raises
    ------
    BadArray
        When there is no end of them.
    """
    if isinstance(value, Strided):
        yield alone, value
        return
    left = [_MAX_NODES]
    yield from _walk(value, "", 0, left)


def _walk(value: Any, path: str, depth: int, left: list[int]) -> Iterator[tuple[str, Strided]]:
    left[0] -= 1
    if left[0] < 0:
        raise BadArray("its list of contents is endless")
    if isinstance(value, Strided):
        yield path, value
    elif depth < _MAX_DEPTH:
        for key, item in _items(value):
            # What modules keep their parts in is no part of the name of a parameter.
            within = (
                path if key in _MODULE_PARTS and isinstance(value, Foreign) else f"{path}.{key}"
            )
            yield from _walk(item, within.lstrip("."), depth + 1, left)


def _items(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(str(key), item) for key, item in value.items() if isinstance(key, str | int)]
    if isinstance(value, list | tuple):
        return [(str(place), item) for place, item in enumerate(value)]
    if isinstance(value, Foreign) and isinstance(value.state, dict):
        state = value.state
        parts = [(part, state[part]) for part in _MODULE_PARTS if part in state]
        return [(str(key), item) for key, item in parts]
    return []
