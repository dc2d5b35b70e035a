"""What a person writes of a file or an array: Markdown with LaTeX, kept with the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.frozen import dataclass

SLICE = "own_notes"
KEPT = 500
LONGEST = 100_000  # characters of one


@dataclass(frozen=True)
class OwnNote:
    """A note on the array ``entry`` of the file at ``path``; on the file itself where it is ""."""

    path: str
    entry: str
    text: str


@dataclass(frozen=True)
class OwnNotes:
    """Slice "own_notes" of the state; notes on closed files are kept, too."""

    items: tuple[OwnNote, ...] = ()

    def text_of(self, path: str, entry: str = "") -> str:
        """Return the note on an array, or on a file; "" for none.

        Examples
        --------
        >>> notes = OwnNotes(OwnNotes().with_text("a.npy", "a", "$x$"))
        >>> notes.text_of("a.npy", "a"), notes.text_of("a.npy")
        ('$x$', '')
        """
        found = (one.text for one in self.items if (one.path, one.entry) == (path, entry))
        return next(found, "")

    def with_text(self, path: str, entry: str, text: str) -> tuple[OwnNote, ...]:
        """Return the notes after writing ``text``; blank takes the note away."""
        others = tuple(one for one in self.items if (one.path, one.entry) != (path, entry))
        if not text.strip():
            return others
        return (*others, OwnNote(path, entry, text[:LONGEST]))[-KEPT:]


def own_note(state: Mapping[str, Any], path: str, entry: str = "") -> str:
    """Return what a person wrote of a file and of one of its arrays, as Markdown: for a report.

    Examples
    --------
    >>> notes = (OwnNote("a.npz", "", "The file."), OwnNote("a.npz", "q", "The array."))
    >>> own_note({SLICE: OwnNotes(notes)}, "a.npz", "q")
    'The file.\\n\\nThe array.'
    """
    notes = state.get(SLICE, OwnNotes())
    said = dict.fromkeys((notes.text_of(path), notes.text_of(path, entry)))
    return "\n\n".join(text for text in said if text)
