"""A screen reader's look at a running Rankscope, over AT-SPI: every page, every lower view.

Run by a Python that has `gi` (the system's), beside the program on one D-Bus session. Prints JSON:
what is shown on each view, and what was announced.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

PATIENCE = 120.0
REST = 1.5  # seconds without an announcement after which a view is taken as complete
CROWDED = ("table", "tree", "menu bar", "menu", "list")  # their cells are Qt's own
MOST = 200


class Reader:
    """Hears what is announced and sees what is shown."""

    def __init__(self) -> None:
        import gi

        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib

        self.atspi, self._glib = Atspi, GLib
        self.announced: list[str] = []
        self._heard_at = time.monotonic()
        self._listener = Atspi.EventListener.new(self._hear)
        self._listener.register("object:announcement")

    def _hear(self, event: Any) -> None:
        self._heard_at = time.monotonic()
        self.announced.append(str(event.any_data))

    def listen(self, seconds: float) -> None:
        """Take what is announced until nothing was for so long."""
        self._heard_at = time.monotonic()
        context = self._glib.MainContext.default()
        self._glib.timeout_add(100, lambda: True)  # so that the context turns
        while time.monotonic() - self._heard_at < seconds:
            context.iteration(True)

    def until(self, found: Any) -> Any:
        """Return the first thing found that is not None."""
        begun = time.monotonic()
        while (one := found()) is None:
            assert time.monotonic() - begun < PATIENCE, "nothing came in time"
            self.listen(0.3)
        return one

    def window(self) -> Any:
        """Return the window of the program, None while there is none."""
        desktop = self.atspi.get_desktop(0)
        for place in range(desktop.get_child_count()):
            program = desktop.get_child_at_index(place)
            if program and program.get_name() == "rankscope" and program.get_child_count():
                return program.get_child_at_index(0)
        return None

    def below(self, node: Any, crowded: bool = False) -> Any:
        """Yield (node, names of the roles above it) of what is shown."""
        yield from self._below(node, (), crowded)

    def _below(self, node: Any, above: tuple[str, ...], crowded: bool) -> Any:
        role = node.get_role_name()
        yield node, above
        if role in CROWDED and not crowded:
            return
        for place in range(min(node.get_child_count(), MOST)):
            child = node.get_child_at_index(place)
            if child is not None and (crowded or self.has(child, "SHOWING")):
                yield from self._below(child, (*above, role), crowded)

    def has(self, node: Any, state: str) -> bool:
        """Whether a node is in a state."""
        return bool(node.get_state_set().contains(getattr(self.atspi.StateType, state)))

    def press(self, node: Any) -> None:
        """Do the first action of a node, and wait for what comes of it."""
        node.get_action_iface().do_action(0)
        self.listen(REST)

    def tabs(self, window: Any) -> list[list[Any]]:
        """Return the tabs of each bar that is shown."""
        bars = [one for one, _ in self.below(window) if one.get_role_name() == "page tab list"]
        found = []
        for bar in bars:
            children = (bar.get_child_at_index(i) for i in range(bar.get_child_count()))
            found.append([one for one in children if one.get_role_name() == "page tab"])
        return found

    def facts(self, node: Any, above: tuple[str, ...]) -> dict[str, Any]:
        """Return what a screen reader says of a node."""
        labels = [
            relation.get_target(0).get_name()
            for relation in node.get_relation_set()
            if relation.get_relation_type() == self.atspi.RelationType.LABELLED_BY
        ]
        actions = node.get_action_iface()
        inner = [node.get_child_at_index(i) for i in range(min(node.get_child_count(), 5))]
        return {
            "role": node.get_role_name(),
            "name": node.get_name(),
            "label": "".join(labels),
            "description": node.get_description(),
            "focusable": self.has(node, "FOCUSABLE"),
            "actions": actions.get_n_actions() if actions else 0,
            "value": node.get_value_iface() is not None,
            "above": above,
            "inside": [one.get_role_name() for one in inner if one is not None],
        }


def main() -> None:
    """Walk through the pages given as words, and print what was met."""
    reader, pages = Reader(), sys.argv[1:]
    window = reader.until(reader.window)
    reader.until(lambda: reader.tabs(window) or None)
    seen: dict[str, Any] = {}
    for page in pages:
        bar = next(one for one in reader.tabs(window) if page in [tab.get_name() for tab in one])
        reader.press(next(tab for tab in bar if tab.get_name() == page))
        lower = [one for one in reader.tabs(window) if page not in [tab.get_name() for tab in one]]
        for tab in lower[0] if lower else [None]:
            view = tab.get_name() if tab is not None else ""
            if tab is not None:
                reader.press(tab)
            seen[f"{page} > {view}"] = [reader.facts(*one) for one in reader.below(window)]
    before = len(reader.announced)
    for node, _ in reader.below(window, crowded=True):
        if node.get_role_name() == "menu item" and node.get_name() == "Copy as Python":
            reader.press(node)
            break
    print(
        json.dumps(
            {"views": seen, "ready": reader.announced[:before], "copied": reader.announced[before:]}
        )
    )


if __name__ == "__main__":
    main()
