"""The page's figures for ``rankscope render``: the same requests and figures, without a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.figure.figure import Figure
from gui.core.leaving.page import RenderOption, RenderSpec
from gui.core.leaving.render_options import number, whole_number
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr
from gui.pages.topk.figures import Frame, operator_styles, output_figure, scores_figure
from gui.pages.topk.lower_figures import tau_figure
from gui.pages.topk.requests import (
    ComputeOutputs,
    OperatorInfo,
    SweepTau,
    operator_catalogue,
)
from gui.pages.topk.scores import LoadScores
from gui.pages.topk.state import TAU_MAX, TAU_MIN, AxisKind, InputSpec, TopkState, line_count


def _operator_keys(text: str) -> tuple[str, ...]:
    from engine.topk import get_operator

    keys = tuple(word for word in text.replace(",", " ").split() if word)
    for key in keys:
        get_operator(key)
    return keys


_OPTIONS = (
    RenderOption("k", "how many scores are kept", number),
    RenderOption("tau", "temperature of the operators", number),
    RenderOption("row", "which row of a matrix holds the scores, from 0", whole_number),
    RenderOption("column", "which column holds the scores, from 0", whole_number),
    RenderOption("operators", "keys of the operators, separated by commas", _operator_keys),
    RenderOption("by-index", "leave the scores in the order of the file", None),
)


def _prepare(
    source: Any, ref: DataRef, options: Mapping[str, Any]
) -> tuple[Frame, tuple[str, ...], float]:
    from engine.errors import ArgumentError

    defaults = TopkState()
    axis: AxisKind = "column" if "column" in options else "row"
    position = int(options.get(axis, 0))
    lines = line_count(ref, axis)
    if lines and not 0 <= position < lines:
        raise ArgumentError(f"--{axis}", position, tr("from 0 to {high}", high=lines - 1))
    spec = InputSpec("data", ref, axis=axis if lines else "row", position=position)
    scores = LoadScores(spec, source).run()
    catalogue = {info.key: info for info in operator_catalogue()}
    k = _checked_k(options, defaults.k, scores.unmasked)
    tau = float(options.get("tau", defaults.tau))
    if not TAU_MIN <= tau <= TAU_MAX:
        raise ArgumentError(
            "--tau", tau, tr("within {low:g} and {high:g}", low=TAU_MIN, high=TAU_MAX)
        )
    operators = options.get("operators") or _fitting(defaults.operators, catalogue, k)
    meta = {
        "source": ref.title,
        "line": f"{axis} {position}" if lines else "",
        "k": f"{k:g}",
        "tau": f"{tau:g}",
        "operators": " ".join(operators),
    }
    by = "index" if options.get("by_index") else "rank"
    styles = operator_styles(tuple(catalogue.values()))
    frame = Frame(scores, k, "index" if by == "index" else "rank", styles, scores.order, meta)
    return frame, tuple(operators), tau


def _checked_k(options: Mapping[str, Any], default: float, top: int) -> float:
    from engine.errors import ArgumentError

    if "k" not in options:
        return min(default, float(top))
    k = float(options["k"])
    if not 0 <= k <= top:
        raise ArgumentError("--k", k, tr("from 0 to {high}, the number of scores", high=top))
    return k


def _fitting(
    operators: tuple[str, ...], catalogue: Mapping[str, OperatorInfo], k: float
) -> tuple[str, ...]:
    # A fractional k asks for the operators that take one; nobody has to list them.
    return tuple(key for key in operators if k.is_integer() or not catalogue[key].whole_k)


def _output(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    from engine.errors import RankscopeError

    frame, operators, tau = _prepare(source, ref, options)
    request = ComputeOutputs(frame.scores, frame.k, tuple((key, tau) for key in operators))
    outputs = request.run()
    for output in outputs:
        if output.p is None:
            raise RankscopeError(f"{output.key}: {output.error}")
    return output_figure(frame, outputs)


def _scores(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    return scores_figure(_prepare(source, ref, options)[0], draggable=False)


def _sweep(source: Any, ref: DataRef, options: Mapping[str, Any]) -> Figure:
    frame, operators, tau = _prepare(source, ref, options)
    sweep = SweepTau(frame.scores, frame.k, operators).run()
    taus = tuple((key, tau) for key in operators)
    return tau_figure(frame, sweep, taus, tau, "boundary", None)


RENDERS = (
    RenderSpec("topk", "Soft Top-k output", _output, _OPTIONS),
    RenderSpec("topk-scores", "Scores", _scores, _OPTIONS),
    RenderSpec("topk-tau", "Output around the boundary against tau", _sweep, _OPTIONS),
)
