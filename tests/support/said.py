"""Every text of the engine that a person may read, found in its source with ``ast``.

A sentence travels as its template and its values, so every template is a literal somewhere: given
to ``say`` or ``joined``, to an error, to ``checkpoint``, or a field of a record. Elsewhere prose is
any literal of two words; one of a single word (a dtype, a key) is not told from names by looking,
so words that are filled in are marked by ``say``.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOLE = "{}"
# Their prose is code and comments in it, or what a check says to who writes a plug-in; only what
# is given to `say` or an error is said.
WRITES_CODE = {
    ROOT / "engine" / "flavours.py",
    ROOT / "engine" / "topk" / "snippets",
    ROOT / "engine" / "spectrum" / "rank_rules" / "code.py",
    ROOT / "engine" / "column_row" / "code.py",
    ROOT / "engine" / "flavours.py",
    ROOT / "engine" / "files" / "layouts" / "table" / "compiled",
    ROOT / "engine" / "suites",
}
# Calls whose texts are said, and how many arguments come before them (a name, a value, a path).
SAYS = {
    **dict.fromkeys(("say", "as_sentence", "joined", "listed"), 0),
    **dict.fromkeys(("DataError", "ConvergenceError", "BadArray", "BadVariable"), 0),
    **dict.fromkeys(("FileError", "unreadable_entry"), 1),
    **dict.fromkeys(("ArgumentError", "require_room", "checkpoint"), 2),
}
# What is handed out as code, and how work grows, which only programs read.
_SILENT_KEYWORDS = {"cost", "code", "density_code"}
_SILENT_CALLS = {
    *(
        "compile",
        "sub",
        "split",
        "einsum",
        "print",
        "removesuffix",
        "execute",
        "ThreadPoolExecutor",
    ),
}
_WORD = re.compile(r"[A-Za-z]{3,}")
# Names of people, journals and tools stay as they are in every language.
_CITATION = re.compile(r"\b(18|19|20)\d\d\b|kexue\.fm|sd-scripts")
_ADDRESS = re.compile(r"\S*[-/_]\S*")
_COMMON_WORD = re.compile(r"\b[a-z]{4,}\b")
_PLACEHOLDER = re.compile(r"\{\w+(?:![rsa])?(?::[^}]*)?\}")


@cache
def engine_texts() -> tuple[tuple[str, str], ...]:
    """(template, place) of all that is said in the engine, and where gui says it for it."""
    return tuple(chain.from_iterable(_said_in(path) for path in _sources("engine", "gui")))


def composed_texts() -> Iterator[tuple[str, str]]:
    """Yield (text, place) of prose put together by f-strings or sums: nobody can say it again."""
    for path in _sources("engine"):
        if not WRITES_CODE.isdisjoint((path, path.parent)):
            continue
        nodes = _nodes(path)
        silent = set(_docstrings(nodes)) | set(_unread(nodes))
        for node in _outermost(nodes[0], silent):
            text = _text(node)
            if HOLE in text and is_prose(text.replace(HOLE, "")):
                yield text, f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"


def is_prose(template: str) -> bool:
    """Return whether a person would have to know English to read it."""
    words = _PLACEHOLDER.sub(" ", template)
    if "\n" in words or _is_code(template):
        return False
    if _CITATION.search(words):
        return bool(_COMMON_WORD.search(_ADDRESS.sub("", words)))
    return bool(_WORD.search(words)) and " " in words.strip()


def _sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def _nodes(path: Path) -> list[ast.AST]:
    """Every node of a source, the whole of it first."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _said_in(path: Path) -> Iterator[tuple[str, str]]:
    everywhere = (ROOT / "engine") in path.parents and WRITES_CODE.isdisjoint((path, path.parent))
    nodes = _nodes(path)
    silent = set(_docstrings(nodes)) | set(_unread(nodes))
    given = set(_given(nodes, everywhere))
    for node in _outermost(nodes[0], silent):
        if not isinstance(node, ast.Constant):
            continue
        if node in given or (everywhere and is_prose(node.value)):
            yield node.value, f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"


def _given(nodes: list[ast.AST], everywhere: bool) -> Iterator[ast.AST]:
    """Yield the literals among the arguments of what says them, "a" and "b" of an if included."""
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        # The window's own progress is translated where it is told.
        if name in SAYS and (everywhere or name != "checkpoint"):
            for argument in node.args[SAYS[name] :]:
                # Of a template also what is only punctuation has a twin.
                yield from (one for one in _choices(argument) if name == "say" or _is_worded(one))


def _choices(node: ast.expr) -> Iterator[ast.Constant]:
    """Yield a literal, or the literals that an if chooses from."""
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node


def _is_worded(node: ast.Constant) -> bool:
    return bool(_WORD.search(_PLACEHOLDER.sub("", node.value)))


def _is_code(text: str) -> bool:
    """Whether a text is a line of Python that calls something."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Call) for node in ast.walk(tree))


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return HOLE


def _outermost(node: ast.AST, silent: set[ast.AST]) -> Iterator[ast.expr]:
    """Yield the outermost text expressions, and those inside the holes of others."""
    if node in silent:
        return
    if isinstance(node, ast.expr) and _text(node).replace(HOLE, ""):
        yield node
        for part in _holes(node):
            yield from _outermost(part, silent)
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(child, silent)


def _holes(node: ast.expr) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _holes(side) if _text(side) != HOLE else (side,)


def _docstrings(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for statement in body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    yield statement.value


def _unread(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.name in ("__repr__", "__reduce__"):
            yield node
        elif isinstance(node, ast.Call):
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in _SILENT_CALLS:
                yield from node.args
            yield from (word.value for word in node.keywords if word.arg in _SILENT_KEYWORDS)
        elif isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and "Literal" in ast.dump(node):
            yield node
