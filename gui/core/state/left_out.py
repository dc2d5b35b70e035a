"""What no session keeps: arrays that running programs show, and all that is about them."""

from __future__ import annotations

import dataclasses
from typing import Any

from gui.core.state.figure_state import refs_in
from gui.core.state.listed import OpenFile, is_shown
from gui.core.state.store import State


def without_shown(state: State) -> State:
    """Return the state without arrays that running programs show.

    A list has what is left; anything else that is about one of them is as at a first start.
    """
    return {name: _without(value) for name, value in state.items()}


def _without(slice_: Any) -> Any:
    changed: dict[str, Any] = {}
    for one in dataclasses.fields(slice_):
        value = getattr(slice_, one.name)
        if isinstance(value, tuple) and (left := tuple(filter(_is_kept, value))) != value:
            changed[one.name] = left
        elif not isinstance(value, tuple) and not _is_kept(value):
            changed[one.name] = one.default
    return dataclasses.replace(slice_, **changed) if changed else slice_


def _is_kept(value: Any) -> bool:
    if isinstance(value, OpenFile):
        return not is_shown(value.path)
    return not any(is_shown(ref.path) for ref in refs_in(value))
