"""The text of code that stands in no file: typed at a prompt or in a debugger, given to exec or -c.

Python forgets it, but whoever has it compiled holds it still: among the variables of the functions
that run it, on the command line, in the history of the prompt. It is the text if the same code
comes of it.
"""

from __future__ import annotations
import __future__

import contextlib
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FrameType

_LONGEST = 100_000  # characters of a text
_ABOVE = 8  # functions between a debugger's prompt and what it runs
_TYPED = 30  # lines of one thing typed at a prompt


def lines_of(frame: FrameType) -> list[str]:
    """Return the lines of the text that the code of a frame stands in, [] where nobody has it.

    Examples
    --------
    >>> eval("lines_of(sys._getframe())", {"lines_of": lines_of, "sys": sys})
    ['lines_of(sys._getframe())']
    """
    if found := linecache.getlines(frame.f_code.co_filename, frame.f_globals):
        return found
    whole = _whole(frame)
    if whole is None:
        return []
    texts = (text for text in _texts(whole) if len(text) <= _LONGEST)
    return next((text.splitlines(True) for text in texts if _makes(text, whole.f_code)), [])


def _whole(frame: FrameType) -> FrameType | None:
    """Return the frame that runs the whole text, None where it has ended."""
    found: FrameType | None = frame
    while found is not None and found.f_code.co_name != "<module>":
        found = found.f_back
    same = found is not None and found.f_code.co_filename == frame.f_code.co_filename
    return found if same else None


def _texts(frame: FrameType) -> Iterator[str]:
    above = frame.f_back
    for _ in range(_ABOVE):
        if above is None:
            break
        held = [*above.f_locals.values(), *above.f_code.co_consts]  # exec("..."): a constant
        yield from (one for one in held if isinstance(one, str))
        above = above.f_back
    words = sys.orig_argv
    yield from words[words.index("-c") + 1 :][:1] if "-c" in words else ()
    history = sys.modules.get("readline")
    last = history.get_current_history_length() if history is not None else 0
    text = ""
    for number in range(last, max(0, last - _TYPED), -1):
        text = f"{history.get_history_item(number) or ''}\n{text}" if history is not None else ""
        yield text


def _makes(text: str, code: CodeType) -> bool:
    if not all(name in text for name in code.co_names):
        return False  # most texts, at once
    flags = code.co_flags & __future__.annotations.compiler_flag  # as who calls exec has it
    for mode in ("exec", "single", "eval"):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            if compile(text, code.co_filename, mode, flags, dont_inherit=True) == code:
                return True
    return False
