"""What a plot is made of, in words: for who wants to change it, or wonders what it depends on."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gui.core.declare.page import Page
from gui.core.declare.parameter import Parameter
from gui.core.declare.records import Need, Plot, Record, Step, needs


def explained(page: Page, plot: type[Plot]) -> str:
    """Return a tree: the plot, what it is made of, what that is made of, each once in full."""
    lines = [f"{plot.key}  {plot.title}  ({_place(plot)})"]
    lines += _parts(page, plot, "  ", set())
    return "\n".join(lines)


def _parts(page: Page, node: Any, indent: str, told: set[Any]) -> Iterator[str]:
    for need in needs(node):
        yield f"{indent}{need.field}: {_words(need)}"
        inner = need.node
        outside = isinstance(inner, type) and not issubclass(inner, Record)
        if not (inner in told or outside or isinstance(inner, Parameter)):
            told.add(inner)
            yield from _parts(page, inner, indent + "  ", told)


def _words(need: Need) -> str:
    node = need.node
    optional = "maybe " if need.optional else ""
    if isinstance(node, Parameter):
        option = f"  --{node.option_name}" if node.option_name else ""
        bounds = (
            f" in [{_bound(node.lower)}, {_bound(node.upper)}]" if node.kind == "number" else ""
        )
        return f"parameter {node!r} = {node.default!r}{bounds}{option}"
    if isinstance(node, type) and issubclass(node, Step):
        kind = "the answers of" if getattr(need.source, "every", False) else "the answer of"
        return f"{optional}{kind} step {node.__name__}  ({_place(node)})"
    if isinstance(node, type) and not issubclass(node, Record):
        return f"{optional}given {node.__name__}"
    member = "a member of " if need.member else ""
    return f"{optional}{member}value {node.__name__}  ({_place(node)})"


def _bound(bound: Any) -> str:
    return bound.__name__ if callable(bound) else f"{bound:g}"


def _place(node: Any) -> str:
    try:
        line = inspect.getsourcelines(node)[1]
        file = Path(inspect.getsourcefile(node) or "")
    except (OSError, TypeError):
        return str(node.__module__)
    return f"{'/'.join(file.parts[-5:])}:{line}"
