"""Scores of a router, and their audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gui.core.declare.marks import answer_of, maybe_given, value_of
from gui.core.declare.parameter import Offer, choice, number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Floats, Ints
from gui.core.figure.pieces.routing import FORMATS, NumberFormat
from gui.core.state.document import (
    EXAMPLES_PATH,
    Arrays,
    DataRef,
    Opened,
    numbers_of,
    read_matrix,
    read_part,
)
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.checkpoint.compute.model import Listing, ListMatrices

if TYPE_CHECKING:
    from engine.checkpoint import Matrix as Matrix
    from engine.jobs import Progress

Formula = Literal["topk_softmax", "softmax_topk", "sigmoid_bias"]
FORMULAS: Mapping[Formula, str] = {
    "topk_softmax": "top-k, then softmax",
    "softmax_topk": "softmax, then top-k",
    "sigmoid_bias": "sigmoid with bias",
}
ARRAY = "array"  # in place of a router: the selected array holds the scores
_ROUTER = "router"
_AT_ONCE = 512  # tokens
_BIASES = ("bias", "e_score_correction_bias")  # added to the logits; to what is compared


def routers(listing: Listing | None = answer_of(ListMatrices)) -> tuple[Offer, ...]:
    """Return where scores may come from: the routers of the model, and the selected array."""
    found = () if listing is None else listing.matrices
    mine = tuple(Offer(one.name, one.name) for one in found if one.role.role == _ROUTER)
    return (*mine, Offer(ARRAY, tr("the selected array")))


class Router(Record):
    """Whose scores they are."""

    router: str = choice(
        "",
        routers,
        "Sc&ores",
        "A router of the model, with inputs of it from another file; or the selected array, tokens "
        "× experts",
        view="routing load",
        undo="router",
    )


def router(
    listing: Listing | None = answer_of(ListMatrices), name: str = Router.router
) -> Matrix | None:
    """Return the router that is chosen, None where the selected array holds the scores."""
    place = None if listing is None else listing.places.get(name)
    if listing is None or place is None or listing.matrices[place].role.role != _ROUTER:
        return None
    return listing.matrices[place]


def has_router(router: Matrix | None = value_of(router)) -> bool:
    """Return whether the scores are those of a router."""
    return router is not None


def sides(router: Matrix) -> tuple[int, int]:
    """Return how many experts a router has, and how long its inputs are."""
    rows, columns = router.shape
    return (columns, rows) if router.role.orientation == "in_out" else (rows, columns)


def _fitting(
    router: Matrix | None = value_of(router), arrays: Arrays | None = maybe_given(Arrays)
) -> Mapping[str, DataRef]:
    """Return the open arrays that may be inputs of the router, by their titles; weights last."""
    from engine.checkpoint import role_of

    if router is None or arrays is None:
        return {}
    width = sides(router)[1]
    refs = [
        ref
        for ref in arrays.refs
        if len(ref.shape) == 2
        and ref.shape[1] == width
        and ref.path not in (router.path, EXAMPLES_PATH)
    ]
    # Matrices of another model that is open have the width of the model, too.
    refs.sort(key=lambda ref: role_of(ref.entry, ref.shape).role != "other")
    return {ref.title: ref for ref in refs}


def inputs_offered(fitting: Mapping[str, DataRef] = value_of(_fitting)) -> tuple[Offer, ...]:
    """Return the arrays that may be inputs of the router."""
    offers = tuple(Offer(title, title) for title in fitting)
    return offers or (Offer("", tr("none is open")),)


class Inputs(Record):
    """What the router is given."""

    inputs: str = choice(
        "",
        inputs_offered,
        "Inputs",
        "An open array of tokens × width of the model: what was saved before the router",
        view="routing load",
        when=has_router,
        undo="inputs of the router",
    )
    formula: Formula = choice(
        "topk_softmax",
        FORMULAS,
        "Formu&la",
        "What is compared: the logits (top-k, then softmax), their softmax, or their sigmoid plus "
        "a bias of each expert",
        view="routing load",
    )


def inputs(
    fitting: Mapping[str, DataRef] = value_of(_fitting),
    arrays: Arrays | None = maybe_given(Arrays),
    title: str = Inputs.inputs,
) -> Opened | None:
    """Return the inputs of the router, None where there are none."""
    ref = fitting.get(title)
    return None if ref is None or arrays is None else arrays.open(ref)


def experts(
    router: Matrix | None = value_of(router), data: Opened | None = maybe_given(Opened)
) -> int:
    """Return how many experts there are, at least 1."""
    if router is not None:
        return sides(router)[0]
    return 1 if data is None else max(1, data.ref.matrix_shape[1])


def is_biased(formula: Formula = Inputs.formula) -> bool:
    """Return whether a bias is part of what is compared."""
    return formula == "sigmoid_bias"


def _vectors(
    experts: int = value_of(experts), arrays: Arrays | None = maybe_given(Arrays)
) -> Mapping[str, DataRef]:
    refs = () if arrays is None else arrays.refs
    return {ref.title: ref for ref in refs if ref.shape == (experts,)}


def biases(vectors: Mapping[str, DataRef] = value_of(_vectors)) -> tuple[Offer, ...]:
    """Return the vectors that may be the bias of the experts."""
    offers = tuple(Offer(title, title) for title in vectors)
    return (Offer("", tr("of the model, or none")), *offers)


class Choosing(Record):
    """How tokens are sent to experts."""

    bias: str = choice(
        "",
        biases,
        "Bi&as",
        "An open vector with a number for each expert, added to the sigmoids that are compared",
        view="routing load",
        when=is_biased,
        undo="bias of the experts",
    )
    per_token: int = number(
        0,
        (0, experts),
        "Experts per to&ken (0: config.json)",
        "How many experts each token goes to; 0 takes it from the model's config.json, or is 2",
        view="routing load",
        undo="experts per token",
    )
    groups: int = number(
        0,
        (0, experts),
        "&Groups (0: config.json)",
        "In how many groups of equal size the experts lie: a token chooses groups first; 0 takes "
        "it from the model's config.json, or is 1",
        view="routing load",
        undo="groups of experts",
    )
    kept_groups: int = number(
        0,
        (0, experts),
        "Groups per token (0: config.json)",
        "Of how many groups a token may choose experts; a group counts by the largest of what is "
        "compared in it, by the sum of its two largest for sigmoids with bias",
        view="routing load",
        undo="groups per token",
    )
    rounded_format: NumberFormat = choice(
        "bfloat16",
        FORMATS,
        "Rounded to",
        "The format whose worst tokens are listed: they choose other experts in it",
        view="routing",
        undo="number format",
    )


def bias(
    vectors: Mapping[str, DataRef] = value_of(_vectors),
    arrays: Arrays | None = maybe_given(Arrays),
    title: str = Choosing.bias,
) -> Opened | None:
    """Return the vector that is the bias of the experts, None for the model's own or none."""
    ref = vectors.get(title)
    return None if ref is None or arrays is None else arrays.open(ref)


