"""What is asked of the one search: by the panel, the palette and the tree of sources. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from gui.core.state.jobs import Runs
from gui.core.state.own_notes import SLICE, OwnNotes
from gui.core.state.signal import Signal
from gui.core.state.store import Store
from gui.core.words.i18n import language

if TYPE_CHECKING:  # the search is for nobody's start
    from engine.search import Document, Group, Hit, Index, Keyword
    from gui.window.finding.personal import Personal
    from gui.window.finding.shelf import FileAway, Shelf

T = TypeVar("T")
Order = Literal["", "liked", "pinned"]
CHANNEL = "search.index"
OFFERED = "offered"  # in place of a path: what can be done only now
SEVERAL, RELATED, TRIED = 5, 12, 4


class Finder:
    """The index of one program, kept up to date behind the window; ``changed`` says it was.

    Parameters
    ----------
    store, runner : Store, Runs
        Where open files are listed, and who files them.
    folder : Path
        Where the session lies, and beside it what the person likes.
    """

    def __init__(self, store: Store, runner: Runs, folder: Path) -> None:
        self.changed = Signal()
        self._store, self._runner, self._folder = store, runner, folder
        self._filed: Any = None
        self._begun = False
        store.changed.connect(self._when_changed)

    @cached_property
    def personal(self) -> Personal:
        """What the person likes."""
        from gui.window.finding.personal import Personal

        personal = Personal(self._folder)
        personal.changed.connect(self.changed.emit)
        return personal

    @cached_property
    def _shelf(self) -> Shelf:
        from gui.window.finding.shelf import Shelf

        return Shelf()

    def _due(self) -> FileAway:
        from gui.window.finding.shelf import FileAway

        return FileAway(self._shelf, *self._listed(self._store.state), language())

    @staticmethod
    def _listed(state: Mapping[str, Any]) -> tuple[Any, Any]:
        return state["files"].items, state.get(SLICE, OwnNotes()).items

    # -- keeping up ---------------------------------------------------------------------------

    def begin(self) -> None:
        """File everything, and keep up from now on; the second time, what differs."""
        self._filed = self._listed(self._store.state)
        if not self._begun:  # the notes are found first, then read
            from gui.core.words.prepared import Ready

            self._runner.submit("notes.ready", Ready(), lambda *_: None)
        self._begun = True
        due = self._due()
        if due.is_due:
            self._runner.submit(CHANNEL, due, lambda *_: self.changed.emit())

    @property
    def is_ready(self) -> bool:
        """Whether all that is open is filed."""
        return self._begun and not self._due().is_due

    def _when_changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        if self._begun and self._listed(new) != self._filed:
            self.begin()

    def offer(self, documents: Iterable[Document]) -> None:
        """Have exactly these documents of what can be done now, beside all that is filed."""
        from gui.window.finding.shelf import OWN

        shelf = self._shelf
        own, held = shelf.held.get(OWN, set()), shelf.held.setdefault(OFFERED, set())
        new = {document.key: document for document in documents if document.key not in own}
        with shelf.asking() as index:
            for key in held - new.keys() - own:
                index.remove(key)
            for key, document in new.items():
                if key not in index or index[key] != document:
                    index.add(document)
        shelf.held[OFFERED] = set(new)

    def shutdown(self) -> None:
        """Keep up no more."""
        self._store.changed.disconnect(self._when_changed)

    # -- asking -------------------------------------------------------------------------------

    def groups(
        self,
        query: str,
        kinds: Iterable[str] | None = None,
        *,
        limit: int = SEVERAL,
        order: Order = "",
    ) -> tuple[Group, ...]:
        """Return what answers a query, kind by kind; an empty query: everything there is.

        ``order`` puts what is liked, or pinned, first within each kind.
        """
        from engine.search import Group, Hit, terms

        wanted = None if kinds is None else frozenset(kinds)
        said = bool(terms(query))
        with self._shelf.asking() as index:
            if said:
                found = index.groups(
                    query, kinds=wanted, prefix=_is_begun(query), limit=None if order else limit
                )
                hits = {hit.key: hit for group in found for hit in group.hits}
                parted = [(one.kind, one.count, [hit.key for hit in one.hits]) for one in found]
            else:
                parted = _everything(index, wanted)
                hits = {}
            return tuple(
                Group(
                    kind,
                    count,
                    tuple(
                        hits.get(key) or Hit(key, 0.0, ())
                        for key in self._ordered(index, keys, order)[:limit]
                    ),
                )
                for kind, count, keys in parted
            )

    def _ordered(self, index: Index, keys: list[str], order: Order) -> list[str]:
        from engine.search import preferred

        if order == "liked":
            return list(preferred(index, self.personal.preference(), keys))
        return self.personal.pinned_first(keys) if order == "pinned" else keys

    def related(self, key: str, limit: int = RELATED) -> tuple[Group, ...]:
        """Return what is about the same as something, kind by kind; itself is left out."""
        from engine.search import Group, related

        with self._shelf.asking() as index:
            hits = related(index, key, limit) if key in index else ()
            parted: dict[str, list[Hit]] = {}
            for hit in hits:
                parted.setdefault(index[hit.key].kind, []).append(hit)
        return tuple(Group(kind, len(mine), tuple(mine)) for kind, mine in parted.items())

    def keywords(self, key: str, limit: int = 10) -> tuple[Keyword, ...]:
        """Return what something is about."""
        from engine.search import keywords

        with self._shelf.asking() as index:
            return keywords(index, key, limit) if key in index else ()

    def document(self, key: str) -> Document | None:
        """Return what was filed under a key, None for nothing."""
        with self._shelf.asking() as index:
            return index[key] if key in index else None  # noqa: SIM401 - it is no dict

    def remark(self, key: str) -> str:
        """Return what stands beside the name of an array: its file, shape and type."""
        return self._shelf.remarks.get(key, "")

    def scores(self, query: str, kinds: Iterable[str] | None) -> dict[str, float]:
        """Return the scores of all that answers a query, the best first."""
        with self._shelf.asking() as index:
            scores = index.scores(query, kinds=kinds)
        return dict(sorted(scores.items(), key=lambda one: -one[1]))

    # -- what the tree of sources asks (`gui.core.screen.services.Finds`) -----------------------

    def arrays(self, query: str) -> frozenset[tuple[str, str]] | None:
        """Return (path, name) of the arrays that hold every word; None: none was said (yet).

        What ends in a sign is not the beginning of a longer word: "layers.7." is not layers.70.
        """
        if not query.strip():
            return None
        if not self.is_ready:
            self.begin()
            return None
        from gui.window.finding.shelf import array_of

        kinds = ("array", "example")
        with self._shelf.asking() as index:
            found = index.holding_all(query, kinds=kinds, prefix=_is_begun(query))
        return frozenset(map(array_of, found))

    def ordered(self, arrays: Iterable[tuple[str, str]], order: str) -> list[tuple[str, str]]:
        """Return arrays with what is "liked", or "pinned", first; otherwise in their order."""
        from gui.window.finding.shelf import array_key

        return self._in_order({array_key(*one): one for one in arrays}, order)

    def in_order(self, kind: str, names: Sequence[str], order: str) -> list[str]:
        """Return names of one kind ("operator", "rule") in such an order."""
        return self._in_order({f"{kind}/{name}": name for name in names}, order)

    def _in_order(self, keys: Mapping[str, T], order: str) -> list[T]:
        if order and not self._begun:  # what is not filed yet comes with `changed`
            self.begin()
        with self._shelf.asking() as index:
            return [keys[key] for key in self._ordered(index, list(keys), order)]  # type: ignore[arg-type]


def _is_begun(query: str) -> bool:
    return query[-1:].isalnum()


def _everything(index: Index, kinds: frozenset[str] | None) -> list[tuple[str, int, list[str]]]:
    """Return kind, count and keys of all there is, kind by kind as it was filed."""
    from gui.window.findable import EVERY_KIND

    parted: dict[str, list[str]] = {
        kind: [] for kind in EVERY_KIND if kinds is None or kind in kinds
    }
    for key in index:
        if (keys := parted.get(key.partition("/")[0])) is not None:
            keys.append(key)
    return [(kind, len(keys), keys) for kind, keys in parted.items() if keys]
