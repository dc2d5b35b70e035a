"""The call of ``rankscope.draw`` that repeats a plot, as a person can paste it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.declare.records import Plot
from gui.core.state.document import Arrays, DataRef, Opened, Second
from gui.core.state.listed import is_shown
from gui.core.words.tables import values_of


def call_of(plot: type[Plot], now: Moment) -> str:
    """Return the code: the array, how it is read, and every parameter that is not its default.

    What a person set without a control of its own (dragged points, pinned arrays) is named in a
    comment, where it is not plain numbers.
    """
    return f"import rankscope\n\n{line_of(plot, now)}"


def script_of(steps: Iterable[tuple[str, str]]) -> str:
    """Return the script that draws step after step.

    Parameters
    ----------
    steps : iterable of (str, str)
        What was done, and the line that draws what was seen then; "" where nothing was.

    Examples
    --------
    >>> steps = [("Begin", "rankscope.draw(1)\\n"), ("rank", "rankscope.draw(2)\\n"), ("view", "")]
    >>> print(script_of(steps), end="")
    import rankscope
    <BLANKLINE>
    # Begin
    rankscope.draw(1)
    <BLANKLINE>
    # rank
    rankscope.draw(2)
    <BLANKLINE>
    # view
    """
    lines = [f"# {' '.join(label.split())}\n{line}" for label, line in steps]
    return "\n".join(["import rankscope\n", *lines])


def line_of(plot: type[Plot], now: Moment) -> str:
    """Return the call alone, without its import."""
    page, name = now.page, plot.key.partition(".")[2]
    words = [repr(page.key), repr(name)]
    opened = now.look(Opened) if Opened in page.given else None
    if isinstance(opened, Opened):
        words += _array(opened)
    second = now.look(Second) if Second in page.given else None
    if isinstance(second, Second):
        words += _other(second.data)
        if isinstance(opened, Opened) and second.data.repair != opened.repair:
            words.append(f"other_missing={second.data.repair!r}")
    left_out = []
    arrays = now.look(Arrays) if Arrays in page.given else None
    titled = {one.title: one for one in arrays.refs} if isinstance(arrays, Arrays) else {}
    beside = []
    for one in page.of_plot(plot):
        value = now.look(one)
        if isinstance(arrays, Arrays) and isinstance(value, str) and value in titled:
            meant = arrays.open(titled[value])
            if meant is None or is_shown(meant.ref.path):
                left_out.append(one.undo)
                continue
            beside.append(f"rankscope.Beside({', '.join(_file(meant))})")
        led = one.follows is not None and now.look(one.follows[0]) is True
        if led or isinstance(value, Missing) or value == one.default:
            continue
        if _is_plain(value):
            words.append(f"{one.name}={value!r}")
        else:
            left_out.append(one.undo)
    if beside:
        words.append(f"beside=[{', '.join(dict.fromkeys(beside))}]")
    body = "".join(f"    {word},\n" for word in words)
    notes = "".join(f"# without: {what}\n" for what in left_out)
    return f"{notes}rankscope.draw(\n{body})\n"


def _array(opened: Opened) -> list[str]:
    ref = opened.ref
    if not is_shown(ref.path):
        return _file(opened)
    return [*_named(ref, ""), *_matrix(ref, ""), *_missing(opened), *_reading("reading", opened)]


def _file(opened: Opened) -> list[str]:
    ref = opened.ref
    place = [repr(ref.path), f"entry={ref.entry!r}", *_matrix(ref, "")]
    return [*place, *_missing(opened), *_reading("reading", opened)]


def _missing(opened: Opened) -> list[str]:
    return [f"missing={opened.repair!r}"] if opened.repair else []


def _other(opened: Opened) -> list[str]:
    ref = opened.ref
    words = [f"other={ref.path!r}", f"other_entry={ref.entry!r}"]
    if is_shown(ref.path):
        words = _named(ref, "other=")
    words += _matrix(ref, "other_")
    return [*words, *_reading("other_reading", opened)]


def _named(ref: DataRef, before: str) -> list[str]:
    """Return an array of a running program as that calls it."""
    name = ref.entry if all(map(str.isidentifier, ref.entry.split("."))) else "array"
    return [f"{before}{name}"]


def _matrix(ref: DataRef, before: str) -> list[str]:
    """Return which matrix of an array of more axes is meant."""
    said = {"view": ref.view, "index": ref.index}
    return [f"{before}{name}={value!r}" for name, value in said.items() if value]


def _reading(name: str, opened: Opened) -> list[str]:
    fields = ", ".join(f"{key}={value!r}" for key, value in values_of(opened.said).items())
    return [f"{name}=rankscope.TableReading({fields})"] if fields else []


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return isinstance(value, (bool, int, float, str))
