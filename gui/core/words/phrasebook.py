"""Finished sentences said again in another language: recognised by their templates.

The engine composes its sentences in English, with the values already in them, and knows no other
language; nor must a result or an error carry anything but words through a worker process. So a
table holds the templates of those sentences, and a sentence is matched against them::

    {"Rank {rank} holds {share} of {what:words}.": "秩 {rank} 保留{what}的 {share}。"}

``{name}`` (two letters or more, since formulas have braces, too) is copied as it stands.
``{name:words}`` stands for words of the engine itself: they must be known to the table and are
translated, which is what tells "{path}: {problem:words}." from any text with a colon in it. They
may be missing: "it holds {share}{before:words}." also recognises "it holds 0.95.".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

PLACEHOLDER = re.compile(r"\{([a-z_]{2,})(:words)?\}")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?]) ")
_FULL_WIDTH = "。；：，！？）"
_REMEMBERED = 4096


@dataclass(frozen=True)
class _Template:
    """An English sentence around its placeholders: ``literals`` has one more item than they."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    words: tuple[bool, ...]
    twin: str

    @property
    def weight(self) -> int:
        """How many letters of a sentence the template fixes."""
        return sum(map(len, self.literals))


class Phrasebook:
    """Says sentences in the language of a table.

    Parameters
    ----------
    table : mapping of str to str
        English template to its translation.

    Examples
    --------
    >>> book = Phrasebook({"{count} values.": "{count} 个值。", "Row {row}.": "第 {row} 行。"})
    >>> book.say("Row 3. 12 values.")
    '第 3 行。12 个值。'
    >>> book.say("Row 3. Nobody knows this.")
    '第 3 行。Nobody knows this.'
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._exact = {text: twin for text, twin in table.items() if not PLACEHOLDER.search(text)}
        templates = [
            _template(text, twin) for text, twin in table.items() if text not in self._exact
        ]
        # The more a template fixes, the surer it is; then, the more it takes apart and asks for.
        self._templates = sorted(
            templates, key=lambda one: (-one.weight, -len(one.names), -sum(one.words))
        )
        # Progress texts and table rows come again and again.
        self._whole = lru_cache(_REMEMBERED)(self._find_whole)
        self._words = lru_cache(_REMEMBERED)(self._find_words)

    def say(self, text: str) -> str:
        """Return ``text`` translated sentence by sentence; what is not known stays English."""
        return "\n".join(self._line(line) for line in text.split("\n"))

    def _line(self, line: str) -> str:
        said = list(self._sentences(line))
        if all(twin is None for _, twin in said):
            return self._as_template(line, within=False) or line
        return _joined([sentence if twin is None else twin for sentence, twin in said])

    def _sentences(self, line: str) -> Iterator[tuple[str, str | None]]:
        """Yield the longest known run of sentences with its twin, or one unknown sentence."""
        while line:
            ends = {len(line), *(found.start() for found in _END_OF_SENTENCE.finditer(line))}
            known = ((end, self._whole(line[:end])) for end in sorted(ends, reverse=True))
            end, twin = next((pair for pair in known if pair[1] is not None), (min(ends), None))
            yield line[:end], twin
            line = line[end:].removeprefix(" ")

    def _find_whole(self, text: str) -> str | None:
        """Return ``text`` translated as known sentences or as one template; None if unknown."""
        if not text or text in self._exact:
            return self._exact.get(text, "")
        return self._as_sentences(text) or self._as_template(text, within=True)

    def _find_words(self, text: str) -> str | None:
        # A copied value that runs over the end of a sentence is the last guess: mostly it has
        # swallowed the next sentence, but a path or a cell may well contain ". ".
        whole = self._whole(text)
        return self._as_template(text, within=False) if whole is None else whole

    def _as_template(self, text: str, *, within: bool) -> str | None:
        for template in self._templates:
            if (twin := self._filled(template, text, within)) is not None:
                return twin
        return None

    def _as_sentences(self, text: str) -> str | None:
        for found in _END_OF_SENTENCE.finditer(text):
            first, rest = self._whole(text[: found.start()]), self._whole(text[found.end() :])
            if first is not None and rest is not None:
                return _joined([first, rest])
        return None

    def _filled(self, template: _Template, text: str, within: bool) -> str | None:
        """Return the twin of ``template`` with the values of ``text``; None if it is no match."""
        first = template.literals[0]
        if not text.startswith(first) or not all(literal in text for literal in template.literals):
            return None
        values = next(self._matches(template, text, 0, len(first), within), None)
        if values is None:
            return None
        named = dict(zip(template.names, values, strict=True))
        return PLACEHOLDER.sub(lambda found: named[found[1]], template.twin)

    def _matches(
        self, template: _Template, text: str, place: int, start: int, within: bool
    ) -> Iterator[tuple[str, ...]]:
        """Yield the values of the placeholders from ``place`` on; ``text`` is read to ``start``.

        Every possible split is tried, the shortest values first: a regular expression would stop
        at the first one, where "{path}: {problem:words}." cuts a path that has a colon.
        """
        if place == len(template.names):
            if start == len(text):
                yield ()
            return
        last = place == len(template.names) - 1
        literal, words = template.literals[place + 1], template.words[place]
        for end in _ends(text, literal, start if words else start + 1, last):
            value: str | None = text[start:end]
            if words:
                value = self._words(text[start:end].strip())
            elif within and _END_OF_SENTENCE.search(text, start, end):
                return
            if value is not None:
                after = end + len(literal)
                for rest in self._matches(template, text, place + 1, after, within):
                    yield (value, *rest)


def _template(text: str, twin: str) -> _Template:
    literals, names, words, start = [], [], [], 0
    for found in PLACEHOLDER.finditer(text):
        literals.append(text[start : found.start()])
        names.append(found[1])
        words.append(bool(found[2]))
        start = found.end()
    return _Template((*literals, text[start:]), tuple(names), tuple(words), twin)


def _ends(text: str, literal: str, start: int, last: bool) -> Iterator[int]:
    """Yield where a value can end: before a ``literal``, which for the last one ends the text."""
    if last:
        end = len(text) - len(literal)
        if end >= start and text.endswith(literal):
            yield end
        return
    end = text.find(literal, start)
    while end >= 0:
        yield end
        end = text.find(literal, end + 1)


def _joined(sentences: list[str]) -> str:
    """Return sentences in a row: after full-width punctuation no space follows."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or text[-1] in _FULL_WIDTH else f" {sentence}"
    return text
