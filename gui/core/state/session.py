"""The session as a JSON file: what a person did is there again at the next start.

The state is frozen dataclasses of plain values, so one generic pair of functions serves every
page. Whatever does not fit (an older version, a hand-edited file) falls back to its default with a
notice; nothing in a session file can prevent a start.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gui.core.state.migrate import migrated
from gui.core.state.store import State
from gui.core.words.i18n import tr

SCHEMA = 1


def to_json(state: State) -> str:
    """Return the state as JSON text."""
    slices = {name: encode(value) for name, value in state.items()}
    # ASCII: a file name that is no valid Unicode (lone surrogates) could not be written as UTF-8.
    return json.dumps({"schema": SCHEMA, "state": slices}, indent=1)


def from_json(text: str, initial: State, front: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return (slices, notices): ``initial`` with everything in ``text`` that fits it.

    ``front`` is the page in front. Never raises; a text that is no session gives ``initial`` and a
    notice.
    """
    try:
        document = json.loads(text)
        saved = document["state"]
        if document["schema"] != SCHEMA or not isinstance(saved, dict):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        return dict(initial), (tr("The last session could not be read; this is a fresh start."),)
    saved, notices = migrated(saved, front)
    slices, lost = decode(saved, initial)
    if lost:
        words = tr("Parts of the last session did not fit: {names}.")
        notices = (*notices, words.format(names=", ".join(lost)))
    return slices, notices


def encode(value: Any) -> Any:
    """Return a frozen record of plain values as what JSON can hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = (f.name for f in dataclasses.fields(value) if f.metadata.get("saved", True))
        return {name: encode(getattr(value, name)) for name in kept}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return value


def decode(saved: Mapping[str, Any], initial: State) -> tuple[dict[str, Any], list[str]]:
    """Return (slices, lost): ``initial`` with what fits of ``saved``, and the names of the rest."""
    slices, lost = dict(initial), list[str]()
    for name, value in initial.items():
        if name in saved:
            slices[name] = _restore_fields(value, saved[name], name, lost)
    return slices, lost


def _restore_fields(initial: Any, saved: Any, name: str, lost: list[str]) -> Any:
    """Return ``initial`` with what fits of ``saved``; name the other fields in ``lost``."""
    if not isinstance(saved, dict):
        lost.append(name)
        return initial
    hints = typing.get_type_hints(type(initial))
    fitting: dict[str, Any] = {}
    for field in dataclasses.fields(initial):
        if field.name in saved:
            try:
                fitting[field.name] = _decode(saved[field.name], hints[field.name])
            except (TypeError, ValueError, KeyError, OverflowError, RecursionError):
                lost.append(f"{name}.{field.name}")
    try:
        return dataclasses.replace(initial, **fitting)
    except (TypeError, ValueError):
        lost.append(name)
        return initial


def _decode(value: Any, hint: Any) -> Any:
    """Return the JSON ``value`` as the annotated type; ValueError or TypeError if it is not one."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(value, arguments)
    if origin is typing.Literal:
        if value not in arguments:
            raise ValueError(value)
        return value
    if origin is tuple:
        return _decode_tuple(value, arguments)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise TypeError(value)
        hints = typing.get_type_hints(hint)
        known = {f.name for f in dataclasses.fields(hint)}
        return hint(**{key: _decode(v, hints[key]) for key, v in value.items() if key in known})
    if hint is type(None) and value is None:
        return None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in (bool, int, float, str) and type(value) is hint:
        return value
    raise ValueError(value)


def _decode_union(value: Any, arguments: tuple[Any, ...]) -> Any:
    for argument in arguments:
        try:
            return _decode(value, argument)
        except (TypeError, ValueError, KeyError, OverflowError):
            continue
    raise ValueError(value)


def _decode_tuple(value: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(item, arguments[0]) for item in value)
    return tuple(_decode(v, hint) for v, hint in zip(value, arguments, strict=True))


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` beside ``path`` and rename: a crash leaves the old file or the new one.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
