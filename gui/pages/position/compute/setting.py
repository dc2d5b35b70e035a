"""What attention is looked at: its kinds, its encoding, and how long and wide the input is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from gui.core.declare.marks import answer_of, maybe_given, value_of
from gui.core.declare.parameter import Offer, choice, many, number
from gui.core.declare.records import Record, Step, Value
from gui.core.figure.palette import operator_looks
from gui.core.state.document import DataRef, Opened, Repair
from gui.core.words.i18n import tr
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.jobs import Progress

Encoding = Literal["none", "sinusoidal", "rope", "alibi"]
ENCODINGS: Mapping[Encoding, str] = {
    "none": "none",
    "sinusoidal": "sinusoidal",
    "rope": "RoPE",
    "alibi": "ALiBi",
}
Kind = Literal["uniform", "softmax", "hard", "soft"]
KINDS: Mapping[Kind, str] = {
    "uniform": "equal scores",
    "softmax": "softmax",
    "hard": "hard Top-k",
    "soft": "soft Top-k",
}
Values = Literal["random", "array"]
VALUES: Mapping[Values, str] = {"random": "random", "array": "rows of the open array"}

LENGTH_MAX, FEATURES_MAX, HEADS_MAX, TRIALS_MAX, SEED_MAX = 4096, 256, 256, 32, 9999


class Operators(Step, key="operators"):
    """The operators of soft Top-k attention; a step, because asking the engine imports it."""

    def run(self, progress: Progress | None = None) -> tuple[Offer, ...]:
        """Return those that answer thousands of rows at once, in display order.

        The hard one is a kind of its own.
        """
        from engine.topk import OPERATORS

        quick = (op for op in OPERATORS if op.cost == "n" and not op.stochastic)
        looks = operator_looks([op.key for op in OPERATORS])
        return tuple(
            Offer(op.key, tr(op.title), "", *looks[op.key]) for op in quick if op.key != "hard"
        )


class Attention(Record):
    """The kinds of attention that are compared, and what they depend on."""

    kinds: tuple[Kind, ...] = many(
        ("uniform", "softmax", "hard", "soft"),
        KINDS,
        "Attention",
        "kinds of attention, separated by commas",
        section="Attention",
        at_least=1,
        tips={
            "uniform": "a = 1/n; with ALiBi the weights of its bias alone",
            "softmax": "a = softmax(scores)",
            "hard": "The k largest scores, 1/k each",
            "soft": "A soft Top-k mask over its sum, a = ST_k(scores / τ) / Σ",
        },
        undo="kinds of attention",
    )


def ticked(kinds: tuple[Kind, ...] = Attention.kinds) -> frozenset[Kind]:
    """Return the kinds compared."""
    return frozenset(kinds)


def has_uniform(ticked: frozenset[Kind] = value_of(ticked)) -> bool:
    """Return whether equal scores are compared."""
    return "uniform" in ticked


def has_softmax(ticked: frozenset[Kind] = value_of(ticked)) -> bool:
    """Return whether softmax is compared."""
    return "softmax" in ticked


def has_hard(ticked: frozenset[Kind] = value_of(ticked)) -> bool:
    """Return whether hard Top-k is compared."""
    return "hard" in ticked


def has_soft(ticked: frozenset[Kind] = value_of(ticked)) -> bool:
    """Return whether soft Top-k is compared."""
    return "soft" in ticked


def has_topk(ticked: frozenset[Kind] = value_of(ticked)) -> bool:
    """Return whether any Top-k is compared."""
    return bool(ticked & {"hard", "soft"})


def has_scores(ticked: frozenset[Kind] = value_of(ticked)) -> bool:
    """Return whether anything compared has scores of its own."""
    return bool(ticked - {"uniform"})


class Scores(Record):
    """What the weights are made of."""

    sigma: float = number(
        1.0,
        (0.0, 10.0),
        "&Spread σ",
        "Standard deviation of the scores, which are normal: Σa² → exp(σ²) / n of softmax",
        section="Attention",
        undo="spread of the scores",
        enabled=has_scores,
        why="Equal scores have no spread: tick another kind.",
    )
    k: int = number(
        16,
        (1, LENGTH_MAX),
        "&k",
        "How many tokens Top-k attention keeps: its RMS stops falling at n = k",
        section="Attention",
        log=True,
        enabled=has_topk,
        why="Tick hard or soft Top-k first.",
    )
    operator: str = choice(
        "sigmoid",
        Operators,
        "&Operator",
        "Which soft Top-k makes the weights",
        section="Attention",
        enabled=has_soft,
        why="Tick soft Top-k first.",
    )
    tau: float = number(
        1.0,
        (1e-3, 100.0),
        "&tau",
        "Temperature of soft Top-k, in the unit of the scores",
        section="Attention",
        log=True,
        enabled=has_soft,
        why="Tick soft Top-k first.",
    )


def softmax_of(sigma: float) -> dict[str, Any]:
    """Return what the engine is told of softmax attention."""
    return {"kind": "softmax", "score_spread": sigma}


def topk_of(operator: str, sigma: float, k: int, tau: float = 1.0) -> dict[str, Any]:
    """Return what the engine is told of Top-k attention; the hard one knows no temperature."""
    return {"kind": "soft_topk", "operator": operator, "k": k, "tau": tau, "score_spread": sigma}


class Encodings(Record):
    """What is added to the scores, and how."""

    encoding: Encoding = choice(
        "none",
        ENCODINGS,
        "E&ncoding",
        "Position encoding of the measured attention",
        section="Encoding",
    )
    base: float = number(
        1e4,
        (1.0, 1e7),
        "&Base",
        "Wavelengths of RoPE and of the sinusoids go from 2π to 2π times this",
        section="Encoding",
        log=True,
    )
    slope: float = number(
        0.25,
        (0.0, 4.0),
        "S&lope",
        "ALiBi: the score falls by this with every position",
        section="Encoding",
    )


@dataclass(frozen=True)
class TokenSpec:
    """Whose values are attended to."""

    kind: Values
    ref: DataRef | None = None
    repair: Repair = ""


def has_matrix(data: Opened | None = maybe_given(Opened)) -> bool:
    """Return whether an array is open whose rows can be tokens."""
    return data is not None and data.matrix_shape[0] > 1


class Spec(Value):
    """The values in force: what the page is about."""

    data: Opened | None = maybe_given(Opened)
    values: Values = choice(
        "random",
        VALUES,
        "Val&ues",
        "The tokens: normal numbers, or the rows of the selected array in their order",
        section="Tokens",
        enabled=has_matrix,
        why="Choose a matrix in Sources first: its rows are the tokens.",
    )

    def value(self) -> TokenSpec:
        """Return it."""
        data = self.data
        if self.values == "random" or data is None or data.matrix_shape[0] < 2:
            return TokenSpec("random")
        return TokenSpec("array", data.ref, data.repair)


def from_array(spec: TokenSpec = value_of(Spec)) -> bool:
    """Return whether the values are the rows of the selected array."""
    return spec.kind == "array"


def longest(spec: TokenSpec = value_of(Spec), data: Opened | None = maybe_given(Opened)) -> int:
    """Return the largest length: as many tokens as there are."""
    if spec.kind == "random" or data is None:
        return LENGTH_MAX
    return min(data.matrix_shape[0], LENGTH_MAX)


class Size(Record):
    """How much is drawn."""

    length: int = number(
        512,
        (2, longest),
        "Len&gth n",
        "How many tokens",
        section="Tokens",
        log=True,
    )
    features: int = number(
        64,
        (2, FEATURES_MAX),
        "&d",
        "Features of a query, a key and a random value: one head",
        section="Tokens",
        log=True,
        undo="features",
    )
    heads: int = number(
        8,
        (1, HEADS_MAX),
        "Heads",
        "How many heads have an ALiBi slope of their own",
        section="Tokens",
        log=True,
    )
    trials: int = number(
        16, (1, TRIALS_MAX), "T&rials", "How often it is drawn", section="Tokens", log=True
    )
    seed: int = number(0, (0, SEED_MAX), "Seed", "Seed of every draw", section="Tokens")


def last(length: int = Size.length) -> int:
    """Return the last position."""
    return length


class Place(Record):
    """Where the curves are read."""

    at: int = number(
        128,
        (1, last),
        "Read at n",
        "The position that the cursor marks and the read-outs are about",
        undo="position read",
        log=True,
    )


def fitted(spec: TokenSpec = value_of(Spec), length: int = Size.length) -> tuple[TokenSpec, int]:
    """Return what the axes are fitted to."""
    return spec, length


def listed(kinds: tuple[Kind, ...] = Attention.kinds) -> tuple[Offer, ...]:
    """Return the kinds compared, softmax first, which is looked at first."""
    return tuple(
        Offer(kind, tr(KINDS[kind])) for kind in sorted(kinds, key=lambda one: one != "softmax")
    )


def operator_in_force(
    operators: tuple[Offer, ...] = answer_of(Operators), operator: str = Scores.operator
) -> Offer:
    """Return what the operator in force is called and looks like."""
    return next((one for one in operators if one.key == operator), Offer(operator, operator))
