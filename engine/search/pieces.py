"""Words of Chinese, found without a dictionary as pieces that a text says again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from engine.search.splitting import han_runs

SHORTEST, LONGEST = 2, 6
FEWEST = 2
# A piece is part of another where the other has this share of its places.
SHARE = 0.75
# No word begins or ends with one of these; so few, since 因 begins 因子 and 有 有效秩. 对角 is lost
# for 相对位置 and 绝对位置, which would have 对位置 in common. None ends with one of the second.
FUNCTION_CHARACTERS = frozenset(
    "的了着是在和与及或而且但也都就还又再很更只即其之于由对把被让为所这那哪此该些每各某个一们"
    "我你他她它吗呢吧啊什么谁几以从到将已不没若如虽并要来"
)
LAST_CHARACTERS = FUNCTION_CHARACTERS | frozenset("中上随")  # 随机 and 中位数 begin so


@dataclass(slots=True)
class _Piece:
    """How often a piece is said, by weight, and where: run, place, weight."""

    count: int = 0
    places: list[tuple[int, int, int]] = field(default_factory=list)


def pieces(
    texts: Iterable[tuple[str, int]], rarity: Callable[[str], float]
) -> list[tuple[str, float]]:
    """Return the Chinese words of some texts with their weights, the heaviest first.

    A word is a piece of two to six Han characters that neither begins nor ends with a function
    character, nor ends as 表中 does, and is said twice or more. A piece goes when a longer one
    around it has 3/4 of its count. Of pieces that overlap the heavier stays: the other goes
    where it is a part of a heavier one, and where 3/4 of its places lie across heavier ones, as
    do all of a piece that holds one; two that merely meet (相对位置 and 位置编码) both stay.
    Of equal weight the longer is the heavier, then the earlier.

    Parameters
    ----------
    texts : iterable of (str, int)
        Texts, and how often each word in one counts.
    rarity : callable
        The weight of a piece said once; a piece with 0 is left out.

    Returns
    -------
    list of (str, float)

    Examples
    --------
    >>> pieces([("置换不变性", 3), ("具有置换不变性。置换不变性的证明", 1)], lambda piece: 1.0)
    [('置换不变性', 5.0)]
    """
    runs = [(run, weight) for text, weight in texts for run in han_runs(text)]
    found = {piece: said for piece, said in _all(runs).items() if said.count >= FEWEST}
    whole = {piece: found[piece] for piece in found if piece not in _parts(found)}
    heavy = {piece: said.count * rarity(piece) for piece, said in whole.items()}
    order = sorted(
        (piece for piece in heavy if heavy[piece] > 0.0),
        key=lambda piece: (-heavy[piece], -len(piece)),
    )
    taken = [bytearray(len(run)) for run, _ in runs]
    kept: list[tuple[str, float]] = []
    for piece in order:
        said, size = whole[piece], len(piece)
        if any(piece in other for other, _ in kept):
            continue
        lost = sum(weight for run, at, weight in said.places if any(taken[run][at : at + size]))
        if lost >= SHARE * said.count:
            continue
        kept.append((piece, heavy[piece]))
        for run, at, _ in said.places:
            taken[run][at : at + size] = b"\1" * size
    return kept


def rarest_pair(piece: str, rarity: Callable[[str], float]) -> float:
    """Return the greatest rarity of the pairs in a piece.

    Examples
    --------
    >>> rarest_pair("低秩近", {"低秩": 1.0, "秩近": 2.0}.__getitem__)
    2.0
    """
    return max(rarity(piece[at : at + 2]) for at in range(len(piece) - 1))


def _all(runs: list[tuple[str, int]]) -> dict[str, _Piece]:
    """Return every piece of the runs that could be a word."""
    found: dict[str, _Piece] = defaultdict(_Piece)
    for number, (run, weight) in enumerate(runs):
        for at, first in enumerate(run):
            if first in FUNCTION_CHARACTERS:
                continue
            for end in range(at + SHORTEST, min(at + LONGEST, len(run)) + 1):
                if run[end - 1] not in LAST_CHARACTERS:
                    piece = found[run[at:end]]
                    piece.count += weight
                    piece.places.append((number, at, weight))
    return found


def _parts(found: dict[str, _Piece]) -> set[str]:
    """Return the pieces that a longer one has nearly all places of."""
    return {
        inner
        for piece, said in found.items()
        for inner in _inside(piece)
        if inner in found and said.count >= SHARE * found[inner].count
    }


def _inside(piece: str) -> Iterator[str]:
    for size in range(SHORTEST, len(piece)):
        for at in range(len(piece) - size + 1):
            yield piece[at : at + size]
