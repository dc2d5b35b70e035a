"""What an array is called that is shown without a name, as the call was written; who shows it."""

from __future__ import annotations

import ast
import itertools
import os
import sys
from types import CodeType, FrameType
from typing import Any

from gui.link.typed import lines_of

_LONGEST = 80
_NOTHING = "array"
_MOST = 256
# What has been read of calls: a loop shows an array again and again.
_read: dict[tuple[CodeType, int, int], tuple[str, ...] | None] = {}

# Code without a file, kept so that none comes in the place of another; and its number.
_typed: dict[int, tuple[CodeType, int]] = {}
_numbers = itertools.count(1)


def written_names(frame: FrameType | None, values: tuple[Any, ...]) -> tuple[str, ...]:
    """Return what the positional arguments of the call that runs in ``frame`` are called there.

    Where its text is not known, what the frame's variables are called that hold them: first those
    that its code mentions.
    """
    if frame is None:
        return _told_apart([_NOTHING] * len(values))
    place = frame.f_code, frame.f_lasti, len(values)
    if place not in _read:
        call = _call(frame, len(values))
        if len(_read) >= _MOST:
            _read.clear()
        texts = None if call is None else [_short(_name(one)) for one in call.args]
        _read[place] = None if texts is None else _told_apart(texts)
    if (found := _read[place]) is not None:
        return found
    code = frame.f_code
    said = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
    held = [*frame.f_locals.items(), *frame.f_globals.items()]
    held.sort(key=lambda pair: pair[0] not in said)
    names = [
        next((name for name, one in held if one is value and not name.startswith("_")), _NOTHING)
        for value in values
    ]
    return _told_apart(names)


def names_in(text: str) -> tuple[str, ...]:
    """Return what the positional arguments in the text of a call are called.

    Raises
    ------
    SyntaxError
        When it is no call.

    Examples
    --------
    >>> names_in("f(model.weight, rank=3)")
    ('model.weight',)
    """
    call = ast.parse(text.strip(), mode="eval").body
    if not isinstance(call, ast.Call):
        raise SyntaxError(text)
    return _told_apart([_short(_name(one)) for one in call.args])


def site(frame: FrameType | None) -> str:
    """Return what is the same whenever the same line of the same run calls again: a loop."""
    if frame is None:
        return ""
    typed = frame.f_globals.get("In")  # of IPython: what has been typed so far
    count = len(typed) if isinstance(typed, list) else 0
    if frame.f_code.co_filename.startswith("<"):  # at a prompt every line is the first
        count = _number(frame.f_code)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}:{count}"[:512]


def _number(code: CodeType) -> int:
    """Return a number that only this code has, not what was typed alike before."""
    if id(code) not in _typed:
        if len(_typed) >= _MOST:
            _typed.clear()
        _typed[id(code)] = code, next(_numbers)
    return _typed[id(code)][1]


def program_name() -> str:
    """Return what this program is called: what Sources says beside its arrays."""
    name = os.path.basename(sys.argv[0]) if sys.argv else ""
    if "ipykernel" in sys.modules and name.startswith(("ipykernel", "colab", "__main__")):
        return "notebook"
    return name[:200] if name not in ("", "-", "-c", "-m") else "python"


def _call(frame: FrameType, count: int) -> ast.Call | None:
    """Return the call that runs in a frame, None where its text is not known."""
    try:
        places = list(frame.f_code.co_positions())
        first, last, left, right = places[frame.f_lasti // 2]
        lines = lines_of(frame)
        if None in (first, last, left, right) or not lines:
            return None
        found = ast.parse(_text(lines, first, last, left, right), mode="eval").body
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None
    if not isinstance(found, ast.Call) or len(found.args) != count or _calls_another(found, frame):
        return None
    return None if any(isinstance(one, ast.Starred) for one in found.args) else found


def _text(lines: list[str], first: Any, last: Any, left: Any, right: Any) -> str:
    """Return what stands between two places; columns count bytes."""
    rows = [line.encode() for line in lines[first - 1 : last]]
    if len(rows) != last - first + 1:
        raise IndexError(last)
    rows[-1] = rows[-1][:right]
    rows[0] = rows[0][left:]
    return b"".join(rows).decode()


def _calls_another(found: ast.Call, frame: FrameType) -> bool:
    """Whether the call is of something that calls in turn what it is given: ``map(show, ...)``."""
    if not isinstance(found.func, ast.Name):
        return False
    name = found.func.id
    spaces = (frame.f_locals, frame.f_globals, frame.f_builtins)
    called = next((space[name] for space in spaces if name in space), None)
    above: FrameType | None = sys._getframe()
    while above is not None and above.f_back is not frame:
        above = above.f_back
    return above is not None and getattr(called, "__code__", None) is not above.f_code


def _name(one: ast.expr) -> str:
    return one.target.id if isinstance(one, ast.NamedExpr) else ast.unparse(one)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _told_apart(names: list[str]) -> tuple[str, ...]:
    """Return names with a number behind those that are taken already.

    Examples
    --------
    >>> _told_apart(["a", "b", "a"])
    ('a', 'b', 'a (2)')
    """
    found: list[str] = []
    for name in names:
        again = sum(one == name or one.startswith(f"{name} (") for one in found)
        found.append(f"{name} ({again + 1})" if again else name)
    return tuple(found)
