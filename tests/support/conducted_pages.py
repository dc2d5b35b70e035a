"""Pages declared for the tests of the conductor: a chain with a curve, and a family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.declare.marks import (
    answer_of,
    answers_of,
    given,
    maybe,
    maybe_given,
    member_of,
    value_of,
)
from gui.core.declare.page import Page
from gui.core.declare.parameter import many, number, stored, toggle
from gui.core.declare.records import Plot, Record, Step, Value, View
from gui.core.figure.figure import Figure
from gui.core.state.document import Opened


def limit(data: Any = given(Opened)) -> int:
    return 9 if data == "small" else 99


class Shared(Record):
    r: int = number(2, (0, limit), "&r", "how many", undo="rank")


class Load(Step, key="matrix", keep=4):
    data: Any = given(Opened)

    def run(self, progress: Any = None) -> list[str]:
        if self.data == "bad":
            raise ValueError("1 NaN")
        return [self.data]


class Sum(Step, key="total", keep=4):
    matrix: list[str] = answer_of(Load)
    r: int = Shared.r

    def run(self, progress: Any = None) -> str:
        return f"{self.matrix[0]}{self.r}"


class Curve(Step, key="curve"):
    matrix: list[str] = answer_of(Load)
    r: int = Shared.r

    def run(self, progress: Any = None) -> list[Any]:
        return ["curve", self.r]


class Top(Plot, key="p.top", title="Top"):
    total: str = answer_of(Sum)
    r: int = Shared.r
    top_log: bool = toggle(False, axis="y")
    curve: list[Any] | None = maybe(Curve)

    def figure(self) -> Figure:
        return Figure(note=f"{self.total} r={self.r} log={self.top_log} {self.curve}")


PAGE = Page("p", "P", (Top,), (Shared,))


class Beside(Plot, key="p.beside", title="Beside"):
    r: int = Shared.r

    def figure(self) -> Figure:
        return Figure(note=f"r={self.r}")


TWO = Page("p", "P", (Top, Beside), (Shared,))


class Moved(Value):
    matrix: list[str] = answer_of(Load)
    point: int = stored(0, "moved point", gesture=True)

    def value(self) -> list[Any]:
        return [*self.matrix, self.point]


class Names(Record):
    names: tuple[str, ...] = many(("a", "b"), {c: c for c in ("a", "b", "c", "odd", "heavy")},
                                  "&Names", "which")  # fmt: skip


def needs_whole(names: tuple[str, ...] = Names.names) -> bool:
    return "a" in names


class Out(Step, key="outputs"):
    scores: list[Any] = value_of(Moved)
    name: str = member_of(Names.names)
    k: float = number(2.0, (0.0, 9.0), "&k", "how many", whole=needs_whole)

    @property
    def apart(self) -> bool:
        return self.name == "heavy"

    def run(self, progress: Any = None) -> str:
        if self.name == "odd" and self.k > 3:
            raise ValueError("odd refuses")
        return f"{self.name}({self.scores[-1]},{self.k:g})"


class Below(Step, key="below"):
    scores: list[Any] = value_of(Moved)
    k: float = Out.k
    grain: int = number(1, (1, 9), "&Grain", "how fine", view="low")

    @property
    def live(self) -> bool:
        return self.scores[0] != "long"

    @property
    def rest(self) -> float:
        return 0.0 if self.live else 0.15

    def run(self, progress: Any = None) -> str:
        return f"below({self.scores[-1]},{self.k:g})"


class Held:
    pass


class Above(Plot, key="p.above", title="Above"):
    scores: list[Any] = value_of(Moved)
    outputs: Mapping[str, str] = answers_of(Out)
    k: float = Out.k
    held: Held | None = maybe_given(Held)

    def figure(self) -> Figure:
        note = " ".join(self.outputs.values()) + f" | {self.scores[-1]} {self.k:g}"
        return Figure(note=note + (" held" if self.held else ""))


class Under(Plot, key="p.under", title="Under", view=View("low", "Low")):
    scores: list[Any] = value_of(Moved)
    k: float = Out.k
    below: str = answer_of(Below)

    def figure(self) -> Figure:
        return Figure(note=f"{self.below} | {self.scores[-1]} {self.k:g}")


FAMILY = Page("p", "P", (Above, Under), (Names,), given=(Opened, Held))


def answered(rig):
    for name in ("matrix", "total", "curve"):
        rig.runner.answer(name)
    rig.told.clear()
    return rig


def all_answered(family):
    family.runner.answer("outputs")
    family.pass_time(0.03)
    family.runner.answer("below")
    family.told.clear()
    family.dimmed.clear()
    return family
