"""What a page is given to live on; the window makes one and hands it to every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.core.state.document import Library
from gui.core.state.store import Store

if TYPE_CHECKING:
    from gui.core.paint.theme import Theme
    from gui.core.widgets.dialogs import Dialogs
    from gui.core.work.runner import Runner
    from gui.window.settings import Settings


@dataclass(frozen=True)
class Context:
    """The services of the window.

    ``notify(text, severity)`` shows a sentence in the message bar ("info", "warning", "error").
    """

    store: Store
    runner: Runner
    library: Library
    theme: Theme
    settings: Settings
    dialogs: Dialogs
    notify: Callable[[str, str], None]
