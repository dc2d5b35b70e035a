"""The scores of the Top-k page, as other places hand them over."""

from __future__ import annotations

from typing import Literal

from gui.core.state.document import DataRef
from gui.frozen import dataclass

InputKind = Literal["data", "normal", "uniform", "heavy", "ties", "pasted"]


@dataclass(frozen=True)
class Override:
    """Scores that stand in for the selected array, as long as ``ref`` is still selected.

    Choosing another array makes ``ref`` differ, and with that the override no longer counts:
    nothing has to react to the new selection.
    """

    ref: DataRef | None
    kind: InputKind
    numbers: tuple[float, ...] = ()
