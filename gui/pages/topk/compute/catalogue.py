"""The operators there are, how each looks everywhere, and those that are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import Offer, choice, many
from gui.core.declare.records import Record, Step
from gui.core.figure.palette import Dash, operator_looks
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.lowered import written
from gui.core.words.names import explained
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.jobs import Progress

MAIN = 8  # operators always in sight; the others unfold


@dataclass(frozen=True)
class OperatorInfo:
    """What the page shows of an operator, and its one colour and dash.

    ``name`` is the title without its remarks, for legends and rows.
    """

    key: str
    title: str
    name: str
    formula: str
    source: str
    color: str
    dash: Dash
    whole_k: bool
    has_tau: bool
    by_differences: bool = False
    plugin: str = ""


Infos = Mapping[str, OperatorInfo]


class Catalogue(Step, key="catalogue"):
    """Every operator.

    A step, because the first to ask for it imports the operators, which takes longer than a
    window may keep still.
    """

    def run(self, progress: Progress | None = None) -> tuple[OperatorInfo, ...]:
        """Return them in display order."""
        return catalogue()


def catalogue() -> tuple[OperatorInfo, ...]:
    """Return what the page shows of every operator, in display order."""
    from engine.topk import OPERATORS

    infos = []
    looks = operator_looks([op.key for op in OPERATORS])
    for op in OPERATORS:
        title = tr(op.title)
        infos.append(
            OperatorInfo(
                op.key,
                title,
                short_title(title),
                written(tr_sentence(op.formula)),
                tr_sentence(op.source),
                *looks[op.key],
                op.needs_integer_k,
                op.has_tau,
                op.by_differences,
                op.plugin,
            )
        )
    return tuple(infos)


def infos(catalogue: tuple[OperatorInfo, ...] = answer_of(Catalogue)) -> Infos:
    """Return every operator by its key, in display order."""
    return {info.key: info for info in catalogue}


def offers(infos: Infos = value_of(infos)) -> tuple[Offer, ...]:
    """Return the rows of the list of operators."""
    return tuple(
        Offer(
            info.key,
            info.title,
            _tip(info),
            info.color,
            info.dash,
            short=info.name,
        )
        for info in infos.values()
    )


def _tip(info: OperatorInfo) -> str:
    """Return what an operator computes and where it comes from."""
    said = explained(info.title, info.formula, info.source)
    if info.plugin:
        said += "\n" + tr("From the plug-in {name}.", name=info.plugin)
    if info.by_differences:
        said += "\n" + tr("Its derivatives are differences of its outputs.")
    return said


class Chosen(Record):
    """The operators that are compared."""

    operators: tuple[str, ...] = many(
        ("hard", "exp", "sigmoid", "laplace", "grad"),
        offers,
        "Operators",
        "keys of the operators, separated by commas",
        section="Operators",
        fold=MAIN,
        more="&More operators",
        filed="operator",
    )


def compared(
    infos: Infos = value_of(infos), operators: tuple[str, ...] = Chosen.operators
) -> tuple[str, ...]:
    """Return the keys of the compared operators, in display order."""
    return tuple(key for key in infos if key in operators)


def whole_k(infos: Infos = value_of(infos), compared: tuple[str, ...] = value_of(compared)) -> bool:
    """Return whether an operator that is compared needs a whole k."""
    return any(infos[key].whole_k for key in compared)


def any_compared(compared: tuple[str, ...] = value_of(compared)) -> bool:
    """Return whether any operator is compared."""
    return bool(compared)


def details(
    infos: Infos = value_of(infos), compared: tuple[str, ...] = value_of(compared)
) -> tuple[Offer, ...]:
    """Return the compared operators; the hard one last, so that a soft one is taken first."""
    last = sorted(compared, key=lambda key: key == "hard")
    return tuple(Offer(key, infos[key].title) for key in last)


class Detail(Record):
    """The operator that the views of a single one show: always one of those compared."""

    focus: str = choice(
        "grad",
        details,
        "In &detail",
        "The operator of the heat map, the Jacobian and the code that is copied",
        section="Operators",
        enabled=any_compared,
        why="Tick an operator first.",
        undo="operator in detail",
    )


def short_title(title: str) -> str:
    """Return a title without its remarks.

    Examples
    --------
    >>> short_title("Sigmoid threshold"), short_title("GradTopK (exact)")
    ('Sigmoid', 'GradTopK')
    """
    return re.split(r" ?[(（]|[,，]", title)[0].removesuffix(tr(" threshold")).rstrip()
