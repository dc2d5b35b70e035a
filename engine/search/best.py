"""The best of many scores."""

from __future__ import annotations

import heapq


def best(scores: dict[int, float], count: int) -> list[int]:
    """Return the numbers with the highest scores, the highest first, of equal ones the lower."""
    if 0 < count < len(scores):
        # Of thousands only a few are put in order: those above the last score that is wanted, and
        # of those that have it the lowest numbers.
        last = heapq.nlargest(count, scores.values())[-1]
        above = {number: score for number, score in scores.items() if score > last}
        equal = (number for number, score in scores.items() if score == last)
        return best(above, len(above)) + heapq.nsmallest(count - len(above), equal)
    return sorted(scores, key=lambda number: (-scores[number], number))[:count]
