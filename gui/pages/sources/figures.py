"""What the Sources dock says in words; it draws no plots."""

from __future__ import annotations

from gui.core.document import EntryInfo, OpenFile, entry_title
from gui.core.i18n import tr, tr_sentence


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as people write it.

    Examples
    --------
    >>> shape_text((512, 64))
    '512 × 64'
    """
    return " × ".join(map(str, shape))


def entry_tooltip(path: str, entry: EntryInfo) -> str:
    """Return the name, shape, type and remark of an array, one a line."""
    name = entry_title(path, entry.name)
    lines = [name, f"{shape_text(entry.shape)}  {entry.dtype}".strip(), tr_sentence(entry.note)]
    return "\n".join(line for line in lines if line)


def file_title(file: OpenFile) -> str:
    """Return the name of a file in the tree."""
    return file.title or tr("Examples")
