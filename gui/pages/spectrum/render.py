"""The page's figures for ``rankscope render``: the same requests and figures, without a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.figure.figure import Figure
from gui.core.leaving.page import RenderOption, RenderSpec
from gui.core.leaving.render_options import one_of, whole_number
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr
from gui.pages.spectrum.analysis import Analysis, ComputeDensity
from gui.pages.spectrum.data import Data
from gui.pages.spectrum.factors import RankPictures, compute_factors
from gui.pages.spectrum.figures import matrix_figure, reconstruction_figures, spectrum_figure
from gui.pages.spectrum.lower_figures import density_figure, error_figure
from gui.pages.spectrum.reduction import Picture
from gui.pages.spectrum.requests import DrawMatrix, Loaded, LoadMatrix, full_spectrum
from gui.pages.spectrum.rules import choose_ranks
from gui.pages.spectrum.state import QUANTITIES, SpectrumState


def _repair(text: str) -> str:
    word = text.replace("-", "_")
    if word not in ("zero", "column_mean"):
        raise ValueError(tr("{text} is neither zero nor column-mean", text=text))
    return word


_RANK = RenderOption("rank", "how many singular values are kept", whole_number)
_REPAIR = RenderOption("replace-bad", "replace NaN and infinity by zero or column-mean", _repair)
_PLOT = (
    RenderOption("quantity", "what is plotted: sigma, sigma2 or energy", one_of(QUANTITIES)),
    RenderOption("log-y", "logarithmic y axis (the default of sigma)", None),
    RenderOption("linear-y", "linear y axis", None),
    RenderOption("log-x", "logarithmic x axis", None),
    RenderOption("normalised", "divide by the largest singular value", None),
    RenderOption("rules", "draw a line for every rank rule", None),
)


def _state(options: Mapping[str, Any]) -> SpectrumState:
    default = SpectrumState()
    return SpectrumState(
        rank=int(options.get("rank", default.rank)),
        quantity=options.get("quantity", default.quantity),
        log_x=bool(options.get("log_x", False)),
        log_y=not options.get("linear_y", False),
        normalised=bool(options.get("normalised", False)),
        show_rules=bool(options.get("rules", False)),
        error_log=not options.get("linear_y", False),
        density_log=bool(options.get("log_y", False)),
    )


def _load(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Loaded:
    return LoadMatrix(Data(ref, options.get("replace_bad", ""), source)).run()


def _prepare(
    source: Any, ref: DataRef, options: Mapping[str, Any]
) -> tuple[Analysis, SpectrumState, int]:
    state = _state(options)
    analysis = full_spectrum(_load(source, ref, options), "auto").run()
    return analysis, state, _checked_rank(state.rank, "rank" in options, min(analysis.shape))


def _checked_rank(rank: int, given: bool, limit: int) -> int:
    from engine.errors import ArgumentError

    if given and not 0 <= rank <= limit:
        raise ArgumentError("--rank", rank, tr("from 0 to {high}", high=limit))
    return min(rank, limit)


def _spectrum(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    analysis, state, rank = _prepare(source, ref, options)
    rules = choose_ranks(analysis, ()).run() if state.show_rules else ()
    return spectrum_figure(analysis, state, rank, rules=rules)


def _energy(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    return _spectrum(source, ref, {**options, "quantity": "energy"})


def _error(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    return error_figure(*_prepare(source, ref, options))


def _density(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    analysis, state, _ = _prepare(source, ref, options)
    density = ComputeDensity(analysis.spectrum, state.quantity == "sigma2").run()
    return density_figure(analysis, density, state)


def _picture(loaded: Loaded) -> Picture:
    return DrawMatrix(loaded.data.plain, loaded.array).run()


def _matrix(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    loaded = _load(source, ref, options)
    return matrix_figure(_picture(loaded), ref.title, SpectrumState())


def _approximation(place: int) -> Any:
    def build(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
        from engine.errors import ArgumentError

        loaded = _load(source, ref, options)
        rank = _checked_rank(_state(options).rank, "rank" in options, min(loaded.shape))
        factors = compute_factors(loaded, _picture(loaded)).run()
        if rank > factors.known:
            raise ArgumentError(
                "--rank", rank, tr("from 0 to {high} for this size", high=factors.known)
            )
        return reconstruction_figures(factors, RankPictures(factors).at(rank), rank, ref.title)[
            place
        ]

    return build


RENDERS = (
    RenderSpec("spectrum", "Singular value spectrum", _spectrum, (_RANK, *_PLOT, _REPAIR)),
    RenderSpec(
        "energy",
        "Cumulative energy",
        _energy,
        (_RANK, _REPAIR),
    ),
    RenderSpec("error", "Error against rank", _error, (_RANK, *_PLOT[1:3], _REPAIR)),
    RenderSpec("density", "Density of singular values", _density, (*_PLOT[:2], _REPAIR)),
    RenderSpec("matrix", "Matrix picture", _matrix, (_REPAIR,)),
    RenderSpec("approximation", "Rank-r approximation", _approximation(0), (_RANK, _REPAIR)),
    RenderSpec("residual", "Residual of rank r", _approximation(1), (_RANK, _REPAIR)),
)
