"""Which strategies there are, which weights suit them, and what they depend on beside r."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gui.core.words.i18n import tr, tr_sentence
from gui.pages.column_row.state import ColumnRowState, WeightKind

if TYPE_CHECKING:
    from engine.jobs import Progress


@dataclass(frozen=True)
class StrategyInfo:
    """What the controls show of a strategy."""

    key: str
    title: str
    formula: str
    source: str
    random: bool
    weighted: bool

    def kinds(self, kinds: tuple[WeightKind, ...]) -> tuple[WeightKind, ...]:
        """Return which of these weights make sense: a soft mask keeps every pair to some degree.

        Examples
        --------
        >>> StrategyInfo("soft", "", "", "", False, True).kinds(("own", "full"))
        ('own',)
        """
        soft = self.weighted and not self.random
        return tuple(kind for kind in kinds if kind == "own" or not soft)


@dataclass(frozen=True)
class Options:
    """What some strategies depend on beside r."""

    seed: int = 0
    operator: str = "sigmoid"
    tau: float = 0.1

    def of(self, info: StrategyInfo) -> Options:
        """Return these options with those that ``info`` ignores at their defaults."""
        if info.random:
            return Options(seed=self.seed)
        return Options(operator=self.operator, tau=self.tau) if info.weighted else Options()

    def mapping(self) -> Mapping[str, Any]:
        """Return what the engine takes."""
        return {"seed": self.seed, "operator": self.operator, "tau": self.tau}


def options_of(state: ColumnRowState) -> Options:
    """Return what the strategies depend on beside r."""
    return Options(state.seed, state.operator, state.tau)


@dataclass(frozen=True)
class Catalogue:
    """The strategies, and the operators of the soft mask, (key, title) each."""

    strategies: tuple[StrategyInfo, ...]
    operators: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReadCatalogue:
    """Ask the engine what there is; importing it takes longer than a frame."""

    def run(self, progress: Progress | None = None) -> Catalogue:
        """Return the catalogue in display order."""
        from engine.column_row import STRATEGIES
        from engine.topk import OPERATORS

        return Catalogue(
            tuple(
                StrategyInfo(
                    s.key,
                    s.title,
                    tr_sentence(s.formula),
                    tr_sentence(s.source),
                    s.random,
                    s.weighted,
                )
                for s in STRATEGIES.values()
            ),
            tuple((op.key, tr(op.title)) for op in OPERATORS if op.key != "hard"),
        )
