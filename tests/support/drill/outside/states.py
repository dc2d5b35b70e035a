"""Sessions and pictures that say what there cannot be."""

from __future__ import annotations

import json
import resource
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gui.core.state.session import to_json
from tests.support.drill.outside.running import Program
from tests.support.drill.outside.trying import check
from tests.support.drill.soak import resident_mb

REF = {"path": "/a.npy", "entry": "a", "shape": [5, 4], "dtype": "float64"}
Damage = Callable[[dict[str, Any]], str]


def _set(place: str, value: Any) -> Damage:
    def damaged(document: dict[str, Any]) -> str:
        *folders, last = place.split("/")
        inner = document["state"]
        for one in folders:
            inner = inner[one]
        inner[last] = value
        return json.dumps(document)

    return damaged


def _everything(value: Any) -> Damage:
    def damaged(document: dict[str, Any]) -> str:
        state = {
            name: dict.fromkeys(part, value) if isinstance(part, dict) else value
            for name, part in document["state"].items()
        }
        return json.dumps({**document, "state": state})

    return damaged


def _active(**changed: Any) -> Damage:
    return _set("selection/active", {**REF, **changed})


DAMAGES: dict[str, tuple[Damage, bool]] = {  # and whether it has to be said
    "a shape of nothing": (_active(shape=[]), True),
    "a negative shape": (_active(shape=[-3, 4]), True),
    "a shape of three": (_active(shape=[2, 2, 2]), False),
    "channels 0": (_active(shape=[5, 4], channels=0), True),
    "channels 7": (_active(shape=[5, 4], channels=7), True),
    "twenty thousand pairings": (
        _set("column_row/pairings", [{"a": REF, "kind": "gram"}] * 20_000),
        True,
    ),
    "a text everywhere": (_everything("x"), True),
    "a list everywhere": (_everything([[]]), True),
    "NaN everywhere": (_everything(float("nan")), True),
    "a huge whole number everywhere": (_everything(10**30), True),
    "a number of 5000 digits": (
        lambda d: json.dumps(d).replace('"schema": 1', '"schema": 1, "x": ' + "9" * 5000),
        False,
    ),
    "a hundred thousand brackets": (_set("topk/k", "@"), True),
    "nothing at all": (lambda _: "", True),
    "bytes that are no text": (lambda _: "\x00\udcff" * 500, True),
    "a name twice": (
        lambda d: json.dumps(d).replace('"softness"', '"softness": 3.0, "softness"'),
        True,
    ),
    "half of it": (lambda d: json.dumps(d)[: len(json.dumps(d)) // 2], True),
    "names with marks of direction": (_set("selection/active", {"a\u202eb": 1}), False),
}


def _session(name: str, damage: Damage, told: bool) -> None:
    def run(folder: Path) -> None:
        program = Program(folder)
        program.rest()
        path = folder / "config" / "session.json"
        document = json.loads(to_json(program.store.state))
        program.end()
        text = damage(document)
        if name == "a hundred thousand brackets":
            text = text.replace('"@"', "[" * 100_000 + "]" * 100_000)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        began = time.monotonic()
        again = Program(folder)
        again.rest()
        took = time.monotonic() - began
        assert took < 60, took
        said = [one for one in again.said().splitlines() if "session" in one]
        assert len(said) == 1 if told else len(said) <= 1, again.said()
        aside = folder / "config" / "session.damaged-0.json"
        assert aside.exists() is bool(said), again.said()
        if said:
            kept = aside.read_bytes()
            assert kept == text.encode("utf-8", "surrogateescape")
        for page in ("topk", "spectrum", "column_row", "position"):
            again.window.show_page(page)
            again.rest()
        again.end()

    check(f"session: {name}: left out, said once, kept aside, every page comes up")(run)


for _name, (_damage, _told) in DAMAGES.items():
    _session(_name, _damage, _told)


# -- pictures that are dropped -----------------------------------------------------------------


def _png(path: Path, *chunks: tuple[bytes, bytes]) -> None:
    data = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    path.write_bytes(data + b"".join(_chunk(kind, body) for kind, body in chunks))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


END = ((b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))


def _pdf_keywords(folder: Path) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF-1.4\n/Keywords (" + b"a" * (50 << 20) + b")\n%%EOF")
    return path


def _pdf_many(folder: Path) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF-1.4\n" + b"/Keywords (a\\(" * 3_000_000)
    return path


def _svg_attributes(folder: Path) -> Path:
    path = folder / "a.svg"
    names = " ".join(f'a{i}="1"' for i in range(3_000_000))
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {names}></svg>')
    return path


def _svg_entities(folder: Path) -> Path:
    path = folder / "a.svg"
    levels = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(12))
    path.write_text(f'<!DOCTYPE svg [<!ENTITY a0 "x">{levels}]><svg><desc>&a12;</desc></svg>')
    return path


def _svg_deep(folder: Path) -> Path:
    path = folder / "a.svg"
    path.write_text("<svg>" + "<g>" * 1_000_000)
    return path


def _png_text(folder: Path) -> Path:
    path = folder / "a.png"
    _png(path, (b"tEXt", b"rankscope\0" + b"{" * (80 << 20)), *END)
    return path


def _png_bomb(folder: Path) -> Path:
    path = folder / "a.png"
    packed = zlib.compress(b"0" * (300 << 20), 9)
    _png(path, (b"zTXt", b"rankscope\0\0" + packed), (b"iCCP", b"x\0\0" + packed), *END)
    return path


def _png_chunks(folder: Path) -> Path:
    path = folder / "a.png"
    _png(path, *((b"tEXt", b"a\0b") for _ in range(1_000_000)), *END)
    return path


def _tiff(folder: Path) -> Path:
    path = folder / "a.tif"
    entries = struct.pack("<HHII", 270, 2, 0xFFFFFFF0, 8) * 4000
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, 4000) + entries + struct.pack("<I", 8))
    return path


def _npz_bomb(folder: Path) -> Path:
    path = folder / "a.npz"
    np.savez_compressed(path, a=np.zeros((40_000, 20_000), "f4"))  # 3.2 GB in 3 MB
    return path


def _html(folder: Path) -> Path:
    path = folder / "a.html"
    path.write_text('<script type="application/json" data-rankscope>' + "[" * (60 << 20))
    return path


def _csv(folder: Path) -> Path:
    path = folder / "a.csv"
    path.write_text("# rankscope: " + "{" * (40 << 20) + "\n1,2\n3,4\n")
    return path


def _dropped(name: str, make: Callable[[Path], Path]) -> None:
    def run(folder: Path) -> None:
        program = Program(folder)
        program.rest()
        path = make(folder)
        _leave(5 << 30)  # of a machine with more than that, more is taken unasked
        before, began = resident_mb(), time.monotonic()
        longest = [0.0, time.monotonic()]

        def beat() -> bool:
            now = time.monotonic()
            longest[0], longest[1] = max(longest[0], now - longest[1]), now
            return not program.application.context.runner.is_busy() and now - began > 1.0

        program.application.open_paths([str(path)])
        if not program.wait(beat, 60):  # in a process of its own, which a cancel ends
            runner = program.application.context.runner
            runner.cancel_all()
            assert program.wait(lambda: not runner.is_busy(), 10), "it cannot be cancelled"
        grown, peak = resident_mb() - before, _peak()
        assert peak - before < 800, f"peak {peak - before:.0f} MB above"
        assert grown < 400, f"{grown:.0f} MB more"
        assert longest[0] < 4, f"the window stood still for {longest[0]:.1f} s"
        program.end()

    check(f"dropped: {name}: bounded in time and memory, the window goes on")(run)


def _leave(free: int) -> None:
    """Have no more memory left than ``free`` bytes, however much the machine has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + free
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _peak() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


for _name, _make in {
    "a PDF with 50 MB of keywords": _pdf_keywords,
    "a PDF with three million keywords": _pdf_many,
    "an SVG of three million attributes": _svg_attributes,
    "an SVG of entities within entities": _svg_entities,
    "an SVG a million elements deep": _svg_deep,
    "a PNG with 80 MB of our own text": _png_text,
    "a PNG whose text unpacks to 300 MB": _png_bomb,
    "a PNG with a million texts": _png_chunks,
    "a TIFF with tags of 4 GB": _tiff,
    "an npz that unpacks to 3 GB": _npz_bomb,
    "a report with 60 MB of brackets": _html,
    "a table with 40 MB in its first line": _csv,
}.items():
    _dropped(_name, _make)
