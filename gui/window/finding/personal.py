"""What a person looked at, likes and has pinned: kept beside the session, and nowhere else. No Qt.

It is part of no session, export, report or picture; a file that cannot be read is an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.errors import ArgumentError
from engine.search import History, Keyword
from engine.search.preference import MOST
from gui.core.state.session import decode, encode, parsed, read_ordinary, write_atomically
from gui.core.state.signal import Signal
from gui.frozen import dataclass

NAME = "interests.json"
PINS_KEPT = 500
_LARGEST = 1 << 20  # bytes of the file; what is more was not written here


@dataclass(frozen=True)
class Kept:
    """What the file holds: words with their weights, words that were set, keys of what is pinned.

    ``recording`` says whether what is opened is remembered.
    """

    recording: bool = True
    words: tuple[tuple[str, float], ...] = ()
    wanted: str = ""
    pins: tuple[str, ...] = ()


class Personal:
    """Interests, preference and pins; every change is saved at once and told by ``changed``.

    Parameters
    ----------
    folder : Path
        Where the session lies.
    """

    def __init__(self, folder: Path) -> None:
        self.changed = Signal()
        self._path = folder / NAME
        self._kept, self._history = _read(self._path)

    @property
    def recording(self) -> bool:
        """Whether what is opened is remembered."""
        return self._kept.recording

    @property
    def wanted(self) -> str:
        """The words that a person set; "" for none."""
        return self._kept.wanted

    def interests(self, limit: int | None = 20) -> dict[str, float]:
        """Return the heaviest words of what was opened, the heaviest first."""
        return self._history.top(limit)

    def preference(self) -> str | dict[str, float]:
        """Return what is liked, as a query: the words set, or the 20 heaviest interests."""
        return self._kept.wanted or self._history.top()

    def seen(self, keywords: Iterable[Keyword]) -> None:
        """Remember what was opened, unless that is switched off."""
        words = tuple(keywords)
        if self._kept.recording and words:
            self._keep(self._kept, self._history.seen(words))

    def forget(self, word: str) -> None:
        """Take a word out."""
        left = tuple(one for one in self._history.words if one.word != word)
        self._keep(self._kept, History(left))

    def forget_all(self) -> None:
        """Take every word out; pins and the words set stay."""
        self._keep(self._kept, History())

    def record(self, on: bool) -> None:
        """Remember what is opened from now on, or not."""
        self._keep(replace(self._kept, recording=on), self._history)

    def want(self, text: str) -> None:
        """Set the words that are liked; "" goes by the interests again."""
        self._keep(replace(self._kept, wanted=text.strip()), self._history)

    def is_pinned(self, key: str) -> bool:
        """Whether a person has pinned it."""
        return key in self._kept.pins

    def pin(self, key: str, on: bool) -> None:
        """Pin something, or take the pin away."""
        others = tuple(one for one in self._kept.pins if one != key)
        pins = (*others, key)[-PINS_KEPT:] if on else others
        self._keep(replace(self._kept, pins=pins), self._history)

    def pinned_first(self, keys: Iterable[str]) -> list[str]:
        """Return keys with the pinned ones first; otherwise in their order."""
        pins = frozenset(self._kept.pins)
        return sorted(keys, key=lambda key: key not in pins)

    def _keep(self, kept: Kept, history: History) -> None:
        words = tuple((one.word, one.weight) for one in history.words)
        kept = replace(kept, words=words)
        if kept == self._kept:
            return
        self._kept, self._history = kept, history
        with suppress(OSError):  # a full disk or a read-only home costs the interests, not the work
            write_atomically(self._path, json.dumps({"personal": encode(kept)}))
        self.changed.emit()


def _text(path: Path) -> str:
    return read_ordinary(path, _LARGEST).decode("utf-8")


def _read(path: Path) -> tuple[Kept, History]:
    try:
        saved, _ = parsed(_text(path))
        found = decode(saved, {"personal": Kept()})[0]["personal"]
        words = tuple(Keyword(word, weight) for word, weight in found.words[:MOST])
        return replace(found, pins=found.pins[-PINS_KEPT:]), History(words)
    except (OSError, ValueError, TypeError, RecursionError, ArgumentError):
        return Kept(), History()
