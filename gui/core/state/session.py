"""The session as a JSON file: what a person did is there again at the next start.

The state is frozen dataclasses of plain values, so one generic pair of functions serves every
page. Whatever does not fit (an older version, a hand-edited file) falls back to its default with a
notice; nothing in a session file can prevent a start.
"""

from __future__ import annotations

import collections
import dataclasses
import errno
import functools
import json
import math
import os
import re
import stat
import tempfile
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gui.core.state.migrate import migrated
from gui.core.state.store import State
from gui.core.words.i18n import tr

SCHEMA = 1
LARGEST = 64 << 20  # bytes; what is larger was not written by a session
_LARGEST_WHOLE = 2**63 - 1  # of whole numbers
_MOST_RECORDS, _MOST_VALUES = 1000, 100_000  # in a list from outside
_NAMED = 6
_PLAIN = (str, int, float, bool, type(None))
_LONG, _MOST_WRITTEN = 500, 16  # a list whose text is kept; how many of them
_written: dict[int, tuple[Any, str]] = {}
_DIGITS = 20  # of whole numbers; more than a few thousand Python does not even read
_DEEPEST = 40  # brackets within brackets
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_UNFIT = (TypeError, ValueError, KeyError, OverflowError, RecursionError)


def to_json(state: State) -> str:
    """Return the state as JSON text."""
    # ASCII: a file name that is no valid Unicode (lone surrogates) could not be written as UTF-8.
    slices = ", ".join(f"{json.dumps(name)}: {_text(value)}" for name, value in state.items())
    return f'{{"schema": {SCHEMA}, "state": {{{slices}}}}}'


