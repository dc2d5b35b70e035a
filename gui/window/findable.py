"""What the program itself has to be found: commands, views, operators, rank rules, notes.

Each is a document of `engine.search` in the language in use, with its titles in the others among
its ``words``, so that either language finds it. The key says what it is and which: its kind, "/",
and what the tables call it: ``command/open``, ``view/spectrum.density``, ``operator/sigmoid``,
``rule/energy``, ``note/spectrum#density``. No Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.search import Document
from gui.core.words.i18n import (
    in_every_language,
    known_languages,
    language,
    without_mnemonic,
)
from gui.core.words.notes import note_sections
from gui.pages import PAGES
from gui.window.commands import COMMANDS

# A word with a capital inside, which the index cuts there; code is no prose.
_LETTERS = re.compile("[A-Za-z]+")
_CAPITAL = re.compile("[a-z][A-Z]|[A-Z][A-Z][a-z]")  # in the midst of a word
_CODE = re.compile("`[^`]*`")
_TARGET = re.compile(r"\]\([^)]*\)")

# In the order in which a panel shows them all; of what is found the kind of the best comes first.
KINDS = ("command", "view", "operator", "rule", "note")
OTHERWISE = "\n\n\f\n\n"  # between a text and what it says in another language
# What else is found comes from the window: settings of pages, what is open, recent files.
EVERY_KIND = (*KINDS, "own", "control", "array", "example", "recent")


def own_documents() -> tuple[Document, ...]:
    """Return the documents of the program's own things, kind by kind.

    Examples
    --------
    >>> from engine.search import Index
    >>> index = Index(own_documents())
    >>> index["operator/sigmoid"].title, [hit.key for hit in index.search("阈值 sigmoid", limit=1)]
    ('Sigmoid threshold', ['operator/sigmoid'])
    """
    return tuple(each_own_document())


def each_own_document() -> Iterator[Document]:
    """Yield the documents of `own_documents` one by one: between two a thread may stop."""
    for documents in (_commands, _views, _operators, _rules, _notes):
        yield from map(in_small, documents())


def in_small(document: Document) -> Document:
    """Return a document that is found by its names in small letters, too.

    Examples
    --------
    >>> in_small(Document("a", "control", "Copy as LaTeX", words="LoRA")).words
    'LoRA / latex / lora'
    """
    texts = (document.title, _CODE.sub("", document.body), document.words)
    found = dict.fromkeys(
        word.lower() for text in texts for word in _LETTERS.findall(text) if _CAPITAL.search(word)
    )
    return replace(document, words=" / ".join((document.words, *found))) if found else document


def _commands() -> Iterator[Document]:
    for one in COMMANDS:
        # What a command says now only a window knows; its toolbar has the words for always.
        title = one.title if isinstance(one.title, str) else getattr(one, "toolbar", "")
        if title:
            yield _titled("command", one.id, title, also=(one.menu,))


def _views() -> Iterator[Document]:
    for page in PAGES:
        above = [plot.title for plot in page.plots if plot.view is None]
        yield _titled("view", page.key, page.title, also=above)
        for view in page.views.values():
            plots = [plot.title for plot in page.plots if plot.view is view]
            name, tip = f"{page.key}.{view.key}", _in_all(view.tip) if view.tip else ""
            yield _titled("view", name, view.title, body=tip, also=(page.title, *plots))


def _operators() -> Iterator[Document]:
    from engine.topk import OPERATORS

    for op in OPERATORS:
        body = _facts(op.formula, op.source)
        yield _titled("operator", op.key, op.title, body=body, also=(op.family,))


def _rules() -> Iterator[Document]:
    from engine.spectrum import RANK_RULES

    for rule in RANK_RULES.values():
        also = [parameter.title for parameter in rule.parameters]
        yield _titled(
            "rule", rule.key, rule.title, body=_facts(rule.formula, rule.source), also=also
        )


def _notes() -> Iterator[Document]:
    for page in PAGES:
        try:
            notes = {speech: note_sections(page.key, speech) for speech in known_languages()}
        except FileNotFoundError:
            continue
        for mine, *rest in zip(notes.pop(language()), *notes.values(), strict=True):
            # A language without a note has the English one.
            texts = dict.fromkeys((mine.text, *(other.text for other in rest)))
            headings = dict.fromkeys(other.heading for other in rest)
            key, words = f"note/{page.key}#{mine.key}", (page.key, mine.key, *headings)
            said = _TARGET.sub("]", OTHERWISE.join(texts))  # where a link leads is no word of it
            yield Document(key, "note", mine.heading, said, " / ".join(words))


def _titled(
    kind: str, name: str, title: str, *, body: str = "", also: Iterable[str] = ()
) -> Document:
    """Return the document of what has a title in the tables, and ``also`` is near it."""
    called, *twins = map(without_mnemonic, in_every_language(title))
    near = (without_mnemonic(_in_all(one)) for one in also if one)
    return Document(f"{kind}/{name}", kind, called, body, " / ".join((name, *twins, *near)))


def _in_all(text: str) -> str:
    return " / ".join(in_every_language(text))


def _facts(formula: str, source: str) -> str:
    """Return formula and source; a formula is found, but none of its letters is a keyword."""
    return f"`{_in_all(formula)}`\n\n{_in_all(source)}"