@dataclass(frozen=True, eq=False)
class RouterScores:
    """Logits (tokens, experts) of a router, called ``title``.

    ``bias`` are the numbers added to sigmoids, None where nothing says any; ``numbers`` are those
    of the tokens in the file of their rows; ``source`` is the array itself where it holds them.
    """

    title: str
    logits: Any = field(repr=False)
    numbers: Ints = field(repr=False)
    bias: Floats | None = None
    source: DataRef | None = None


class ReadScores(Step, key="router_scores", title="Reading the scores of the router"):
    """Read the selected array, or multiply the inputs by the router."""

    data: Opened | None = maybe_given(Opened)
    listing: Listing | None = answer_of(ListMatrices)
    router: Matrix | None = value_of(router)
    inputs: Opened | None = value_of(inputs)
    bias: Opened | None = value_of(bias)

    @property
    def question(self) -> tuple[Any, ...]:
        """Which array is selected makes no difference to a router with its inputs."""
        own = self.data if self.router is None else None
        return own, self.listing, self.router, self.inputs, self.bias

    def run(self, progress: Progress | None = None) -> RouterScores | None:
        """Return the scores; None where there is nothing to make them of.

        Raises
        ------
        engine.errors.RankscopeError
            When an array cannot be read.
        """
        given = None
        if self.bias is not None:
            vector: Any = read_part(self.bias.ref, self.bias.source, progress)
            given = np.asarray(vector, dtype=np.float64)
        if self.router is None:
            data = self.data
            if data is None or len(data.ref.shape) != 2:
                return None
            own = data.ref if data.rows is None and not data.repair else None
            rows = numbers_of(data.rows, data.ref.shape[0])
            return RouterScores(data.title, _usable(data, progress), rows, given, own)
        if self.inputs is None or self.listing is None:
            return None
        logits = self._logits(self.router, self.inputs, progress)
        rows = numbers_of(self.inputs.rows, self.inputs.ref.shape[0])
        if given is None:
            given = self._vector(_BIASES[1])
        title = f"{self.inputs.title} × {self.router.name}"
        return RouterScores(title, logits, rows, given)

    def _logits(self, router: Matrix, inputs: Opened, progress: Progress | None) -> Any:
        from engine.jobs import checkpoint

        assert self.listing is not None
        stored: Any = self.listing.checkpoint.read(router, progress)
        weight = np.asarray(stored, dtype=np.float64)
        if router.role.orientation != "in_out":
            weight = weight.T
        added = self._vector(_BIASES[0])
        x = _usable(inputs, progress)
        both = stored.dtype == np.float64 and x.dtype == np.float64
        found = np.empty((len(x), weight.shape[1]), np.float64 if both else np.float32)
        for start in range(0, len(x), _AT_ONCE):
            checkpoint(progress, start / len(x), tr("Multiplying the inputs by the router"))
            part = slice(start, start + _AT_ONCE)
            product = np.asarray(x[part], dtype=np.float64) @ weight
            found[part] = product if added is None else product + added
        return found

    def _vector(self, name: str) -> Floats | None:
        """Return a vector that stands beside the router in the model."""
        assert self.listing is not None
        assert self.router is not None
        source = self.listing.checkpoint.source
        stem = self.router.name.removesuffix("weight")
        wanted = (f"{stem}{name}", f"{self.router.name.removesuffix('.weight')}_{name}")
        for entry in source.entries:
            if entry.name in wanted and entry.readable and entry.shape == (self.experts,):
                array: Any = source.read(entry.name)
                return np.asarray(array, dtype=np.float64)
        return None

    @property
    def experts(self) -> int:
        """How many experts the router has."""
        return 0 if self.router is None else sides(self.router)[0]


def _usable(data: Opened, progress: Progress | None) -> Any:
    """Return a matrix as its bad entries are to be seen."""
    from engine.files import replace_nonfinite, to_dense

    array = to_dense(read_matrix(data.ref, data.source, progress))
    if data.repair in ("zero", "column_mean"):
        return replace_nonfinite(array, data.repair, progress)
    return data.without_left_out(array)
