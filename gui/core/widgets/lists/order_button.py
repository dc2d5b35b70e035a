"""What stands first in a list: as it was made, what is liked, or what is pinned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from gui.core.state.signal import Signal as Told
from gui.core.words.i18n import tr

T = TypeVar("T")
MARKS = {"": "≡", "liked": "♥", "pinned": "★"}


class Orders(Protocol):
    """Who knows what is liked and pinned; ``changed()`` is told when that is another."""

    changed: Told

    def in_order(self, kind: str, names: Sequence[str], order: str) -> list[str]:
        """Return names of one kind ("operator", "rule") with what is liked, or pinned, first."""
        ...


class OrderButton(QToolButton):
    """A mark with a menu; ``order`` is what was chosen: "", "liked" or "pinned".

    ``chosen()``: a person chose another, or what is liked or pinned has changed.

    Parameters
    ----------
    name : str
        What a screen reader calls it.
    first : str
        What the order without likes and pins is called.
    orders : Orders or None
        Who is asked by `put`.
    kind : str
        What it is asked for.
    """

    chosen = Signal()

    def __init__(self, name: str, first: str, orders: Orders | None = None, kind: str = "") -> None:
        super().__init__()
        self.order, self._orders, self._kind = "", orders, kind
        if orders is not None:
            orders.changed.connect(self._tell)
            self.destroyed.connect(lambda: orders.changed.disconnect(self._tell))
        self.setText(MARKS[""])
        self.setAccessibleName(name)
        self.setToolTip(tr("♥: what is like your interests first. ★: what you have pinned first."))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu, group = QMenu(self), QActionGroup(self)
        for key, said in zip(
            MARKS, (first, tr("♥ liked first"), tr("★ pinned first")), strict=True
        ):
            action = menu.addAction(said)
            action.setCheckable(True)
            action.setChecked(key == self.order)
            action.triggered.connect(lambda _=False, key=key: self.choose(key))
            group.addAction(action)
        self.setMenu(menu)

    def choose(self, order: str) -> None:
        """Have ``order`` from now on."""
        self.order = order
        self.setText(MARKS[order])
        self.menu().actions()[list(MARKS).index(order)].setChecked(True)
        self.chosen.emit()

    def _tell(self) -> None:
        if self.order:
            self.chosen.emit()

    def put(self, rows: Iterable[T], name: Callable[[T], str]) -> list[T]:
        """Return rows in the order chosen; those without a name stay behind, as they were."""
        given = list(rows)
        if not self.order or self._orders is None:
            return given
        named = [one for one in map(name, given) if one]
        found = self._orders.in_order(self._kind, named, self.order)
        places = {one: place for place, one in enumerate(found)}
        return sorted(given, key=lambda row: places.get(name(row), len(places)))
