"""Search as it is defined, done the slow and plain way; nothing here calls the package."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter

WEIGHTS = {"title": 3, "words": 2, "body": 1}


def is_han(character):
    name = unicodedata.name(character, "")
    return name.startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")) or character in "々〇"


def greek(character):
    """The English name of a Greek letter, or "" for another character."""
    if character == "×":
        return "x"  # as in 2 x 2
    said = unicodedata.name(unicodedata.normalize("NFD", character)[0], "").split()
    if said[:1] != ["GREEK"] or "LETTER" not in said:
        return ""
    name = said[-1].lower()
    known = (
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lamda mu nu xi omicron pi rho "
        "sigma tau upsilon phi chi psi omega"
    )
    return {"lamda": "lambda"}.get(name, name) if name in known.split() else ""


def kind(character):
    if greek(character):
        return "greek"
    if is_han(character):
        return "han"
    if character.isalpha():
        return "capital" if character.isupper() else "small"
    if character.isalnum():
        return "digit"
    return "mark" if unicodedata.combining(character) else "apart"


def split(text):
    """The words of a text, character by character."""
    found, run = [], []  # the run: (character, kind) of one word of letters, digits or Han

    def close():
        if not run:
            return
        word = "".join(character for character, _ in run)
        if run[0][1] == "han":
            found.extend(word[i : i + 2] for i in range(max(len(word) - 1, 1)))
        else:
            found.append(unicodedata.normalize("NFKC", word.casefold()))
        run.clear()

    characters = unicodedata.normalize("NFKC", text)
    kinds = [kind(character) for character in characters]
    for i, (character, here) in enumerate(zip(characters, kinds, strict=True)):
        if here == "mark" and run and run[-1][1] != "han":
            # A letter with a mark that has no place of its own ends a row of capitals.
            run.append((character, "small" if run[-1][1] == "capital" else run[-1][1]))
            continue
        after = kinds[i + 1] if i + 1 < len(kinds) else "apart"
        before = run[-1][1] if run else here
        if here in ("apart", "mark", "greek"):
            close()
            if here == "greek":
                found.append(greek(character))
            continue
        last_of_capitals = before == here == "capital" and after in ("small", "mark")
        if (before != here and (before, here) != ("capital", "small")) or last_of_capitals:
            close()
        run.append((character, here))
    close()
    return found


def counts(document):
    found = Counter()
    for name, weight in WEIGHTS.items():
        for word in split(getattr(document, name)):
            found[word] += weight
    return found


def scores(documents, query, *, k1=1.2, b=0.75, prefix=False):
    """The score of each document by key; the query is a text or words with weights.

    No word of the query may be one of the table of synonyms.
    """
    said = [counts(document) for document in documents]
    vocabulary = {word for one in said for word in one}
    asked, last = Counter(), None
    for text, weight in ({query: 1.0} if isinstance(query, str) else query).items():
        for word in split(text) if weight else []:  # what weighs nothing is not asked
            asked[word] += weight
            last = word, 0.8 * weight
    near = Counter()
    for word, weight in asked.items():
        if len(word) == 1 and is_han(word):
            for other in vocabulary:
                if word in other and other not in asked:
                    near[other] = max(near[other], weight)
    if prefix and last:
        for other in vocabulary:
            if other.startswith(last[0]) and other not in asked:
                near[other] = max(near[other], last[1])
    asked.update(near)
    lengths = [sum(one.values()) for one in said]
    mean = sum(lengths) / max(len(documents), 1)
    result = {}
    for document, one, length in zip(documents, said, lengths, strict=True):
        score = 0.0
        for word, weight in asked.items():
            n = sum(word in other for other in said)
            if f := one[word]:
                idf = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
                score += weight * idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean))
        if score > 0:
            result[document.key] = score
    return result


def ranked(documents, query, **options):
    """Keys, the best first, ties in the order of the documents."""
    found = scores(documents, query, **options)
    order = [document.key for document in documents if document.key in found]
    return sorted(order, key=lambda key: -found[key]), found
