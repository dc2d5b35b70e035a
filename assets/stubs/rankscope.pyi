"""Rankscope for scripts and notebooks; a module has no ``py.typed``, hence this package."""

from typing import Any

from engine import column_row as column_row
from engine import spectrum as spectrum
from engine import topk as topk
from engine.errors import RankscopeError as RankscopeError
from engine.files import Format as Format
from engine.files import TableReading as TableReading
from engine.topk import Operator as Operator
from gui.draw import Beside as Beside
from gui.draw import draw as draw
from gui.link.show import Handle as Handle
from gui.link.show import show as show

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

def load_ipython_extension(shell: Any) -> None: ...
