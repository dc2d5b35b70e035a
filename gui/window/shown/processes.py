"""Arrays of running programs among the open files: one an array, which the same name updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gui.core.declare.answers import Answers
from gui.core.declare.draw import refuse_outside
from gui.core.declare.edits import edited
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.screen.services import Context
from gui.core.state.document import DataRef, Files, reference
from gui.core.state.figure_state import with_refs
from gui.core.state.listed import PROCESSES, OpenFile, is_shown, program_of
from gui.core.state.store import State
from gui.core.words.i18n import tr
from gui.draw import given_of, opened_from
from gui.link.server import Client
from gui.pages import PAGES
from gui.pages.sources.compute.opening import entries_of, same_entry

Values = Mapping[str, Mapping[str, Any]]  # by parameter and page that may take it


class Processes:
    """What running programs have shown, kept in the store and the library."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._places: dict[
            Client, str
        ] = {}  # of who is there; another run has that of an ended one
        self._sites: dict[str, str] = {}  # from where in a program each array was last shown

    def show(self, client: Client, arrays: Mapping[str, Any], values: Values, site: str) -> str:
        """Show arrays as the program has them now; return the page whose parameters are set.

        An array is selected that is new, or shown from another line of the program than the last
        time: what a loop shows again and again leaves the selection alone.

        Raises
        ------
        ValueError
            With a sentence, when the array does not allow a value.
        """
        from engine.files import memory_source

        sources = {name: memory_source({name: array}) for name, array in arrays.items()}
        first = next(iter(sources))
        fields = self._fields(sources[first], first, values)
        files = [self._file(client, name, source) for name, source in sources.items()]
        known = {one.path: one for one in self._files().items}
        select = files[0].path not in known or self._sites.get(files[0].path) != site
        for file, source in zip(files, sources.values(), strict=True):
            self._sites[file.path] = site
            self._context.library.put(file.path, source)
        self._amend([one for one in files if one != known.get(one.path, one)])
        self._tell_store([one for one in files if one.path not in known], files[0], select, fields)
        for file in files:
            self._context.library.tell(file.path)
        return next(iter(fields), "")

    def _fields(self, source: Any, name: str, values: Values) -> dict[str, dict[str, Any]]:
        """Return what changes of each page: the first that takes a value with this array."""
        given = given_of(opened_from(source, name)) if values else {}
        found: dict[str, dict[str, Any]] = {}
        for parameter, places in values.items():
            refused: ValueError | None = None
            for key, value in places.items():
                try:
                    fields = self._allowed(key, given, found.get(key, {}), parameter, value)
                except ValueError as error:
                    refused = refused or error
                    continue
                found.setdefault(key, {}).update(fields)
                break
            else:
                assert refused is not None
                raise refused
        return found

    def _allowed(
        self, key: str, given: Mapping[type, Any], before: dict[str, Any], name: str, value: Any
    ) -> dict[str, Any]:
        """Return the fields that a value changes, where the array allows it."""
        page = next(one for one in PAGES if one.key == key)
        state, mine = replace(self._context.store[key], **before), _of_page(page, given)
        one = page.parameters[name]
        fields = edited(page, Moment(page, state, mine, Answers()), one, value)
        then = Moment(page, replace(state, **fields), mine, Answers())
        refuse_outside([one], then, {name: value})
        return fields

    def _file(self, client: Client, name: str, source: Any) -> OpenFile:
        path = f"{PROCESSES}{self._place(client)}/{name}"
        return OpenFile(path, _title(client), entries_of(source))

    def _place(self, client: Client) -> str:
        if client not in self._places:
            taken = set(self._places.values())
            program = client.program or "python"
            self._places[client] = f"{program}:{client.pid}" if program in taken else program
        return self._places[client]

    def _tell_store(
        self, new: list[OpenFile], first: OpenFile, select: bool, fields: dict[str, dict[str, Any]]
    ) -> None:
        changes = dict(fields)
        if new:
            changes["files"] = {"items": (*new, *self._files().items)}
        if select:
            changes["selection"] = {"active": self._reference(first)}
        name = first.entries[0].name
        if changes:
            self._context.store.replace_many(
                changes, label=tr("show {name}", name=name), merge=f"show.{first.path}"
            )

    def _reference(self, file: OpenFile) -> DataRef:
        entry = file.entries[0]
        seen = self._context.store["selection"].view_of(file.path, entry.name)
        return reference(file, entry, seen.index, seen.view) if seen else reference(file, entry)

    def _amend(self, files: Sequence[OpenFile]) -> None:
        """Have every state say what arrays are now: their shapes, or which process shows them."""
        if not files:
            return
        new = {one.path: one for one in files}
        entries = {one.path: one.entries for one in self._files().items}
        other = {path: one for path, one in new.items() if one.entries != entries[path]}
        done: dict[int, tuple[Any, Any]] = {}  # most states have most slices in common

        def same(ref: DataRef) -> DataRef:
            return same_entry(other[ref.path], ref) if ref.path in other else ref

        def referred(slice_: Any) -> Any:
            if other and id(slice_) not in done:
                done[id(slice_)] = slice_, with_refs({"": slice_}, same)[""]
            return done[id(slice_)][1] if other else slice_

        def amended(state: State) -> State:
            items = tuple(new.get(one.path, one) for one in state["files"].items)
            slices = {name: referred(one) for name, one in state.items() if name != "files"}
            return {**slices, "files": Files(items)}

        self._context.store.amend(amended)

    def leave(self, client: Client) -> None:
        """Say that a program has ended; what it showed stays."""
        place = self._places.pop(client, None)
        if place is None:
            return
        title = tr("{process}, ended", process=_title(client))
        mine = [one for one in self._files().items if program_of(one.path) == f"{PROCESSES}{place}"]
        self._amend([replace(one, title=title) for one in mine])

    def forget_closed(self) -> None:
        """Forget from where arrays were shown that have been closed since."""
        known = {one.path for one in self._files().items if is_shown(one.path)}
        self._sites = {path: site for path, site in self._sites.items() if path in known}

    def _files(self) -> Files:
        files: Files = self._context.store["files"]
        return files


def _of_page(page: Page, given: Mapping[type, Any]) -> dict[type, Any]:
    return {kind: one for kind, one in given.items() if kind in page.given}


def _title(client: Client) -> str:
    return f"{client.program or 'python'} ({client.pid})"