def from_json(
    text: str, initial: State, front: str = "", path: str = ""
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return (slices, notices): ``initial`` with everything in ``text`` that fits it.

    ``front`` is the page in front, ``path`` the file where it is not the last session that is read.
    Never raises; what is no session gives ``initial`` and a notice, of a file nothing and a notice.
    """
    try:
        document, twice = parsed(text)
        saved = document["state"]
        if document["schema"] != SCHEMA or not isinstance(saved, dict):
            raise ValueError
        saved, notices = migrated(saved, front)
    except _UNFIT:
        if path:
            return {}, (tr("{path} holds no session that can be read.", path=path),)
        return dict(initial), (tr("The last session could not be read; this is a fresh start."),)
    slices, lost = decode(saved, initial)
    if lost:
        words = tr("Parts of the last session did not fit: {names}.", names=names_in_short(lost))
        if path:
            words = tr(
                "Parts of {path} did not fit: {names}.", path=path, names=names_in_short(lost)
            )
        notices = (*notices, words)
    if twice:
        words = tr("Written twice, the last counts: {names}.", names=names_in_short(twice))
        notices = (*notices, words)
    return slices, notices


def parsed(text: str) -> tuple[Any, list[str]]:
    """Return what a JSON text from outside says, and the names that an object in it has twice.

    What no state of ours can be in it is None: whole numbers of more digits than any has, and what
    lies too deep.

    Raises
    ------
    ValueError
        When it is no JSON.

    Examples
    --------
    >>> parsed('{"a": 1, "a": 2, "b": ' + "9" * 5000 + "}")
    ({'a': 2, 'b': None}, ['a'])
    """
    twice: list[str] = []

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            count = collections.Counter(name for name, _ in pairs)
            twice.extend(name for name, times in count.items() if times > 1)
        return found

    def read(text: str) -> Any:
        return json.loads(text, parse_int=_whole, object_pairs_hook=fields)

    try:
        return read(text), twice
    except RecursionError:
        twice.clear()
        return read(_shallow(text)), twice


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= _DIGITS else None


def _shallow(text: str) -> str:
    """Return JSON with null in place of what lies too deep."""
    depth = start = first = 0
    parts: list[str] = []
    for found in _BRACKETS.finditer(text):
        if (sign := found.group()) in "[{":
            depth += 1
            first = found.start() if depth == _DEEPEST else first
        elif sign in "]}":
            if depth == _DEEPEST:
                parts += text[start:first], "null"
                start = found.end()
            depth -= 1
    return "".join((*parts, text[start:]))


def encode(value: Any) -> Any:
    """Return a frozen record of plain values as what JSON can hold."""
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    kind: Any = type(value)
    kept = _saved_names(kind)
    if kept is None:
        return value
    return {
        name: one if type(one := getattr(value, name)) in _PLAIN else encode(one) for name in kept
    }


def _text(value: Any) -> str:
    """Return what `encode` returns, as JSON; a long list that was written before is not again."""
    if isinstance(value, tuple) and len(value) > _LONG:
        known, text = _written.get(id(value), (None, ""))
        if known is not value:
            text = json.dumps(encode(value))
        _written.pop(id(value), None)
        _written[id(value)] = value, text  # the newest last
        while len(_written) > _MOST_WRITTEN:
            del _written[next(iter(_written))]
        return text
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(_text, value))}]"
    kind: Any = type(value)
    kept = _saved_names(kind)
    if kept is None:
        return json.dumps(value)
    pairs = (f'"{name}": {_text(getattr(value, name))}' for name in kept)
    return f"{{{', '.join(pairs)}}}"


@functools.cache
def _saved_names(kind: Any) -> tuple[str, ...] | None:
    """Return the fields of a record that are kept; None of what is no record."""
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple(f.name for f in dataclasses.fields(kind) if f.metadata.get("saved", True))


def decode(saved: Mapping[str, Any], initial: State) -> tuple[dict[str, Any], list[str]]:
    """Return (slices, lost): ``initial`` with what fits of ``saved``, and the names of the rest.

    A list keeps what fits of it, and no more than its records allow (``MOST``), the newest.
    """
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
    kind: Any = type(initial)
    hints = _hints(kind)
    fitting: dict[str, Any] = {}
    for field in dataclasses.fields(initial):
        if field.name in saved:
            place = f"{name}.{field.name}"
            try:
                fitting[field.name] = _decode(saved[field.name], hints[field.name], place, lost)
            except _UNFIT:
                lost.append(place)
    try:
        return _possible(dataclasses.replace(initial, **fitting))
    except (TypeError, ValueError):
        lost.append(name)
        return initial


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _possible(record: Any) -> Any:
    """Return a record, which says itself what of it there cannot be: ``is_possible``."""
    if not getattr(record, "is_possible", True):
        raise ValueError(record)
    return record


def _decode(value: Any, hint: Any, place: str, lost: list[str]) -> Any:
    """Return the JSON ``value`` as the annotated type; ValueError or TypeError if it is not one."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(value, arguments, place, lost)
    if origin is typing.Literal:
        if value not in arguments:
            raise ValueError(value)
        return value
    if origin is tuple:
        return _decode_tuple(value, arguments, place, lost)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise TypeError(value)
        hints = _hints(hint)
        known = {f.name for f in dataclasses.fields(hint)} & value.keys()
        return _possible(
            hint(**{key: _decode(value[key], hints[key], f"{place}.{key}", lost) for key in known})
        )
    if hint is type(None) and value is None:
        return None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in (bool, int, float, str) and type(value) is hint:
        if hint is int and not -_LARGEST_WHOLE <= value <= _LARGEST_WHOLE:
            raise ValueError(value)
        if hint is float and math.isnan(value):  # -inf is a score that is masked
            raise ValueError(value)
        return value
    raise ValueError(value)


def _decode_union(value: Any, arguments: tuple[Any, ...], place: str, lost: list[str]) -> Any:
    for argument in arguments:
        try:
            return _decode(value, argument, place, lost)
        except _UNFIT:
            continue
    raise ValueError(value)


def _decode_tuple(
    value: Any, arguments: tuple[Any, ...], place: str, lost: list[str]
) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    if len(arguments) != 2 or arguments[1] is not Ellipsis:
        pairs = zip(value, arguments, strict=True)
        return tuple(_decode(item, hint, place, lost) for item, hint in pairs)
    item = arguments[0]
    records = dataclasses.is_dataclass(item)
    most = getattr(item, "MOST", _MOST_RECORDS) if records else _MOST_VALUES
    if len(value) > most:
        lost.append(place)
        value = value[-most:]
    if not records:
        return tuple(_decode(one, item, place, lost) for one in value)
    found = []
    for number, one in enumerate(value):
        try:
            found.append(_decode(one, item, f"{place}[{number}]", lost))
        except _UNFIT:
            lost.append(f"{place}[{number}]")
    return tuple(found)


def names_in_short(lost: Sequence[str]) -> str:
    """Return names of what was lost in a line, of many the first.

    Examples
    --------
    >>> names_in_short(["a", "b", "a"]), names_in_short([f"x{i}" for i in range(9)])
    ('a, b', 'x0, x1, x2, x3, x4, x5 and 3 more')
    """
    names = list(dict.fromkeys(lost))
    shown = ", ".join(names[:_NAMED])
    if len(names) <= _NAMED:
        return shown
    return tr("{names} and {count} more", names=shown, count=len(names) - _NAMED)


def read_ordinary(path: Path, most: int) -> bytes:
    """Return at most ``most`` bytes of a file; a pipe in its place would be waited for for ever.

    Raises
    ------
    OSError
        When there is none, it cannot be read, or it is a folder, a device or a pipe.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "no ordinary file", str(path))
    with path.open("rb") as file:
        return file.read(most)


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
