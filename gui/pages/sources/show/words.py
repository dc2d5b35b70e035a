"""What the Sources dock says in words; it draws no plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gui.core.state.document import entry_title
from gui.core.state.listed import EntryInfo, OpenFile, is_shown
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.readable import readable

# Up to here a person sees all of a file at once.
SHORT_LIST = 24
FEW, LONG_NAME = 6, 24  # arrays; letters that a narrow tree shows
MAX_DEPTH = 8
SHOWN_PROBLEMS = 4


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as people write it.

    Examples
    --------
    >>> shape_text((512, 64))
    '512 × 64'
    """
    return " × ".join(map(str, shape))


def entry_tooltip(path: str, entry: EntryInfo) -> str:
    """Return the name, shape, type and remark of an array, one a line."""
    name = entry_title(path, entry.name)
    lines = [name, f"{shape_text(entry.shape)}  {entry.dtype}".strip(), tr_sentence(entry.note)]
    return "\n".join(line for line in lines if line)


def file_tooltip(file: OpenFile) -> str:
    """Return where a file is and what was skipped or assumed while it was read, one a line."""
    if not file.title:
        return tr("Built-in examples")
    if is_shown(file.path):
        return tr("A running program that has shown arrays: its name and the number of its process")
    return "\n".join([readable(file.path), *map(tr_sentence, file.notes)])


def remarks(file: OpenFile, entry: EntryInfo) -> str:
    """Return what there is to know of an array: its own remark, then those on its file."""
    said = [entry.note, *file.notes]
    return "\n".join(tr_sentence(note) for note in said if note)


@dataclass(frozen=True)
class Node:
    """A row of the tree: an array, or a group of those whose names begin alike (no ``entry``)."""

    label: str
    entry: EntryInfo | None = None
    children: tuple[Node, ...] = ()

    @property
    def count(self) -> int:
        """How many arrays it stands for."""
        return sum(child.count for child in self.children) if self.children else 1


def grouped(entries: Sequence[EntryInfo]) -> tuple[Node, ...]:
    """Return the arrays of a file below the parts of their names ("layers.0.q") that they share.

    A short list stays as it is, unless its names are too long to be told apart in a narrow tree.

    Examples
    --------
    >>> names = ["embed", *(f"layers.{i}.{part}" for i in range(20) for part in "qk")]
    >>> nodes = grouped([EntryInfo(name, (2, 2), "float32") for name in names])
    >>> [(node.label, node.count) for node in nodes]
    [('embed', 1), ('layers', 40)]
    >>> [leaf.label for leaf in nodes[1].children[0].children]
    ['q', 'k']
    """
    long = len(entries) > FEW and max(len(entry.name) for entry in entries) > LONG_NAME
    if len(entries) <= SHORT_LIST and not long:
        return tuple(Node(entry.name, entry) for entry in entries)
    separator = "/" if any("/" in entry.name for entry in entries) else "."
    parts = [(entry.name.split(separator, MAX_DEPTH), entry) for entry in entries]
    return _branches(parts, separator)


def _branches(items: list[tuple[list[str], EntryInfo]], separator: str) -> tuple[Node, ...]:
    groups: dict[str, list[tuple[list[str], EntryInfo]]] = {}
    for (first, *rest), entry in items:
        groups.setdefault(first, []).append((rest, entry))
    nodes: list[Node] = []
    for label, members in groups.items():
        nodes += [Node(label, entry) for rest, entry in members if not rest]
        deeper = [(rest, entry) for rest, entry in members if rest]
        below = _branches(deeper, separator) if deeper else ()
        if len(below) == 1:
            # A step on which nothing branches off is no step of its own.
            only = below[0]
            nodes.append(Node(f"{label}{separator}{only.label}", only.entry, only.children))
        elif below:
            nodes.append(Node(label, None, below))
    return tuple(nodes)


def problem_text(problems: Sequence[str]) -> str:
    """Return the first sentences, one a line, and how many follow: they share a bar at the top."""
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > len(shown):
        shown.append(tr("And {count} more.", count=len(problems) - len(shown)))
    return "\n".join(shown)


def file_title(file: OpenFile) -> str:
    """Return the name of a file in the tree."""
    return file.title or tr("Examples")
