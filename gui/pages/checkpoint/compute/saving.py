"""What leaves the page as files: factors of the budget, a LoRA of the change, the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui.core.declare.parameter import number
from gui.core.declare.records import Record
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.budget import Plan
from gui.pages.checkpoint.compute.figures import Board
from gui.pages.checkpoint.compute.sweep import workers

if TYPE_CHECKING:
    from engine.checkpoint import Budget, Change, FactorsReport, LoraReport, Row
    from engine.jobs import Progress


class Lora(Record):
    """How much of a change a LoRA keeps."""

    lora_energy: float = number(
        0.99,
        (0.01, 1.0),
        "LoRA: energ&y kept (share)",
        "Each module of a LoRA that is saved has the least rank that keeps this share of Σσᵢ² of "
        "its change",
        view="compare",
        undo="energy kept by the LoRA",
        step=0.01,
        option="-",
    )
    lora_rank: int = number(
        0,
        (0, 1024),
        "LoRA: lar&gest rank (0: no limit)",
        "No module of a LoRA that is saved has a larger rank",
        view="compare",
        undo="largest rank of the LoRA",
        option="-",
    )


TABLE_SUFFIXES = (".csv", ".parquet", ".npz")
REPORT_SUFFIX = ".html"
_LONG = 10.0  # seconds: whatever is decomposed runs in a process, which a cancel ends


@dataclass(frozen=True, eq=False)
class _Save:
    """What a person has saved; ``permitted`` are files that may take what memory they need.

    They are said here because it runs in a process that nobody has told.
    """

    permitted: tuple[str, ...] = field(default=(), kw_only=True)

    def permit(self) -> None:
        """Have no more asked about them in this process."""
        from engine.room import permit

        for path in filter(None, self.permitted):
            permit(path)


@dataclass(frozen=True, eq=False)
class SaveBudget(_Save):
    """Write the factors of a budget; what stays dense has no rank in ``ranks`` but None."""

    model: str
    ranks: Mapping[str, int | None] = field(repr=False)
    folder: str

    @property
    def cost(self) -> float:
        """Seconds, about."""
        return _LONG

    def run(self, progress: Progress | None = None) -> FactorsReport:
        """Write them; files of the same names are replaced."""
        from engine.checkpoint import save_budget

        self.permit()
        ranks = dict(self.ranks)
        return save_budget(self.model, ranks, self.folder, overwrite=True, progress=progress)


@dataclass(frozen=True, eq=False)
class SaveLora(_Save):
    """Write the change from a base as a LoRA; without a base the model is one, and is cut."""

    base: str
    model: str
    folder: str
    energy: float
    most: int

    @property
    def cost(self) -> float:
        """That of a short one: a thread waits for processes of its own, which a cancel ends."""
        return 0.2

    def run(self, progress: Progress | None = None) -> LoraReport:
        """Write it; files of the same names are replaced."""
        from engine.checkpoint import extract_lora

        self.permit()
        return extract_lora(
            self.base or None,
            self.model,
            self.folder,
            ("energy", self.energy),
            max_rank=self.most or None,
            overwrite=True,
            progress=progress,
            workers=workers(),
        )


@dataclass(frozen=True, eq=False)
class SaveTable(_Save):
    """Write the rows there are with what the budget and the base add to them."""

    board: Board = field(repr=False)
    more: Mapping[str, Sequence[Any]] = field(repr=False)
    path: str

    def run(self, progress: Progress | None = None) -> str:
        """Write the file of the kind that its suffix says; return its path."""
        from engine.checkpoint import Sweep
        from engine.checkpoint.sweeping.report import table_bytes
        from gui.core.export.files import write_data

        rows = tuple(row for row in self.board.rows if row is not None)
        skipped, swept = self.board.listing.checkpoint.skipped, self.board.swept
        notes = self.board.listing.checkpoint.notes
        seconds = 0.0 if swept is None else swept.seconds
        found = Sweep(rows, skipped, seconds, 0, 0, notes)
        target, title = Path(self.path), self.board.listing.model.title
        data = table_bytes(target.suffix.lower(), found, self.more, title, tr_sentence)
        write_data(target, data, overwrite=True)
        return self.path


def ranks_of(board: Board, plan: Plan, found: Budget) -> dict[str, int | None]:
    """Return the rank that a budget gives every matrix, None for one that stays dense."""
    names = (board.matrices[place].name for place in plan.places)
    return dict(zip(names, found.ranks, strict=True))


def columns_besides(
    rows: Sequence[Row | None],
    ranks: Mapping[str, int | None] | None,
    changes: Sequence[Change],
) -> dict[str, Sequence[Any]]:
    """Return what a table has besides the rows, as ``rankscope sweep`` writes it."""
    from engine.checkpoint import change_columns

    names = [row.name for row in rows if row is not None]
    more: dict[str, Sequence[Any]] = {}
    if ranks is not None:
        more["rank_budget"] = [ranks.get(name) for name in names]
    return more | (change_columns(names, changes) if changes else {})


def said_of_factors(report: FactorsReport) -> str:
    """Say what was saved of a budget."""
    return tr(
        "Factors of {count} matrices in {folder}, error {error:.3g} as read back",
        count=len(report.matrices),
        folder=report.folder,
        error=report.error,
    )


def said_of_lora(report: LoraReport) -> str:
    """Say what was saved of a change."""
    return tr(
        "LoRA of {count} modules in {folder}, ranks up to {rank}, "
        "largest relative error {error:.3g}",
        count=len(report.modules),
        folder=report.folder,
        rank=max((one.rank for one in report.modules), default=0),
        error=max((one.relative for one in report.modules), default=0.0),
    )
