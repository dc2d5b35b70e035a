"""What needs singular vectors: rank-r pictures and the vectors; and columns in their place.

A picture shows block means, and block means are linear: reducing the left factor by rows and the
right one by columns once gives every rank-r picture as a product of small matrices, which the
stepper updates by the ranks that changed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import number
from gui.core.declare.records import Record, Step
from gui.core.figure.arrays import Array, Floats
from gui.core.figure.pictures import Shades, spread_means
from gui.core.state.placed import entries_placed
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse, Check, Loaded, limit
from gui.pages.spectrum.compute.picture import DrawMatrix, Picture, channel_means
from gui.pages.spectrum.compute.shared import Shared

if TYPE_CHECKING:
    from engine.jobs import Progress
    from engine.spectrum import CUR, InterpolativeDecomposition


# Up to here all singular vectors take a few seconds; beyond it the leading ones are computed.
FULL_WORK = 1.6e9
LEADING_PAIRS = 128
# Vectors may take so many bytes; beyond the leading ones twice as many are computed each time, so
# that neighbouring ranks ask one question.
ROOM = 1 << 31
# Above so many pixels a picture takes as long as the spectrum takes to be painted.
LARGE = 200_000
# Ranks added and taken away before a fresh product: rounding stays below 1e-12 of sigma_1.
DRIFT_LIMIT = 4000


@dataclass(frozen=True, eq=False)
class Factors:
    """Singular values with vectors: all of them, or the leading ones.

    ``left`` and ``right`` are the factors reduced as ``picture`` is: their product over the first
    r columns is the reduced rank-r approximation. ``error`` bounds ||M - U S V^T||_2, None where
    pairs are left out.
    """

    u: Array
    s: Floats
    vh: Array
    left: Floats
    right: Floats
    picture: Picture
    error: float | None = None

    @property
    def known(self) -> int:
        """How many singular pairs there are."""
        return int(self.s.size)

    @property
    def drawable(self) -> bool:
        """Whether rank-r pictures exist: of a complex matrix magnitudes are shown, not linear."""
        return self.u.dtype.kind != "c"

    @property
    def complete(self) -> bool:
        """Whether every rank up to min(m, n) can be shown."""
        return self.known == min(self.picture.shape)

    def entries(self, rank: int, rows: slice, columns: slice) -> Array:
        """Return a block of the approximation of rank ``rank``, or of the largest one known.

        Rows and columns are those of the file; where one is left out its entries are NaN.
        """
        known = min(rank, self.known)

        def product(down: slice, across: slice) -> Array:
            return (self.u[down, :known] * self.s[:known]) @ self.vh[:known, across]

        return entries_placed((rows, columns), self.picture.places, product)


def pairs_limit(limit: int = value_of(limit)) -> int:
    """Return the last pair that can be looked at."""
    return max(limit, 1)


class Chosen(Record):
    """Which pair is looked at."""

    vector: int = number(
        1,
        (1, pairs_limit),
        "Pair &i",
        "Which pair: M vᵢ = σᵢ uᵢ",
        view="vectors",
        undo="singular pair",
    )


class Vectors(Step, key="factors", title="Singular vectors", keep=4):
    """Singular values and vectors, reduced for pictures: all of them where that is affordable.

    Otherwise the leading ones, and as many more as the rank or the pair asks for.
    """

    loaded: Loaded = answer_of(Check)
    picture: Picture = answer_of(DrawMatrix)
    rank: int = Shared.rank
    vector: int = Chosen.vector

    @property
    def question(self) -> tuple[Any, ...]:
        """Rank and pair count by how many pairs they need."""
        return self.loaded, self.picture, self.pairs

    @property
    def pairs(self) -> int:
        """How many leading pairs are computed; 0 means all of them."""
        few = self.loaded.pairs
        if self.loaded.form == "product":
            return few
        if not few and self._work <= FULL_WORK:
            return 0
        limit, most = min(self.loaded.shape), ROOM // (8 * sum(self.loaded.shape))
        few = few or min(LEADING_PAIRS, limit)
        asked, pairs = min(max(self.rank, self.vector), limit), few
        while pairs < asked:
            pairs *= 2
        if 2 * pairs > limit and pairs > few and limit <= most and self.loaded.form == "dense":
            return 0  # more than half of them cost as much as all
        return max(min(pairs, most, limit), few)

    @property
    def rest(self) -> float:
        """For how many seconds rank and pair must stand still where they ask for many pairs."""
        return 0.3 if self.cost > 1.0 else 0.0

    @property
    def known(self) -> int:
        """How many pairs there will be."""
        return self.pairs or min(self.loaded.shape)

    @property
    def cost(self) -> float:
        """Seconds, about: vectors cost four times the values; rates of a 2-core machine."""
        m, n = self.loaded.shape
        if self.loaded.pairs:
            # More than the values alone: those come first.
            return 1.5 * self.loaded.seconds(rank=self.pairs)
        return 6.0 * m * n * self.pairs / 2e10 if self.pairs else self._work / 1.5e9

    def require_room(self) -> None:
        """Ask before much memory is taken."""
        self.loaded.require_room(**({"rank": self.pairs} if self.pairs else {"vectors": True}))

    @property
    def _work(self) -> float:
        m, n = self.loaded.shape
        return float(m) * n * min(m, n)

    def run(self, progress: Progress | None = None) -> Factors:
        """Return the factors."""
        from engine.spectrum import svd_factors, truncated_svd

        if self.pairs:
            found = truncated_svd(self.loaded.array, self.pairs, progress=progress)
        else:
            found = svd_factors(self.loaded.array, progress=progress)
        error = found.residual_spectral if found.complete else None
        return make_factors(self.picture, found.u, found.s, found.vh, error)


def make_factors(
    picture: Picture, u: Array, s: Array, vh: Array, error: float | None = None
) -> Factors:
    """Reduce the factors for display."""
    rows, columns = picture.block
    if u.dtype.kind == "c":
        # Magnitudes are not linear: complex factors are browsed, not drawn as rank-r pictures.
        left, right = np.zeros((0, s.size)), np.zeros((s.size, 0))
    else:
        down, across = picture.places
        left = spread_means(u, rows, down.kept if down else None, picture.size[0])
        if across is None:
            reduced = channel_means(vh.T, columns, picture.channels)
        else:
            reduced = spread_means(vh.T, columns, across.kept, across.total)
        right = np.ascontiguousarray(reduced.T)
    return Factors(u, np.asarray(s, dtype=np.float64), vh, left, right, picture, error)


@dataclass(frozen=True, eq=False)
class RankPicture:
    """The reduced rank-r approximation and what it leaves, ``residual = original - approximation``.

    Exact up to rounding: nothing is approximated but the size of the picture. The approximation
    has the colour scale of the original, the residual the same contrast about 0.
    """

    rank: int
    approximation: Shades
    residual: Shades


class RankPictures:
    """Rank-r pictures of one set of factors; what it returns depends on nothing but the rank.

    Drags ask for neighbouring ranks: only the ranks that changed are added or taken away. The
    products are numpy's, which lets the GUI thread run meanwhile (scipy's BLAS functions, and so
    the engine's RankStepper, do not). A lock guards it: a cancelled job and its successor may
    overlap.
    """

    def __init__(self, factors: Factors) -> None:
        self.factors = factors
        self._left = factors.left * factors.s
        self._lock = threading.Lock()
        self._last = self._fresh(0)
        self._rank = 0
        self._gathered = 0

    def __reduce__(self) -> tuple[type[RankPictures], tuple[Factors]]:
        return RankPictures, (self.factors,)

    def at(self, rank: int) -> RankPicture:
        """Return the pictures of ``rank``, or of the largest rank known."""
        picture = self.factors.picture
        with self._lock:
            approximation = self._step(min(max(rank, 0), self.factors.known))
        low, high = picture.means.scale[1]
        return RankPicture(
            min(rank, self.factors.known),
            picture.shade(approximation, picture.means.scale),
            picture.shade(picture.mean - approximation, picture.signed(0.5 * high - 0.5 * low)),
        )

    def _step(self, rank: int) -> Floats:
        change = abs(rank - self._rank)
        self._gathered += change
        if change >= rank or self._gathered > DRIFT_LIMIT:
            self._last, self._gathered = self._fresh(rank), 0
        elif change:
            low, high = sorted((rank, self._rank))
            part = self._left[:, low:high] @ self.factors.right[low:high]
            self._last = self._last + part if rank > self._rank else self._last - part
        self._rank = rank
        return self._last

    def _fresh(self, rank: int) -> Floats:
        product: Floats = self._left[:, :rank] @ self.factors.right[:rank]
        return product


def rank_pictures(factors: Factors = answer_of(Vectors)) -> RankPictures:
    """Return what draws any rank of the factors."""
    return RankPictures(factors)


class DrawRank(Step, key="rank"):
    """The pictures of one rank, cheap enough to follow a drag."""

    pictures: RankPictures = value_of(rank_pictures)
    rank: int = Shared.rank

    @property
    def apart(self) -> bool:
        """Whether the spectrum is drawn while these are still on their way: large ones."""
        return self.pictures.factors.picture.mean.size > LARGE

    def run(self, progress: Progress | None = None) -> RankPicture | None:
        """Return the pictures; None of a complex matrix, whose magnitudes are not linear."""
        return self.pictures.at(self.rank) if self.pictures.factors.drawable else None


@dataclass(frozen=True, eq=False)
class Pair:
    """One singular pair: the vectors in full and the picture of ``sigma_i u_i v_i^T``.

    ``outer`` is None where the matrix is complex: magnitudes are not linear.
    """

    index: int
    sigma: float
    u: Floats
    v: Floats
    outer: Shades | None


class DrawPair(Step, key="pair"):
    """One singular pair, counted from 1, cheap enough to follow a drag."""

    factors: Factors = answer_of(Vectors)
    vector: int = Chosen.vector

    def run(self, progress: Progress | None = None) -> Pair:
        """Return the pair."""
        return singular_pair(self.factors, self.vector)


def singular_pair(factors: Factors, index: int) -> Pair:
    """Return pair ``index``, counted from 1; complex vectors are given by their magnitude."""
    place = min(max(index, 1), factors.known) - 1
    u, v = factors.u[:, place], factors.vh[place]
    if u.dtype.kind == "c":
        u, v = np.abs(u), np.abs(v)
    sigma = float(factors.s[place])
    picture, outer = factors.picture, None
    if factors.drawable:
        values = sigma * np.outer(factors.left[:, place], factors.right[place])
        top = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
        outer = picture.shade(values, picture.signed(top))
    return Pair(
        place + 1,
        sigma,
        np.asarray(u, dtype=np.float64),
        np.asarray(v, dtype=np.float64),
        outer,
    )


@dataclass(frozen=True, eq=False)
class ChosenColumns:
    """Both decompositions of one rank, with columns and rows as the file counts them."""

    rank: int
    skeleton: InterpolativeDecomposition
    cur: CUR
    columns: Array
    cur_columns: Array
    cur_rows: Array

    @property
    def largest(self) -> float:
        """The largest coefficient by which a chosen column enters another, in magnitude."""
        return float(np.abs(self.skeleton.coefficients).max(initial=0.0))


class ChooseColumns(Step, key="columns", title="Choosing columns", keep=4):
    """Choose columns, and rows, and measure what they leave."""

    loaded: Loaded = answer_of(Check)
    analysis: Analysis = answer_of(Analyse)
    picture: Picture = answer_of(DrawMatrix)
    rank: int = Shared.rank

    @property
    def cost(self) -> float:
        """Seconds, about: two pivoted QR decompositions and two spectral norms."""
        m, n = self.loaded.shape
        return 4.0 * m * n * min(m, n) / 2e9

    @property
    def rest(self) -> float:
        """For how many seconds the rank must stand still where this takes long."""
        return 0.3 if self.cost > 0.1 else 0.0

    def require_room(self) -> None:
        """Ask before much memory is taken."""
        self.loaded.require_room(vectors=True)

    def run(self, progress: Progress | None = None) -> ChosenColumns | None:
        """Return the decompositions; None of a matrix that is not written out."""
        from engine.jobs import checkpoint
        from engine.spectrum import cur, interpolative

        if self.loaded.form != "dense":
            return None
        matrix, spectrum = self.loaded.array, self.analysis.spectrum
        known: dict[str, Any] = {"spectrum": spectrum} if spectrum.complete else {}
        checkpoint(progress, 0.0, tr("columns"))
        skeleton = interpolative(matrix, self.rank, "strong", **known)
        checkpoint(progress, 0.5, tr("columns and rows"))
        found = cur(matrix, self.rank, **known)
        down, across = self.picture.places
        return ChosenColumns(
            self.rank,
            skeleton,
            found,
            skeleton.columns if across is None else across.kept[skeleton.columns],
            found.columns if across is None else across.kept[found.columns],
            found.rows if down is None else down.kept[found.rows],
        )
