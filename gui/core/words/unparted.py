"""Words as they are written: a number is not parted from its unit at the end of a line."""

from __future__ import annotations

import re

_KEPT = "\u00a0"
_UNITS = "%|‰|bits?|nats?|ulps?|bytes?|[kKMGT]i?B|px|mm|pt|dpi|ms|s|min|比特|字节|毫秒|秒|像素"
_PLACES = re.compile(
    # "98.4 %", "7.00 bits"
    rf"(?<=\d) (?=(?:{_UNITS})(?!\w))"
    # "n = 512", "128 ± 23", "3072 × 768": the blank before the sign, and the one behind it
    r"|(?<![^\s(\[,;])(?:\d[\d.,\u202f]*|\w{1,3}) (?=[=≈<>≤≥±×] [−-]?[\d∞])"
    r"|(?<=[=≈<>≤≥±×]) (?=[−-]?[\d∞])"
    # "M x", "M⁺ b"
    r"|(?<![^\s(])[A-Z]⁺? (?=[a-z](?!\w))"
)


def unparted(words: str) -> str:
    """Return words with blanks that end no line where a number belongs to what is beside it.

    Examples
    --------
    >>> unparted("apart up to n = 512, 98.4 % of it").split(" ")
    ['apart', 'up', 'to', 'n\\xa0=\\xa0512,', '98.4\\xa0%', 'of', 'it']
    >>> unparted("After U: M x").split(" ")
    ['After', 'U:', 'M\\xa0x']
    >>> unparted("8 of 512 pairs")
    '8 of 512 pairs'
    """
    if " " not in words:
        return words
    return _PLACES.sub(lambda found: found.group().replace(" ", _KEPT), words)
