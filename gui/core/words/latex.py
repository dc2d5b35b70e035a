"""LaTeX read as MathML: what latex2mathml makes of a formula, with its gaps closed.

Nothing here draws. The tree is what a screen reader is given, and what ``typeset`` lays out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from gui.core.words.mathematics import require_text

LONGEST = 2000
DEEPEST = 50
_DEEPEST_TREE = 400

# What latex2mathml leaves as a row with bare "&", as the environment it knows; "" takes it away.
_ENVIRONMENTS = {
    **dict.fromkeys(("aligned", "align", "alignat", "alignedat", "flalign", "split"), "align*"),
    **dict.fromkeys(("eqnarray", "multline", "IEEEeqnarray"), "align*"),
    **dict.fromkeys(("gather", "gathered"), "displaylines"),
    **dict.fromkeys(("dcases", "rcases"), "cases"),
    **dict.fromkeys(("equation", "displaymath", "math", "subequations"), ""),
}
_KNOWN_NAMES = "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array cases substack"
_KNOWN = frozenset(_KNOWN_NAMES.split())
_MATRICES = re.compile(r"\\(?:\w*matrix|cases|substack|eqalign\w*|displaylines)(?![a-zA-Z])")
_SKIPPED = re.compile(r"\\(?:label|nonumber|notag|limits(?!\s*[_^]))(?![a-zA-Z])\s*")
_DEFINITIONS = re.compile(r"\\(?:def|let|\w*newcommand|newenvironment|DeclareMathOperator)\b")
_TEXT = re.compile(r"\\(?:text(?:bf|it|md|normal|rm|sf|tt|up)?|mbox|hbox)\s*(?={)")
_OPERATOR = re.compile(r"\\operatorname\s*(\*?)\s*(?={)")
_BEGIN_OR_END = re.compile(r"\\(begin|end)\s*\{(\w+)(\*?)\}")
_ENTITY = re.compile(r"&#x([0-9A-Fa-f]+);")
_FUNCTION_NAMES = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg "
    "lim liminf limsup ln log max min Pr sec sin sinh sup tan tanh"
)
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_ARITY = {"msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
_WITH_LIMITS_NAMES = "det gcd inf lim liminf limsup max min Pr sup"
_WITH_LIMITS = frozenset(_WITH_LIMITS_NAMES.split())
_BINOMIAL = "2.047em"  # how tall latex2mathml makes brackets about a binomial, wherever it stands
# Attributes that say how a formula looks; what links, styles or names is left out.
_ATTRIBUTES_NAMES = (
    "accent accentunder columnalign columnlines columnspacing depth display "
    "displaystyle fence form height largeop linethickness lspace mathbackground "
    "mathcolor mathvariant maxsize minsize movablelimits notation linebreak rowlines "
    "rowspacing rspace scriptlevel stretchy voffset width"
)
_ATTRIBUTES = frozenset(_ATTRIBUTES_NAMES.split())
_COLOUR = re.compile(r"[A-Za-z]+|#[0-9A-Fa-f]{3,6}")
_BLACK = frozenset({"black", "#000", "#000000"})


class FormulaError(ValueError):
    """A formula that cannot be read; it is shown as its source."""


def read(tex: str, display: bool) -> ET.Element:
    """Return ``tex`` as the element ``math``.

    Raises
    ------
    FormulaError
        When it is over 2,000 characters, nested over 50 deep, or not LaTeX that is known here.
    NotText
        When it is no string.
    """
    from latex2mathml.converter import Converter

    require_text("LaTeX", tex)
    if not tex.strip():
        raise FormulaError("an empty formula")
    if len(tex) > LONGEST:
        raise FormulaError(f"a formula of {len(tex)} characters; {LONGEST} are read")
    _check_nesting(tex)
    if _DEFINITIONS.search(tex):
        raise FormulaError("a formula defines commands; write them out")
    try:
        converter = Converter(display="block" if display else "inline")
        root = converter.convert_to_element(_plain(tex))
        _clean(root, 0)
    except FormulaError:
        raise
    except Exception as error:  # whatever latex2mathml raises on what it cannot read
        raise FormulaError(f"a formula that cannot be read: {error!r}") from error
    return root


def _check_nesting(tex: str) -> None:
    """Refuse what is nested too deep, unbalanced, or aligned outside of any table."""
    depth = tables = 0
    opened: list[str] = []
    matrices = _MATRICES.search(tex) is not None
    marks = r"\\(?:left|right)(?![a-zA-Z])|\\(?:begin|end)\s*\{\w+\*?\}|\\.|[{}&]"
    for found in re.finditer(marks, tex, re.DOTALL):
        mark = found[0]
        if mark == "&" and not (tables or matrices):
            raise FormulaError("a formula has & outside of a table")
        if mark.startswith(r"\begin"):
            tables += _ENVIRONMENTS.get(mark[mark.index("{") + 1 : -1].rstrip("*"), "table") != ""
            opened.append(mark.replace("begin", "end", 1).replace(" ", ""))
        elif mark == "{":
            opened.append("}")
        elif mark == r"\left":
            opened.append(r"\right")
        elif mark in ("}", r"\right") or mark.startswith(r"\end"):
            matches = opened and opened.pop() == mark.replace(" ", "")
            if not matches:
                raise FormulaError("a formula with brackets that do not match")
        depth = max(depth, len(opened))
    if opened:
        raise FormulaError(f"a formula lacks its {opened[-1]}")
    if depth > DEEPEST:
        raise FormulaError(f"a formula nested {depth} deep; {DEEPEST} are read")


def _plain(tex: str) -> str:
    """Return ``tex`` in the words that latex2mathml knows."""
    tex = re.sub(r"\\(eq)?ref\s*\{([^{}]*)\}", _reference, tex)
    tex = re.sub(r"\\label\s*\{[^{}]*\}", "", tex)
    tex = _SKIPPED.sub("", tex)
    tex = re.sub(r"\\begin\s*\{(?:alignat|alignedat)\*?\}\s*\{\d*\}", r"\\begin{align*}", tex)
    tex = re.sub(r"\\end\s*\{(?:alignat|alignedat)\*?\}", r"\\end{align*}", tex)
    tex = re.sub(r"\\tag(?=\*?\s*\{)", r"\\qquad\\tag", tex)
    tex = re.sub(r"\\bm(?![a-zA-Z])", r"\\boldsymbol", tex)
    tex = re.sub(r"\\not\s*=", r"\\neq ", tex)
    tex = _BEGIN_OR_END.sub(_environment, tex)
    return _with_groups(_with_groups(tex, _OPERATOR, _operator), _TEXT, _text)


def _reference(found: re.Match[str]) -> str:
    return rf"\text{{({found[2]})}}" if found[1] else rf"\text{{{found[2]}}}"


def _environment(found: re.Match[str]) -> str:
    if found[2] not in _ENVIRONMENTS and found[2] not in _KNOWN:
        raise FormulaError(f"a formula has the environment {found[2]}, which is not known here")
    name = _ENVIRONMENTS.get(found[2], found[2] + found[3])
    return rf"\{found[1]}{{{name}}}" if name else ""


def _with_groups(tex: str, command: re.Pattern[str], write: object) -> str:
    """Return ``tex`` with each ``command`` and the group behind it written anew."""
    parts, at = [], 0
    while found := command.search(tex, at):
        inner = _group(tex, found.end())
        parts += [tex[at : found.start()], write(found, inner)]  # type: ignore[operator]
        at = found.end() + len(inner) + 2
    return "".join([*parts, tex[at:]])


def _group(tex: str, start: int) -> str:
    """Return what stands in the braces that open at ``start``."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", tex[start:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return tex[start + 1 : start + found.start()]
    raise FormulaError("a formula lacks its }")


def _operator(found: re.Match[str], name: str) -> str:
    """Return the operator of any name: latex2mathml takes letters without blanks alone."""
    if re.fullmatch("[a-zA-Z]+", name):
        return rf"\operatorname{found[1]}{{{name}}}"
    word = rf"\mathrm{{{name}}}" if "\\" in name else rf"\text{{{name}}}"
    return rf"\mathop{{{word}}}" if found[1] else word


def _text(found: re.Match[str], words: str) -> str:
    """Return text whose own braces are gone and whose ``$..$`` is mathematics again."""
    command = found[0].strip()
    parts: list[str] = []
    for index, part in enumerate(re.split(r"(?<!\\)\$", words)):
        if index % 2:
            parts.append(f"{{{part}}}")
        elif part:
            parts.append(rf"{command}{{{_unescaped(part)}}}")
    return "".join(parts) or "{}"


def _unescaped(words: str) -> str:
    words = re.sub(r"(?<!\\)[{}]", "", words).replace("~", "\u00a0").replace("\\ ", "\u00a0")
    # A closing brace would end the text for latex2mathml: a character that looks like it stays.
    words = words.replace(r"\{", "\ufe5b").replace(r"\}", "\ufe5c")
    return re.sub(r"\\([%$&#_])", r"\1", words)


def _clean(element: ET.Element, depth: int) -> None:
    """Say text in characters, name operators, and leave out what no formula needs."""
    if depth > _DEEPEST_TREE:
        raise FormulaError("a formula nested too deep")
    if element.tag == "mo" and len(element):  # \mathop{...}: its words are lost otherwise
        words = "".join(_words(element))
        element[:] = []
        element.text, element.attrib = words, {"movablelimits": "true"}
    extra = len(element) - _ARITY.get(element.tag, len(element))
    if extra > 0:  # a matrix with scripts: its brackets are loose parts otherwise
        base = ET.Element("mrow")
        base[:] = element[: extra + 1]
        element[: extra + 1] = [base]
    text = element.text or ""
    text = _ENTITY.sub(lambda found: chr(int(found[1], 16)), text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if element.tag == "mtext":
        text = text.replace("\ufe5b", "{").replace("\ufe5c", "}")
    if text.startswith("\\") and len(text) > 1 and element.tag != "mtext":
        text = _named(text)
    if any(not _printable(char) for char in text):
        raise FormulaError("a formula has characters that cannot be shown")
    if text in _FUNCTIONS and element.tag in ("mi", "mo"):
        element.tag = "mo"
        if text in _WITH_LIMITS:
            element.set("movablelimits", "true")
    element.text = text or None
    element.attrib = dict(_attributes(element))
    _bracket_binomials(element)
    for child in element:
        _clean(child, depth + 1)


def _named(command: str) -> str:
    """Return what a command stands for that latex2mathml left as it is."""
    from latex2mathml.symbols_parser import convert_symbol

    if code := convert_symbol(command):  # behind \big and its kin
        return chr(int(code, 16))
    if command[1:] not in _FUNCTIONS:
        raise FormulaError(f"a formula has {command}, which is not known here")
    return command[1:]


def _bracket_binomials(row: ET.Element) -> None:
    """Give each binomial a row of its own, so that its brackets are as tall as it is."""
    at = 0
    while at + 2 < len(row):
        opening, _, closing = parts = row[at : at + 3]
        if opening.get("minsize") == closing.get("minsize") == _BINOMIAL:
            for mark in (opening, closing):
                mark.attrib = {"stretchy": "true", "fence": "true"}
            group = ET.Element("mrow")
            group[:] = parts
            row[at : at + 3] = [group]
        at += 1


def _words(element: ET.Element) -> Iterator[str]:
    for part in element.iter():
        yield "\u2009" if part.tag == "mspace" else (part.text or "")


def _printable(char: str) -> bool:
    code = ord(char)
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code & 0xFFFE != 0xFFFE


def _attributes(element: ET.Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name in ("mathcolor", "mathbackground"):
            if not _COLOUR.fullmatch(value):
                raise FormulaError(f"a formula has the colour {value}, which is not known here")
            # Black is the ink: black on black in the dark otherwise.
            value = "currentColor" if value.lower() in _BLACK else value
        if name in _ATTRIBUTES or name == "xmlns":
            yield name, value
