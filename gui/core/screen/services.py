"""What a page is given to live on; the window makes one and hands it to every page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from gui.core.paint.theme import Theme
from gui.core.state.document import Arrays
from gui.core.state.jobs import Runs
from gui.core.state.library import Library, arrays_at_hand
from gui.core.state.signal import Signal
from gui.core.state.store import Store
from gui.core.widgets.dialogs import Dialogs
from gui.frozen import dataclass

T = TypeVar("T")
WRITTEN, _WRITTEN_KEPT = "files/written", 16  # folders that were written to, the last at the end


class Remembers(Protocol):
    """What outlives a session: `gui.window.settings.Settings`."""

    def value(self, key: str, default: T) -> T:
        """Return the value of ``key`` in the type of ``default``; ``default`` if it has none."""
        ...

    def set_value(self, key: str, value: Any) -> None:
        """Remember ``value``."""
        ...

    def sync(self) -> None:
        """Write to disk now."""
        ...

    def recent_files(self) -> list[str]:
        """Return the files opened last, newest first."""
        ...

    def add_recent(self, path: str) -> None:
        """Put ``path`` first among the recent files."""
        ...

    def remove_recent(self, path: str) -> None:
        """Forget a recent file."""
        ...


def remember_written(settings: Remembers, folder: str) -> None:
    """Remember a folder that is written to: what a killed process leaves there is cleared later."""
    others = [one for one in settings.value(WRITTEN, [""]) if one not in ("", folder)]
    settings.set_value(WRITTEN, [*others, folder][-_WRITTEN_KEPT:])


class Finds(Protocol):
    """The one search, as far as a page asks it: `gui.window.finding.finder.Finder`.

    ``changed()`` is told when more has been filed, or what is liked or pinned has changed.
    """

    changed: Signal

    def arrays(self, query: str) -> frozenset[tuple[str, str]] | None:
        """Return (path, name) of the arrays that hold every word; None: none was said (yet)."""
        ...

    def ordered(self, arrays: Iterable[tuple[str, str]], order: str) -> list[tuple[str, str]]:
        """Return arrays with what is "liked", or "pinned", first; otherwise in their order."""
        ...

    def in_order(self, kind: str, names: Sequence[str], order: str) -> list[str]:
        """Return names of one kind ("operator", "rule") in such an order."""
        ...


@dataclass(frozen=True)
class Context:
    """The services of the window.

    ``notify(text, severity)`` says a sentence ("info": in the status line for a while;
    "warning", "error": over the page until closed). ``show_page(key)`` brings a page to the front.
    ``offer(text, label, act)`` says a sentence with a button that answers it. ``withdraw(text)``
    takes back one that holds no longer.
    """

    store: Store
    runner: Runs
    library: Library
    theme: Theme
    settings: Remembers
    dialogs: Dialogs
    finds: Finds
    notify: Callable[[str, str], None]
    show_page: Callable[[str], None]
    offer: Callable[[str, str, Callable[[], None]], None]
    withdraw: Callable[[str], None] = lambda text: None

    @property
    def arrays(self) -> Arrays:
        """Every array that can be read now."""
        return arrays_at_hand(self.store["files"], self.store["selection"], self.library)
