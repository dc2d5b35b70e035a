"""``rankscope render``: a figure from a file, without a display and without Qt."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from gui.command_line import Parser, speak
from gui.core.leaving.page import RenderOption, RenderSpec
from gui.core.state.document import DataRef
from gui.core.words.i18n import tr, tr_sentence
from gui.pages import PAGES


def render_specs() -> dict[str, RenderSpec]:
    """Return every figure the command line can draw, by key."""
    return {spec.key: spec for page in PAGES for spec in page.renders()}


def _options() -> dict[str, tuple[RenderOption, list[str]]]:
    """Return every figure option by name, with the figures that take it."""
    options: dict[str, tuple[RenderOption, list[str]]] = {}
    for spec in render_specs().values():
        for option in spec.options:
            options.setdefault(option.name, (option, []))[1].append(spec.key)
    return options


def _parser() -> Parser:
    figures = "\n".join(f"  {spec.key:<14}{tr(spec.title)}" for spec in render_specs().values())
    parser = Parser(
        "rankscope render",
        tr("Draw a figure of a file without a display."),
        f"{tr('figures')}:\n{figures}",
    )
    files, options = parser.files, parser.options
    files.add_argument("file", metavar="FILE", help=tr("a matrix, a vector or a picture"))
    files.add_argument(
        "--figure",
        required=True,
        choices=tuple(render_specs()),
        metavar="KEY",
        help=tr("what to draw, see below"),
    )
    files.add_argument("--out", required=True, help=tr("png, svg, pdf, csv or npz file to write"))
    files.add_argument(
        "--entry", default="", help=tr("which array of the file (default: the first)")
    )
    files.add_argument(
        "--slice",
        default="",
        metavar="I,J",
        help=tr("positions on the leading axes of an array with more than two dimensions"),
    )
    files.add_argument("--overwrite", action="store_true", help=tr("replace an existing --out"))
    options.add_argument("--width", type=float, default=160.0, help=tr("width (default: 160)"))
    options.add_argument("--height", type=float, default=100.0, help=tr("height (default: 100)"))
    options.add_argument(
        "--unit",
        choices=("mm", "px"),
        default="mm",
        help=tr("of width and height: millimetres or pixels"),
    )
    options.add_argument(
        "--dpi", type=float, default=200.0, help=tr("dots per inch (default: 200)")
    )
    options.add_argument(
        "--scheme",
        choices=("white", "light", "dark"),
        default="white",
        help=tr("colours of background and text"),
    )
    group = parser.add_argument_group(tr("figure options"))
    for name, (option, keys) in _options().items():
        text = f"{tr(option.help)} ({', '.join(keys)})".replace("%", "%%")
        if option.parse is None:
            group.add_argument(f"--{name}", action="store_true", default=None, help=text)
        else:
            group.add_argument(f"--{name}", help=text)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run ``rankscope render``; return 0, or 1 after one sentence on standard error."""
    from engine.errors import RankscopeError
    from gui.core.export.export import ExportError, export_figure

    speak(arguments)
    options = _parser().parse_args(arguments)
    try:
        figure = _figure(options)
        path = export_figure(
            figure,
            options.out,
            width=options.width,
            height=options.height,
            unit=options.unit,
            dpi=options.dpi,
            scheme=options.scheme,
            overwrite=options.overwrite,
        )
    except (RankscopeError, ExportError) as error:
        print(f"rankscope render: {tr_sentence(error)}", file=sys.stderr)
        return 1
    print(path)
    return 0


def _figure(options: argparse.Namespace) -> Any:
    from engine.files import open_matrix_file

    spec = render_specs()[options.figure]
    given = _given(options, spec)
    with open_matrix_file(options.file) as source:
        return spec.build(source, _reference(source, options.entry, options.slice), given)


def _given(options: argparse.Namespace, spec: RenderSpec) -> Mapping[str, Any]:
    from engine.errors import ArgumentError

    allowed = {option.name: option for option in spec.options}
    given: dict[str, Any] = {}
    for name, (_, figures) in _options().items():
        text = getattr(options, name.replace("-", "_"))
        if text is None:
            continue
        if name not in allowed:
            hint = tr("It belongs to --figure {keys}.", keys=", ".join(figures))
            allowed_words = tr("left out for --figure {key}", key=spec.key)
            raise ArgumentError(f"--{name}", text, allowed_words, hint)
        given[name.replace("-", "_")] = _parsed(allowed[name], text)
    return given


def _parsed(option: RenderOption, text: Any) -> Any:
    from engine.errors import ArgumentError, RankscopeError

    if option.parse is None:
        return True
    try:
        return option.parse(text)
    except RankscopeError:
        raise
    except ValueError as error:
        words = tr("{meaning}: {problem}", meaning=tr(option.help), problem=error)
        raise ArgumentError(f"--{option.name}", text, words) from None


def _reference(source: Any, name: str, slice_text: str) -> DataRef:
    from engine.errors import ArgumentError, FileError

    readable = [entry.name for entry in source.entries if entry.readable]
    if not readable:
        raise FileError(source.path, tr("none of its arrays can be read"), source.entries[0].note)
    entry = source.entry(name or readable[0])
    leading = entry.shape[:-2] if len(entry.shape) > 2 else ()
    words = [word for word in slice_text.split(",") if word.strip()]
    allowed = tr(
        "{count} positions for shape {shape}, as in {sample}",
        count=len(leading),
        shape=entry.shape,
        sample=_sample(leading),
    )
    if len(words) != len(leading) or not all(w.strip().lstrip("-").isdigit() for w in words):
        raise ArgumentError(
            "--slice", slice_text, allowed if leading else tr("left out: one matrix")
        )
    index = tuple(int(word) for word in words)
    if not all(0 <= i < n for i, n in zip(index, leading, strict=True)):
        raise ArgumentError("--slice", slice_text, allowed)
    shape = entry.shape[len(leading) :]
    return DataRef(source.path, entry.name, shape, str(entry.dtype), index, channels=entry.channels)


def _sample(leading: tuple[int, ...]) -> str:
    return ",".join("0" for _ in leading) or tr("nothing")
