"""Every finished text that a person may read, found in the source with ``ast``.

An f-string or a sum of texts becomes a template: each computed part is a hole, "{}". Prose is any
text with two words; texts of one word (a dtype, a key) are not told from names by looking, so the
tests that compare whole Chinese sentences answer for those.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOLE = "{}"
_PLACEHOLDER = re.compile(r"'?\{[a-z_]{2,}(:words)?\}'?|'?\{\}'?")
_WORD = re.compile(r"[A-Za-z]{3,}")
# What is handed out as code; what is longer than a line elsewhere is code, too.
_CODE = {"numpy_body", "torch_body", "torch_density"}
# Names of people, journals and tools stay as they are in every language.
_CITATION = re.compile(r"\b(18|19|20)\d\d\b|kexue\.fm|sd-scripts")
_ADDRESS = re.compile(r"\S*[-/_]\S*")
_COMMON_WORD = re.compile(r"\b[a-z]{4,}\b")
# Calls whose texts nobody reads, or which are served elsewhere: keys of tr(), records shown by it.
_SILENT_CALLS = {
    *("compile", "sub", "split", "einsum", "print", "removesuffix"),
    "ThreadPoolExecutor",
    *("tr", "RenderOption", "RenderSpec", "Parser"),
}


def finished_texts() -> Iterator[tuple[str, str]]:
    """Yield (template, place) of every text but docstrings and what only programs read.

    They are the engine's, and those of the command line, which raises the engine's errors.
    """
    modules = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "gui").rglob("render.py")]
    modules += [
        ROOT / "gui" / name for name in ("platform_check.py", "core/leaving/render_options.py")
    ]
    for path in sorted(modules):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        silent = set(_docstrings(tree)) | set(_unread(tree))
        for node in _texts(tree, silent):
            yield _template(node), f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"


def shape_of(template: str) -> str:
    """Return a template with all its placeholders made holes, so that two can be compared.

    Holes at the end fall away: what follows a sentence may be built beside it in the source.
    """
    shape = _PLACEHOLDER.sub(HOLE, template).strip()
    while shape.endswith(HOLE):
        shape = shape.removesuffix(HOLE).rstrip()
    return shape


def is_prose(template: str) -> bool:
    """Return whether a person would have to know English to read it."""
    words = template.replace(HOLE, "")
    if _CITATION.search(words):
        return bool(_COMMON_WORD.search(_ADDRESS.sub("", words)))
    return bool(_WORD.search(words)) and " " in words.strip() and "\n" not in words


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_template, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left) + _template(node.right)
    return HOLE


def _texts(node: ast.AST, silent: set[ast.AST]) -> Iterator[ast.expr]:
    """Yield the outermost text expressions, and those inside the holes of others."""
    if node in silent:
        return
    if isinstance(node, ast.expr) and _template(node) != HOLE:
        yield node
        for part in _holes(node):
            yield from _texts(part, silent)
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, silent)


def _holes(node: ast.expr) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for side in (node.left, node.right):
            yield from _holes(side) if _template(side) != HOLE else (side,)


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for statement in body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    yield statement.value


def _unread(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in ("__repr__", "__reduce__"):
            yield node
        elif isinstance(node, ast.Call):
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in _SILENT_CALLS:
                yield from node.args
            silent = {"cost", *_CODE}
            yield from (word.value for word in node.keywords if word.arg in silent)
        elif isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_type(node):
            yield node


def _is_type(node: ast.Assign | ast.AnnAssign) -> bool:
    return "Literal" in ast.dump(node)
