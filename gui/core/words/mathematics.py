r"""Where a formula stands in a text: ``$..$``, ``$$..$$``, ``\(..\)``, ``\[..\]``, environments."""

from __future__ import annotations

import re

from gui.frozen import dataclass

_ENVIRONMENTS = (
    "equation|multline|gather|align|alignat|flalign|eqnarray|displaymath|math|split|aligned|"
    "alignedat|gathered|cases|dcases|array|matrix|pmatrix|bmatrix|Bmatrix|vmatrix|Vmatrix"
)
_BEGIN = re.compile(rf"\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")


class NotText(TypeError):
    """What should be text and is something else."""


def require_text(what: str, given: object) -> None:
    """Refuse in words what is not text.

    Raises
    ------
    NotText
        When ``given`` is no string.
    """
    if not isinstance(given, str):
        raise NotText(f"{what} is text (str); this is {type(given).__name__}")


@dataclass(frozen=True)
class Found:
    """A formula in a text: its LaTeX without what encloses it, and where it ends."""

    tex: str
    display: bool
    end: int


def formula_at(text: str, start: int, stop: int | None = None) -> Found | None:
    """Return the formula that opens at ``start``, or None.

    Examples
    --------
    >>> formula_at("$a$ b", 0)
    Found(tex='a', display=False, end=3)
    >>> formula_at("$5 and $6", 0) is None
    True
    """
    stop = len(text) if stop is None else stop
    if text.startswith("$", start):
        dollars = _run(text, start, stop)
        if dollars > 2:
            return None
        return (_single if dollars == 1 else _double)(text, start, stop)
    if text.startswith(("\\(", "\\["), start):
        return _bracketed(text, start, stop)
    if begin := _BEGIN.match(text, start, stop):
        return _environment(text, begin, stop)
    return None


def _run(text: str, at: int, stop: int) -> int:
    end = at
    while end < stop and text[end] == "$":
        end += 1
    return end - at


def _single(text: str, start: int, stop: int) -> Found | None:
    end = _closing(text, "$", start + 1, stop)
    if end < 0:
        return None
    tex = text[start + 1 : end]
    before, behind = text[start - 1 : start], text[end + 1 : min(end + 2, stop)]
    if not tex or tex[0].isspace() or tex[-1].isspace():
        return None
    if before.isdecimal() or behind.isdecimal():
        return None
    if tex.count("`") % 2:  # a code span begins here: it binds tighter
        return None
    return Found(tex, False, end + 1)


def _double(text: str, start: int, stop: int) -> Found | None:
    end = start + 2
    while (end := _closing(text, "$", end, stop)) >= 0:
        dollars = _run(text, end, stop)
        if dollars == 2:
            tex = text[start + 2 : end].strip()
            return Found(tex, True, end + 2) if tex else None
        end += dollars
    return None


def _bracketed(text: str, start: int, stop: int) -> Found | None:
    closing = "\\)" if text[start + 1] == "(" else "\\]"
    end = _closing(text, closing, start + 2, stop)
    tex = text[start + 2 : end].strip()
    # Without a letter or digit these are Markdown's own escaped brackets.
    if end < 0 or not any(char.isalnum() for char in tex):
        return None
    return Found(tex, closing == "\\]", end + 2)


def _environment(text: str, begin: re.Match[str], stop: int) -> Found | None:
    depth = 0
    for found in re.compile(rf"\\(begin|end)\{{{re.escape(begin[1])}\}}").finditer(
        text, begin.start(), stop
    ):
        depth += 1 if found[1] == "begin" else -1
        if depth == 0:
            return Found(text[begin.start() : found.end()], True, found.end())
    return None


def _closing(text: str, mark: str, at: int, stop: int) -> int:
    """Return where ``mark`` stands next, not escaped by a backslash, or -1."""
    while at < stop:
        if text.startswith(mark, at):
            return at
        at += 2 if text[at] == "\\" else 1
    return -1
