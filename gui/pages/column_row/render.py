"""The page's figures for ``rankscope render``: the same requests and figures, without a window."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gui.core.figure.figure import Figure
from gui.core.leaving.page import RenderOption, RenderSpec
from gui.core.leaving.render_options import one_of, whole_number
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr
from gui.pages.column_row.catalogue import ReadCatalogue, StrategyInfo, options_of
from gui.pages.column_row.curves import compute_curve, compute_sampling
from gui.pages.column_row.detail import ComputeDetail
from gui.pages.column_row.figures import Style, error_figure, norms_figure, strategy_styles
from gui.pages.column_row.requests import LoadFactors, Prepared, prepare
from gui.pages.column_row.state import (
    PRODUCTS,
    WEIGHTS,
    ColumnRowState,
    Pairing,
    Product,
    WeightKind,
    chosen_detail,
    product_of,
    with_pairing,
)
from gui.pages.column_row.wording import misfit


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _strategies(text: str) -> tuple[str, ...]:
    from engine.column_row import STRATEGIES

    return tuple(map(one_of(tuple(STRATEGIES)), _words(text)))


def _weights(text: str) -> tuple[str, ...]:
    return tuple(map(one_of(WEIGHTS), _words(text)))


_OPTIONS = (
    RenderOption("product", "rows (AᵀA), or columns (AAᵀ)", one_of(PRODUCTS[:2])),
    RenderOption("times", "another array of the file, or another file, to multiply by"),
    RenderOption("transpose-x", "transpose the array before it is multiplied", None),
    RenderOption("transpose-y", "transpose the array it is multiplied by", None),
    RenderOption("pairs", "how many column-row pairs are kept", whole_number),
    RenderOption("strategies", "keys of the strategies, separated by commas", _strategies),
    RenderOption("weights", "own, diagonal, full, separated by commas", _weights),
    RenderOption("seed", "seed of the sampling strategies", whole_number),
    RenderOption("log-y", "logarithmic y axis (the default of sigma)", None),
    RenderOption("log-x", "logarithmic x axis", None),
)


@dataclass(frozen=True)
class _Setup:
    prepared: Prepared
    state: ColumnRowState
    infos: tuple[StrategyInfo, ...]
    styles: Mapping[str, Style]
    r: int


def _prepare(source: Any, ref: DataRef, options: Mapping[str, Any]) -> _Setup:
    from engine.errors import ArgumentError

    product, y_source, state = _product(source, ref, options)
    if not product.fits:
        raise ArgumentError(
            "--times", options.get("times", ""), tr("a matrix that fits"), misfit(product)
        )
    prepared = prepare(LoadFactors(product, source, y_source).run()).run()
    if "pairs" in options and not 0 <= state.r <= prepared.pairs:
        raise ArgumentError("--pairs", state.r, tr("from 0 to {high}", high=prepared.pairs))
    catalogue = ReadCatalogue().run().strategies
    infos = tuple(info for info in catalogue if info.key in state.strategies)
    styles = strategy_styles(catalogue)
    return _Setup(prepared, state, infos, styles, min(state.r, prepared.pairs))


def _product(
    source: Any, ref: DataRef, options: Mapping[str, Any]
) -> tuple[Product, Any, ColumnRowState]:
    y_source, y = source, None
    if "times" in options:
        y_source, y = _other(source, str(options["times"]))
    pairing = Pairing(
        ref,
        "other" if y is not None else options.get("product", "rows"),
        y,
        bool(options.get("transpose_x", False)),
        bool(options.get("transpose_y", False)),
    )
    default = ColumnRowState()
    state = ColumnRowState(
        pairings=with_pairing(default, pairing),
        r=int(options.get("pairs", default.r)),
        strategies=options.get("strategies", default.strategies),
        weights=options.get("weights", default.weights),
        seed=int(options.get("seed", default.seed)),
        error_log=bool(options.get("log_y", False)),
        r_log=bool(options.get("log_x", False)),
        norms_log=bool(options.get("log_y", False)),
    )
    product = product_of(state, ref)
    assert product is not None
    return product, y_source, state


def _other(source: Any, name: str) -> tuple[Any, DataRef]:
    """Return the source and the reference of an array of the same file, or of another file."""
    from engine.files import open_matrix_file

    if name not in {entry.name for entry in source.entries} and os.path.exists(name):
        source = open_matrix_file(name)
        name = next(entry.name for entry in source.entries if entry.readable)
    entry = source.entry(name)
    return source, DataRef(source.path, entry.name, entry.shape[-2:], str(entry.dtype))


def _error(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    setup = _prepare(source, ref, options)
    chosen = options_of(setup.state)
    curves, samplings = [], []
    for kind in setup.state.weights:
        for info in setup.infos:
            if kind not in info.kinds((kind,)):
                continue
            if kind == "own" and info.random:
                samplings.append(compute_sampling(setup.prepared, info.key, chosen.seed).run())
            else:
                curves.append(_curve(setup, info, kind))
    return error_figure(setup.prepared, setup.state, setup.r, curves, samplings, setup.styles)


def _curve(setup: _Setup, info: StrategyInfo, kind: WeightKind) -> Any:
    return compute_curve(setup.prepared, info, kind, options_of(setup.state)).run()


def _norms(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    setup = _prepare(source, ref, options)
    state, key = setup.state, chosen_detail(setup.state)
    info = next((one for one in setup.infos if one.key == key), None)
    detail = None
    if info is not None:
        request = ComputeDetail(setup.prepared, info, state.weights[0], setup.r, options_of(state))
        detail = request.run()
    return norms_figure(setup.prepared, state, detail, setup.styles)


RENDERS = (
    RenderSpec("column_row", "Error of column-row pairs against r", _error, _OPTIONS),
    RenderSpec("column_row-norms", "Norms of the column-row pairs", _norms, _OPTIONS[:-1]),
)
