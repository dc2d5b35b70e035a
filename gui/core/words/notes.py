"""The notes as they lie in the assets: ``notes/KEY.LANGUAGE.md`` tells the theory of a page.

It is Markdown; a line ``<!-- view -->`` before a heading names the view that the section explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gui.core.words.resources import asset
from gui.frozen import dataclass

_SECTION = re.compile(r"<!-- (\w+) -->\n#+ (.+)\n")
_ANY_SECTION = re.compile(r"^(?:<!-- (\w+) -->\n)?#+ (.+)$", re.MULTILINE)
_MARK = re.compile(r"<!-- \w+ -->\n")
# Markdown reads the end of a line as a blank; Chinese has none between its characters.
_WIDE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BROKEN_CHINESE = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")


def read_note(key: str, speech: str) -> tuple[str, dict[str, str]]:
    """Return the Markdown of a page's note, and the heading of each section by view.

    A language without a note of its own has the English one.

    Raises
    ------
    FileNotFoundError
        When the page has no note at all.
    """
    text = _read(key, speech)
    headings = {found[1]: found[2] for found in _SECTION.finditer(text)}
    return _BROKEN_CHINESE.sub("", _MARK.sub("", text)), headings


@dataclass(frozen=True)
class Section:
    """A heading of a note and what stands below it, up to the next.

    Attributes
    ----------
    key : str
        The view that it explains; of another section the words of its English heading.
    heading, text : str
        Its words, and the Markdown without its heading.
    """

    key: str
    heading: str
    text: str


def note_sections(key: str, speech: str) -> tuple[Section, ...]:
    """Return the sections of a page's note; their keys are the same in every language.

    Raises
    ------
    FileNotFoundError
        When the page has no note at all.

    Examples
    --------
    >>> [section.key for section in note_sections("column_row", "zh_CN")][:2]
    ['column-row-approximation', 'how-to-read-this']
    """
    keys = (
        view or "-".join(re.findall(r"\w+", heading.casefold()))
        for view, heading, _ in _sections(key, "en")
    )
    said = _sections(key, speech)
    return tuple(Section(name, *rest) for name, (_, *rest) in zip(keys, said, strict=True))


def _sections(key: str, speech: str) -> Iterator[tuple[str, str, str]]:
    """Yield the view, the heading and the text of each section."""
    text = _read(key, speech)
    found = list(_ANY_SECTION.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    for one, end in zip(found, ends, strict=True):
        body = text[one.end() : end].strip()
        yield one[1] or "", one[2], _BROKEN_CHINESE.sub("", body)


def _read(key: str, speech: str) -> str:
    try:
        path = asset(f"notes/{key}.{speech}.md")
    except FileNotFoundError:
        path = asset(f"notes/{key}.en.md")
    return path.read_text(encoding="utf-8")
