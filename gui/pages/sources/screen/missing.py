"""What becomes of missing and infinite entries of the selected array: the count, the choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.core.paint.head.labels import PlainLabel
from gui.core.paint.theme import SPACING
from gui.core.screen.services import Context
from gui.core.state.document import DataRef, Selection
from gui.core.state.figure_state import refs_in
from gui.core.state.missing import bad_counts
from gui.core.widgets.controls import ChoiceControl
from gui.core.words.i18n import tr
from gui.pages.sources.compute.missing import Counted, CountRequest, Flaws

# Of larger arrays the pages say it, and a choice that needs the rows has them found.
COUNTED_ENTRIES = 1 << 27
KEPT = 64
KEEP = "keep"


class MissingPicker(QWidget):
    """The count of bad entries and what is done about them; hidden where there is none."""

    edited = Signal(str)  # "" or what is done about them

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        self.count = PlainLabel(wordWrap=True)
        choices = (
            (KEEP, tr("as in the file")),
            ("zero", tr("replaced by 0")),
            ("column_mean", tr("replaced by column mean")),
            ("leave_rows_out", tr("their rows left out")),
        )
        tip = tr("Made once for the array: every page, export and copied call goes by it")
        self.choice = ChoiceControl(tr("Missing"), choices, tooltip=tip)
        self.choice.edited.connect(lambda key: self.edited.emit("" if key == KEEP else key))
        layout.addWidget(self.count)
        layout.addWidget(self.choice)
        self.hide()

    def set_flaws(self, flaws: Flaws | None, repair: str) -> None:
        """Show what was found, None while that is not known; emits nothing."""
        self.choice.set_value(repair or KEEP)
        self.count.setText(flaws_text(flaws) if flaws is not None and flaws.count else "")
        self.setVisible(bool(repair) or (flaws is not None and flaws.count > 0))


def flaws_text(flaws: Flaws) -> str:
    """Return how many entries are bad, and in how many rows."""
    return tr(
        "{what} in {rows} of {total} rows",
        what=bad_counts(flaws.nan, flaws.plus, flaws.minus),
        rows=flaws.rows,
        total=flaws.total_rows,
    )


class Counting:
    """Counts the bad entries of the selected array, and finds the rows that stay where rows of an
    array are left out, off the GUI thread.

    ``told()`` is called when something was found.
    """

    def __init__(self, context: Context, told: Callable[[], None]) -> None:
        self._context, self._told = context, told
        self._found: dict[DataRef, Counted] = {}
        self._asked: dict[DataRef, Any] = {}  # with the source that was asked
        context.store.changed.connect(self._when_changed)
        context.library.listen(self._when_opened)

    def stop(self) -> None:
        """Count no more."""
        self._context.store.changed.disconnect(self._when_changed)
        self._context.library.leave(self._when_opened)

    def flaws(self, ref: DataRef | None) -> Flaws | None:
        """Return what was found in ``ref``, None where that is not known."""
        found = self._known(ref) if ref is not None else None
        return found.flaws if found is not None else None

    def _known(self, ref: DataRef) -> Counted | None:
        found = self._found.get(ref)
        current = found is not None and found.source is self._context.library.get(ref.path)
        return found if current else None

    def _when_changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self.look()

    def _when_opened(self, path: str) -> None:
        self.look()

    def look(self) -> None:
        """Have counted what is not known yet."""
        selection: Selection = self._context.store["selection"]
        for ref in self._rows_wanted(selection):
            self._provide_rows(ref)
        active = selection.active
        if active is not None and _worth_counting(active) and self._known(active) is None:
            self._ask(active, "sources.count")

    def _rows_wanted(self, selection: Selection) -> Iterator[DataRef]:
        arrays = {one.ref.array for one in selection.repairs if one.repair == "leave_rows_out"}
        pinned = any(_leaves_rows_out(value) for value in self._context.store.state.values())
        if arrays or pinned:
            refs = (ref for value in self._context.store.state.values() for ref in refs_in(value))
            wanted = {ref: None for ref in refs if pinned or ref.array in arrays}
            yield from wanted

    def _provide_rows(self, ref: DataRef) -> None:
        library, found = self._context.library, self._known(ref)
        if found is None:
            self._ask(ref, f"sources.rows.{ref.title}")
        elif dict(library.rows()).get(ref) is not found.rows:
            library.add_rows(ref, found.source, found.rows)

    def _ask(self, ref: DataRef, channel: str) -> None:
        source = self._context.library.get(ref.path)
        if source is None or self._asked.get(ref) is source:
            return
        self._asked[ref] = source
        self._context.runner.submit(
            channel, CountRequest(ref, source), self._when_counted, self._when_failed
        )

    def _when_counted(self, request: CountRequest, found: Counted) -> None:
        self._found[found.ref] = found
        for old in tuple(self._found)[:-KEPT]:
            del self._found[old]
        self._asked.pop(found.ref, None)
        self.look()
        self._told()

    def _when_failed(self, request: CountRequest, error: BaseException) -> None:
        """Leave it to the pages to say why the array cannot be read; it is not asked again."""


def _worth_counting(ref: DataRef) -> bool:
    whole = ref.dtype.startswith(("int", "uint", "bool"))
    return not whole and math.prod(ref.shape) <= COUNTED_ENTRIES


def _leaves_rows_out(value: Any) -> bool:
    """Whether a pinned array has its rows left out, whatever is chosen for the array since."""
    overlays = getattr(value, "overlays", ())
    return any(getattr(one, "repair", "") == "leave_rows_out" for one in overlays)
