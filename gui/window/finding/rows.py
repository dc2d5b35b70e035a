"""What the panel of the search shows: headings of kinds, what was found, and where to see more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from engine.search import Document, Group, Hit, terms
from engine.spectrum import RANK_RULES
from engine.topk import get_operator
from gui.core.declare.command import Entry
from gui.core.words.i18n import language, tr
from gui.core.words.lowered import written
from gui.frozen import dataclass
from gui.pages import PAGES
from gui.window.findable import OTHERWISE
from gui.window.finding.finder import Finder
from gui.window.finding.offers import kind_titles

AROUND = 70  # characters of a note before and after the first word that was found
# Signs of Markdown; a formula with commands is not read in a line, one of letters is.
_FORMULA = re.compile(r"\$\$.*?\$\$|(?<![\\\w])\$(?!\s)([^$\n]*?)(?<![\s\\])\$(?!\d)", re.DOTALL)
_MARKDOWN = re.compile(r"[][*$`|]|\\.|^#+ |-{3,}", re.MULTILINE)
_GAPS = re.compile(r"…[\s,.;:，。；：…]*…|…[,.，。]")  # formulas one after another, or at an end
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """One line: a heading (no ``key``), something found, or "all of them" (``more``).

    The words of the title that ``matched`` are printed bold.
    """

    kind: str
    title: str
    key: str = ""
    matched: tuple[str, ...] = ()
    remark: str = ""
    keys: str = ""
    pinned: bool = False
    checked: bool = False
    usable: bool = True
    more: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether it only names what follows."""
        return not (self.key or self.more)


class Rows(QAbstractListModel):
    """The lines of the panel; the role ``Row`` of each is the record itself."""

    ROW = Qt.ItemDataRole.UserRole

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: Iterable[Row]) -> None:
        """Show these lines in place of those before."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: D102
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            marks = (tr("pinned") if row.pinned else "", tr("on") if row.checked else "")
            return ", ".join(filter(None, (row.title, row.remark, row.keys, *marks)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.remark or None
        return row if role == self.ROW else None

    def flags(self, index: _Index) -> Qt.ItemFlag:  # noqa: D102
        if self.rows[index.row()].is_heading:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def rows_of(
    groups: Sequence[Group],
    finder: Finder,
    offered: Mapping[str, Entry],
    ticked: Iterable[str],
    alone: bool,
) -> list[Row]:
    """Return the lines of what was found; ``alone``: all of one kind is there."""
    rows, titles, on = [], kind_titles(), frozenset(ticked)
    for group in groups:
        rows.append(Row(group.kind, f"{titles[group.kind]} ({group.count})"))
        for hit in group.hits:
            document = finder.document(hit.key)
            if document is not None:
                rows.append(_found(hit, document, finder, offered.get(hit.key), hit.key in on))
        if group.count > len(group.hits) and not alone:
            words = tr("All {count}: {kind}", count=group.count, kind=titles[group.kind])
            rows.append(Row(group.kind, words, more=True))
    return rows


def _found(hit: Hit, document: Document, finder: Finder, entry: Entry | None, ticked: bool) -> Row:
    title = document.title if entry is None else entry.title
    if document.kind == "control":
        title = document.body
    return Row(
        document.kind,
        title,
        hit.key,
        hit.matched,
        finder.remark(hit.key) or _remark(document, entry, hit.matched),
        entry.shortcut if entry is not None else "",
        finder.personal.is_pinned(hit.key),
        ticked or (entry is not None and bool(entry.checked)),
        usable=document.kind != "command" or entry is not None,
    )


def _remark(document: Document, entry: Entry | None, matched: Sequence[str]) -> str:
    """Return the line of context: where it stands, what it computes, or what a note says."""
    if entry is not None:
        return "" if document.kind == "control" else entry.group
    if document.kind == "command":
        return tr("cannot be done now")
    name = document.key.partition("/")[2]
    if document.kind == "operator":
        op = get_operator(name)
        return written(tr(op.formula))
    if document.kind == "rule":
        rule = RANK_RULES[name]
        return tr(rule.formula)
    if document.kind == "view":
        return document.body.partition(" / ")[0]
    said = context(document, matched)
    page = next((one for one in PAGES if name.startswith(f"{one.key}#")), None)
    return said if page is None else f"{tr(page.title)}: {said}"


def context(document: Document, matched: Sequence[str]) -> str:
    """Return a line of a note in the language in use, also where only another has the words."""
    return snippet(document.body.partition(OTHERWISE)[0], matched)


def snippet(text: str, matched: Sequence[str]) -> str:
    r"""Return a line of a text around the first word that was found; its beginning where none is.

    Examples
    --------
    >>> snippet("One.\n\nThe *rank* of noise.", ["rank"])
    '… The rank of noise.'
    """
    text = _FORMULA.sub(_in_line, _LINK.sub(r"\1", text))
    plain = _GAPS.sub("…", " ".join(_MARKDOWN.sub("", text.replace("|", " ")).split()))
    places = (at for word in matched if (at := plain.casefold().find(word)) >= 0)
    first = min(places, default=0)
    start = max(0, first - AROUND)
    if start:  # from the beginning of a sentence or a word
        start = next((at for at in range(start, first) if plain[at] in " 。；"), start - 1) + 1
    elif (stop := plain.rfind(". ", 0, first)) >= 0:
        start = stop + 2
    cut = plain[start : start + 2 * AROUND + 20]
    return f"… {cut.removeprefix('…').lstrip()}" if start else cut


def _in_line(found: re.Match[str]) -> str:
    tex = found[1] or ""
    return re.sub("[{}]", "", tex) if tex and "\\" not in tex else "…"


def tried(words: Sequence[str], query: str) -> list[str]:
    """Return words to try that the query does not say; Chinese ones who reads them, and first."""
    said = frozenset(terms(query))
    new = [word for word in words if not said.issuperset(terms(word))]
    chinese = [word for word in new if _is_chinese(word)]
    if not _is_chinese(query) and not language().startswith("zh"):
        return [word for word in new if word not in chinese]
    return sorted(new, key=lambda word: word not in chinese)


def _is_chinese(words: str) -> bool:
    return re.search("[\u4e00-\u9fff]", words) is not None
