"""What the Sources dock says in words; it draws no plots."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from gui.core.state.document import entry_title
from gui.core.state.listed import EntryInfo, OpenFile, is_shown
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.readable import readable, readable_name
from gui.frozen import dataclass

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


_Parts = tuple[list[str], EntryInfo]


@dataclass(frozen=True)
class Node:
    """A row of the tree: an array, or a group of those whose names begin alike (no ``entry``).

    ``members`` are what is in a group, with the parts of their names, of which those before
    ``level`` are behind; they are sorted into ``children`` by who asks for these first.
    """

    label: str
    entry: EntryInfo | None = None
    members: Sequence[_Parts] = ()
    level: int = 0
    separator: str = "."

    @property
    def count(self) -> int:
        """How many arrays it stands for."""
        return len(self.members) or 1

    @cached_property
    def children(self) -> tuple[Node, ...]:
        """The rows of a group."""
        return _branches(self.members, self.level, self.separator)

    def holds(self, name: str) -> bool:
        """Return whether an array of that name is in the group."""
        return any(entry.name == name for _, entry in self.members)


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
    return _branches(parts, 0, separator)


def _branches(members: Sequence[_Parts], level: int, separator: str) -> tuple[Node, ...]:
    groups: dict[str, list[_Parts]] = {}
    for member in members:
        groups.setdefault(member[0][level], []).append(member)
    nodes: list[Node] = []
    for label, inside in groups.items():
        nodes += [Node(label, entry) for parts, entry in inside if len(parts) == level + 1]
        deeper = [member for member in inside if len(member[0]) > level + 1]
        if deeper:
            nodes.append(_branch(label, deeper, level + 1, separator))
    return tuple(nodes)


def _branch(label: str, members: list[_Parts], level: int, separator: str) -> Node:
    """Return a group; a step on which nothing branches off is no step of its own."""
    while len(next_ := {parts[level] for parts, _ in members}) == 1:
        ending = [entry for parts, entry in members if len(parts) == level + 1]
        if ending and len(members) > 1:
            break
        label = f"{label}{separator}{next_.pop()}"
        if ending:
            return Node(label, ending[0])
        level += 1
    return Node(label, None, members, level, separator)


def problem_text(problems: Sequence[str]) -> str:
    """Return the first sentences, one a line, and how many follow: they share a bar at the top."""
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > len(shown):
        shown.append(tr("And {count} more.", count=len(problems) - len(shown)))
    return "\n".join(shown)


def file_title(file: OpenFile) -> str:
    """Return the name of a file in the tree."""
    return readable_name(file.title) or tr("Examples")


def titles_apart(files: Sequence[OpenFile]) -> dict[str, str]:
    """Return the names of files in the tree, by path; equal ones with their folders before them.

    As many folders as tell them apart: every model's weights are called model.safetensors.

    Examples
    --------
    >>> files = [OpenFile(f"/m/{one}/w.npz", "w.npz", ()) for one in ("base", "tuned")]
    >>> list(titles_apart(files).values())
    ['base/w.npz', 'tuned/w.npz']
    """
    found = {file.path: file_title(file) for file in files if not is_shown(file.path)}
    folders = {path: readable(os.path.dirname(path)).split(os.sep) for path in found}
    for depth in range(1, max(map(len, folders.values()), default=0) + 1):
        counts = Counter(found.values())
        for path, title in list(found.items()):
            if counts[title] > 1 and depth <= len(folders[path]) and folders[path][-depth]:
                found[path] = f"{folders[path][-depth]}/{title}"
    return found
