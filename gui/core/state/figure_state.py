"""The state of a page as an exported figure carries it, so that dropping the picture restores it.

Of files only the names travel: a picture is shown to others, and where somebody keeps their files
is nobody's business. The file is looked for again when the picture comes back.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from gui.core.figure.rebuilt import rebuilt
from gui.core.state.document import DataRef, Repaired, Selection, TableSaid
from gui.core.state.migrate import migrated
from gui.core.state.session import decode, encode
from gui.core.state.store import State

SCHEMA = 1
LARGEST = 256 * 1024  # characters; with more pasted numbers than that a picture carries no state
_SELECTION = "selection"


def state_of(state: State, page: str) -> dict[str, Any]:
    """Return what restores ``page``: its slice and the selection, as plain JSON values.

    Empty where that would be larger than ``LARGEST``.
    """
    slices = {_SELECTION: _alone(state[_SELECTION]), page: _own(state[page])}
    slices[_SELECTION] = _with_tables(slices, state[_SELECTION].tables)
    named = with_refs(slices, _named)
    encoded = {name: encode(value) for name, value in named.items()}
    if len(json.dumps(encoded)) > LARGEST:
        return {}
    return {"schema": SCHEMA, "page": page, "slices": encoded}


def _alone(selection: Selection) -> Selection:
    """Return the selection with nothing but the selected array in it."""
    active = selection.active
    if active is None:
        return dataclasses.replace(selection, repairs=(), views=())
    repair = selection.repair_of(active)
    repairs = (Repaired(active, repair),) if repair else ()
    return dataclasses.replace(selection, repairs=repairs, views=())


def _with_tables(slices: Mapping[str, Any], tables: Iterable[TableSaid]) -> Any:
    """Return the selection with what was said of the tables that the slices refer to, by name."""
    paths = {ref.path for value in slices.values() for ref in refs_in(value)}
    mine = (one for one in tables if one.path in paths)
    said = tuple(TableSaid(_name(one.path), one.said) for one in mine)
    return dataclasses.replace(slices[_SELECTION], tables=said)


def page_of(saved: Any, state: State) -> str:
    """Return the page a carried state belongs to, "" where it is none that this version knows."""
    if not isinstance(saved, dict) or saved.get("schema") != SCHEMA:
        return ""
    page, slices = saved.get("page"), saved.get("slices")
    known = isinstance(page, str) and page in state and isinstance(slices, dict)
    return str(page) if known else ""


def slices_of(saved: Mapping[str, Any], state: State) -> tuple[dict[str, Any], list[str]]:
    """Return (slices, lost) of a carried state that `page_of` knows; files have names only.

    What is remembered of other arrays is none of it.
    """
    names = (_SELECTION, saved["page"])
    slices, _ = migrated(saved["slices"], saved["page"])
    decoded, lost = decode(slices, {name: state[name] for name in names})
    decoded[saved["page"]] = _own(decoded[saved["page"]])
    return decoded, lost


def _own(slice_: Any) -> Any:
    """Return the slice of a page without what it remembers of other arrays."""
    return dataclasses.replace(slice_, remembered=()) if hasattr(slice_, "remembered") else slice_


def refs_in(value: Any) -> Iterator[DataRef]:
    """Yield every array that a frozen record refers to."""
    if isinstance(value, DataRef):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            yield from refs_in(getattr(value, one.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from refs_in(item)


def with_refs(slices: Mapping[str, Any], change: Callable[[DataRef], DataRef]) -> dict[str, Any]:
    """Return the slices with every array that `refs_in` yields changed."""
    return {name: rebuilt(value, DataRef, change) for name, value in slices.items()}


def _named(ref: DataRef) -> DataRef:
    return dataclasses.replace(ref, path=_name(ref.path))


def _name(path: str) -> str:
    return PurePath(path.replace("\\", "/")).name
