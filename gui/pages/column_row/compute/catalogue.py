"""Which strategies there are and are compared, with which weights, and what they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import Offer, choice, many, number
from gui.core.declare.records import Record, Step
from gui.core.figure.palette import category
from gui.core.words.i18n import tr, tr_sentence
from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.jobs import Progress

WeightKind = Literal["own", "diagonal", "full"]
WEIGHTS: tuple[WeightKind, ...] = get_args(WeightKind)
WEIGHT_TITLES: Mapping[WeightKind, str] = {
    "own": "own weights",
    "diagonal": "best diagonal",
    "full": "best full L",
}
TAU_MIN, TAU_MAX = 1e-3, 10.0
SEED_MAX = 9999


@dataclass(frozen=True)
class StrategyInfo(Offer):
    """A strategy as it is shown: one title, colour and dash everywhere.

    ``random`` depends on the seed, ``weighted`` brings weights of its own.
    """

    random: bool = False
    weighted: bool = False

    @property
    def soft(self) -> bool:
        """Whether it keeps every pair to some degree."""
        return self.weighted and not self.random

    def kinds(self, kinds: tuple[WeightKind, ...]) -> tuple[WeightKind, ...]:
        """Return which of these weights make sense: a soft mask has its own alone.

        Examples
        --------
        >>> StrategyInfo("soft", "", weighted=True).kinds(("own", "full"))
        ('own',)
        """
        return tuple(kind for kind in kinds if kind == "own" or not self.soft)


class Strategies(Step, key="strategies"):
    """The strategies; a step, because asking the engine imports it."""

    def run(self, progress: Progress | None = None) -> tuple[StrategyInfo, ...]:
        """Return them in display order, each with the one colour and dash that it has."""
        from engine.column_row import STRATEGIES

        return tuple(
            StrategyInfo(
                info.key,
                tr(info.title),
                tr(
                    "{title}: {formula}\nSource: {source}",
                    title=tr(info.title),
                    formula=tr_sentence(info.formula),
                    source=tr_sentence(info.source),
                ),
                *category(place),
                info.random,
                info.weighted,
            )
            for place, info in enumerate(STRATEGIES.values())
        )


class Operators(Step, key="operators"):
    """The operators of the soft mask."""

    def run(self, progress: Progress | None = None) -> tuple[Offer, ...]:
        """Return them in display order; the hard one is no mask of its own."""
        from engine.topk import OPERATORS

        return tuple(Offer(op.key, tr(op.title)) for op in OPERATORS if op.key != "hard")


# -- what is compared -------------------------------------------------------------------------


def _some(weights: tuple[WeightKind, ...]) -> tuple[WeightKind, ...]:
    return tuple(kind for kind in WEIGHTS if kind in weights) or ("own",)


class Comparison(Record):
    """Which strategies are compared, with which weights L between C and R."""

    strategies: tuple[str, ...] = many(
        ("norm", "drop2", "greedy", "norm_sampling"),
        Strategies,
        "Strategies compared",
        "keys of the strategies, separated by commas",
        section="Strategies",
    )
    weights: tuple[WeightKind, ...] = many(
        ("own", "full"),
        {"own": "own weights", "diagonal": "best diagonal ◆", "full": "best full L ■"},
        "Weights shown",
        "kinds of weights, separated by commas",
        section="Weights L",
        at_least=1,
        tips={
            "own": "L = I; 1 / (r pᵢ) when sampled, the mask when soft",
            "diagonal": "λ = (UᵀU)⁺ Uᵀ V 1, UᵀU = (CᵀC) ∘ (R Rᵀ), UᵀV = (CᵀX) ∘ (R Yᵀ)",
            "full": "L = C⁺ X Y R⁺",
        },
        clean=_some,
    )


def compared(
    strategies: tuple[str, ...] = Comparison.strategies,
    catalogue: tuple[StrategyInfo, ...] = answer_of(Strategies),
) -> tuple[StrategyInfo, ...]:
    """Return the strategies compared, in display order."""
    return tuple(info for info in catalogue if info.key in strategies)


def draws(compared: tuple[StrategyInfo, ...] = value_of(compared)) -> bool:
    """Return whether a strategy compared draws its pairs."""
    return any(info.random for info in compared)


def masks(compared: tuple[StrategyInfo, ...] = value_of(compared)) -> bool:
    """Return whether a soft mask is compared."""
    return any(info.soft for info in compared)


def offered(compared: tuple[StrategyInfo, ...] = value_of(compared)) -> tuple[Offer, ...]:
    """Return what can be looked at in detail; what a strategy does is said where it is ticked."""
    return tuple(Offer(info.key, info.title) for info in compared)


class InDetail(Record):
    """The approximation that is marked, pictured and read out."""

    detail: str = choice(
        "greedy",
        offered,
        "In &detail",
        "The strategy whose pairs are marked, pictured and read out",
        undo="strategy in detail",
        section="Strategies",
        enabled=compared,
        why="Tick a strategy first.",
    )
    detail_weights: WeightKind = choice(
        "full",
        WEIGHT_TITLES,
        "L in detai&l",
        "The weights of the approximation that is pictured and read out",
        undo="weights in detail",
        section="Weights L",
    )


@dataclass(frozen=True)
class Chosen:
    """One strategy with one kind of weights."""

    strategy: StrategyInfo
    weights: WeightKind


def chosen(
    compared: tuple[StrategyInfo, ...] = value_of(compared),
    detail: str = InDetail.detail,
    weights: WeightKind = InDetail.detail_weights,
) -> Chosen | None:
    """Return the approximation in detail; None where nothing is compared."""
    info = next((one for one in compared if one.key == detail), None)
    return None if info is None else Chosen(info, weights if info.kinds((weights,)) else "own")


# -- what some of them depend on beside r -----------------------------------------------------


class Settings(Record):
    """What some strategies depend on; shown while one of them is compared."""

    seed: int = number(
        0,
        (0, SEED_MAX),
        "&Seed",
        "Seed of every draw; the same seed draws the same pairs",
        section="Sampling",
        when=draws,
    )
    operator: str = choice(
        "sigmoid",
        Operators,
        "O&perator",
        "Which soft Top-k makes the weights ST_r of the norms",
        section="Soft mask",
        when=masks,
    )
    tau: float = number(
        0.1,
        (TAU_MIN, TAU_MAX),
        "t&au",
        "Temperature for norms divided by the largest: ST_r(‖xᵢ‖ ‖yᵢ‖ / (max τ))",
        section="Soft mask",
        log=True,
        when=masks,
    )


@dataclass(frozen=True)
class Options:
    """What some strategies depend on beside r."""

    seed: int = 0
    operator: str = "sigmoid"
    tau: float = 0.1

    def of(self, *infos: StrategyInfo) -> Options:
        """Return these options with those that all of ``infos`` ignore at their defaults."""
        seed = self.seed if any(info.random for info in infos) else Options.seed
        if not any(info.soft for info in infos):
            return Options(seed=seed)
        return Options(seed, self.operator, self.tau)

    def mapping(self) -> Mapping[str, Any]:
        """Return what the engine takes."""
        return {"seed": self.seed, "operator": self.operator, "tau": self.tau}


def options(
    seed: int = Settings.seed, operator: str = Settings.operator, tau: float = Settings.tau
) -> Options:
    """Return what the strategies depend on."""
    return Options(seed, operator, tau)
