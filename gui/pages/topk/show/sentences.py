"""What the Top-k page says of its scores."""

from __future__ import annotations

from gui.core.declare.marks import value_of
from gui.core.words.i18n import tr
from gui.pages.topk.compute.inputs import InputSpec, line_count, line_name
from gui.pages.topk.compute.scores import Dragged, Scores


def input_title(spec: InputSpec, name: str = "") -> str:
    """Return where the scores come from: "router.npy row 17 of 4096", and what it is called."""
    if spec.kind == "pasted":
        return tr("pasted numbers")
    if spec.kind != "data" or spec.ref is None:
        return tr("{kind}, seed {seed}", kind=kind_title(spec.kind), seed=spec.seed)
    if len(spec.ref.shape) < 2:
        return spec.ref.title
    place = {"file": spec.ref.title, "i": spec.position, "n": line_count(spec.ref, spec.axis)}
    row, column = tr("{file} row {i} of {n}"), tr("{file} column {i} of {n}")
    title = (row if spec.axis == "row" else column).format(**place)
    return f"{title} ({name})" if name else title


def kind_title(kind: str) -> str:
    """Return what a kind of input is called."""
    titles = {
        "data": tr("the selected array"),
        "normal": tr("normal"),
        "uniform": tr("uniform"),
        "heavy": tr("heavy-tailed (t, 2 degrees)"),
        "ties": tr("many ties (whole 0 to 4)"),
        "pasted": tr("pasted numbers"),
    }
    return titles[kind]


def scores_text(count: int) -> str:
    """Return how many scores there are, in words.

    Examples
    --------
    >>> scores_text(1), scores_text(64)
    ('1 score', '64 scores')
    """
    return tr("1 score") if count == 1 else tr("{count} scores", count=count)


def read_as(count: int, reading: str) -> str:
    """Return how many scores there are and, where that is worth saying, how they were read."""
    scores = scores_text(count)
    return tr("{scores}, {reading}", scores=scores, reading=reading) if reading else scores


def summary(scores: Scores = value_of(Dragged), line: str = value_of(line_name)) -> str:
    """Return one line about the scores in force."""
    words = {"input": input_title(scores.spec, line), "scores": scores_text(scores.size)}
    return tr("{input}, {scores}", **words)
