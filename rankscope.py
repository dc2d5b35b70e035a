"""Rankscope for scripts and notebooks: what the window draws, and the engine behind it.

Nothing is imported until it is used, so that ``import rankscope`` costs nothing.

Examples
--------
>>> import numpy as np
>>> import rankscope
>>> rankscope.draw("spectrum", "error", np.diag([3.0, 2.0, 1.0]), rank=1).title
'Error against rank'
>>> rankscope.topk.get_operator("exp")([2.0, 1.0, 0.5], k=1, tau=1.0).sum().round(12)
np.float64(1.0)
"""

from __future__ import annotations

TYPE_CHECKING = False  # so named, type checkers take it for true; `typing` would cost 10 ms
if TYPE_CHECKING:
    from typing import Any

    from engine import column_row, spectrum, topk
    from engine.errors import RankscopeError
    from engine.files import Format, TableReading
    from engine.topk import Operator
    from gui.draw import Beside, draw
    from gui.link.show import show

__all__ = [
    "Beside",
    "Format",
    "Operator",
    "RankscopeError",
    "TableReading",
    "column_row",
    "draw",
    "show",
    "spectrum",
    "topk",
]

# Where each name is defined: a module, or a module and what it is called there.
_HOMES = {
    "Beside": ("gui.draw", "Beside"),
    "column_row": ("engine.column_row", ""),
    "draw": ("gui.draw", "draw"),
    "Format": ("engine.files", "Format"),
    "Operator": ("engine.topk", "Operator"),
    "RankscopeError": ("engine.errors", "RankscopeError"),
    "show": ("gui.link.show", "show"),
    "spectrum": ("engine.spectrum", ""),
    "TableReading": ("engine.files", "TableReading"),
    "topk": ("engine.topk", ""),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rankscope' has no attribute {name!r}")
    from importlib import import_module

    home, attribute = _HOMES[name]
    module = import_module(home)
    value = getattr(module, attribute) if attribute else module
    globals()[name] = value
    return value


def load_ipython_extension(shell: Any) -> None:
    """Give an IPython ``%show``: what ``%load_ext rankscope`` calls."""
    from gui.link.show import load

    load(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
