"""Build Rankscope as one file for Linux: `make bundle`; standard library, pip and ldd.

Usage: python .ci/bundle.py FILE [FOLDER]      (FOLDER: where it is put together, build/bundle)

The file is a shell script with two packed parts behind it: the program zstd, by gzip, and by zstd
a tree of this interpreter, the program with what it depends on, and the system libraries that a
bare system lacks. At its first start it unpacks itself into ~/.cache/rankscope, afterwards it
starts from there. It needs a C library at least as new as that of the machine it was built on, sh,
tar, gzip and coreutils; no Python, and nothing is installed.
"""

import compileall
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Mapping
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import IO

UNCHECKED = PycInvalidationMode.UNCHECKED_HASH  # times are lost in the packing
ROOT = Path(__file__).resolve().parents[1]
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"

# Of the standard library and what is installed, nothing of these is ever imported.
UNUSED_STDLIB = (
    "test",
    "idlelib",
    "tkinter",
    "turtledemo",
    "ensurepip",
    "lib2to3",
    "site-packages",
)
UNUSED = (
    *("**/tests", "**/*.pyi", "**/*.pyx", "**/*.pxd", "**/*.c", "**/*.h", "**/*.a"),
    *("bin", "share/man"),
    *("matplotlib/mpl-data/sample_data", "matplotlib/backends/web_backend"),
    "pyqtgraph/examples",
)
QT = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtDBus", "QtNetwork", "QtOpenGL", "QtOpenGLWidgets",
      "QtPrintSupport", "QtTest", "QtXml")  # fmt: skip
QT_PLUGINS = ("iconengines", "imageformats", "platforminputcontexts", "platforms", "platformthemes",
              "wayland-decoration-client", "wayland-graphics-integration-client",
              "wayland-shell-integration", "xcbglintegrations")  # fmt: skip
# Ways to draw that a desktop does not use, and what they alone would bring.
QT_PLUGINS_UNUSED = ("libqeglfs.so", "libqlinuxfb.so", "libqminimalegl.so", "libqvkkhrdisplay.so",
                     "libqvnc.so", "libqgtk3.so", "libqpdf.so",
                     "libqtvirtualkeyboardplugin.so")  # fmt: skip
# What belongs to the kernel or the C library, and must be the system's own.
SYSTEMS = re.compile(
    r"(ld-linux.*|lib(c|m|dl|pthread|rt|resolv|util|nsl|anl|BrokenLocale|mvec))\.so"
)

# Beside one that another start unpacks at the same time, one copy is left. What a start that was
# killed has left goes, and so does a version before this one that no process runs.
HEAD = """\
#!/bin/sh
# Rankscope in one file: unpacks itself once, then starts. RANKSCOPE_UNPACKED names another place.
set -e
folder="${{RANKSCOPE_UNPACKED:-${{XDG_CACHE_HOME:-$HOME/.cache}}/rankscope}}"
place="$folder/bundle-{mark}"
first() {{
    tail -c +{start} "$0" | head -c {size} | gzip "$@" 2>/dev/null
}}
second() {{
    tail -c +{rest} "$0" | LD_LIBRARY_PATH="$beside/zstd" "$beside/zstd/zstd" -q "$@" 2>/dev/null
}}
refuse() {{
    echo "$1" >&2
    exit 1
}}
unpack() {{
    mkdir -p "$folder" 2>/dev/null || refuse "Rankscope cannot write into $folder; \
RANKSCOPE_UNPACKED=/another/place names where it unpacks itself."
    for old in "$folder"/bundle-{marks}.*; do
        [ ! -d "$old" ] || [ -e "/proc/${{old##*.}}" ] || rm -rf "$old"
    done
    beside="$place.$$"
    trap 'rm -rf "$beside"' EXIT
    trap 'exit 1' HUP INT TERM
    damaged="$0 is damaged: it is not as it was built. Fetch it again."
    no_room="Rankscope could not be unpacked into $folder, where it needs {room} MB; \
RANKSCOPE_UNPACKED=/another/place names where it unpacks itself."
    mkdir -m 700 "$beside" 2>/dev/null || refuse "$no_room"
    first -t || refuse "$damaged"
    first -dc | tar -xf - -C "$beside" 2>/dev/null || refuse "$no_room"
    if ! {{ second -dc || touch "$beside/cut"; }} | tar -xf - -C "$beside" 2>/dev/null ||
        [ -e "$beside/cut" ] || [ ! -x "$beside/rankscope" ]; then
        {{ second -t && [ "$(wc -c <"$0")" -eq {length} ]; }} || refuse "$damaged"
        refuse "$no_room"
    fi
    rm -rf "$beside/zstd"
    [ -x "$place/rankscope" ] || rm -rf "$place"  # what was taken away of it in part
    mv -T "$beside" "$place" 2>/dev/null || [ -x "$place/rankscope" ] || refuse "$no_room"
    rm -rf "$beside"
    trap - EXIT HUP INT TERM
    [ -z "$RANKSCOPE_UNPACKED" ] || return 0  # others may have theirs there
    for old in "$folder"/bundle-{marks}; do
        [ "$old" = "$place" ] || ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qF "$old/" ||
            rm -rf "$old"
    done
}}
[ -x "$place/rankscope" ] || unpack
exec "$place/rankscope" "$@"
"""
MARKS = "[0-9a-f]" * 16

START = """\
#!/bin/sh
here="$(cd "$(dirname "$0")" && pwd)"
unset PYTHONHOME PYTHONPATH
export PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/libraries"
[ -d /usr/share/X11/xkb ] || export XKB_CONFIG_ROOT="$here/share/X11/xkb"
[ -f /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$here/share/fonts.conf"
exec "$here/bin/python3" -m gui "$@"
"""

# A system without fonts has those that the drawing of exports brings.
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <dir prefix="relative">../lib/{version}/site-packages/matplotlib/mpl-data/fonts/ttf</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def main() -> int:
    """Build the file; say how large it is and what takes the room."""
    zstd()
    target = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build" / "bundle").resolve()
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    packages = tree / "lib" / VERSION / "site-packages"
    add_python(tree)
    add_program(packages)
    take_away_unused(packages)
    add_libraries(tree)
    add_start(tree)
    strip(tree / "libraries" / str(sysconfig.get_config_var("INSTSONAME")))
    strip(packages / "llvmlite" / "binding" / "libllvmlite.so")
    compileall.compile_dir(tree / "lib", quiet=2, invalidation_mode=UNCHECKED, workers=0)
    write(tree, target)
    tell(tree, target)
    return 0


def add_python(tree: Path) -> None:
    """Copy this interpreter and its standard library."""
    home = Path(sys.base_prefix)
    leave = shutil.ignore_patterns(
        *("__pycache__", "config-*", "*.a", "_test*.so", "_tkinter*.so"), *UNUSED_STDLIB
    )
    shutil.copytree(home / "lib" / VERSION, tree / "lib" / VERSION, ignore=leave)
    binary = tree / "bin" / "python3"
    binary.parent.mkdir(parents=True)
    shutil.copy(Path(sys.base_prefix, "bin", VERSION), binary)
    shared = sysconfig.get_config_var("INSTSONAME")
    place = Path(sysconfig.get_config_var("LIBDIR") or "", shared or "")
    (tree / "libraries").mkdir()
    if shared and shared.endswith((".so", ".so.1.0")) and place.is_file():
        shutil.copy(place, tree / "libraries" / shared)


def add_program(packages: Path) -> None:
    """Install the program and what it depends on."""
    call = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*call, "--no-compile", "--target", str(packages), str(ROOT)], check=True)


def take_away_unused(packages: Path) -> None:
    """Remove what is never imported: tests, headers, and most of Qt."""
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            remove(path)
    qt = packages / "PySide6"
    kept = (
        "Qt",
        "__init__.py",
        "_config.py",
        "_git_pyside_version.py",
        "libpyside6.abi3*",
        "support",
    )
    modules = tuple(f"{name}.abi3.so" for name in QT)
    for path in qt.iterdir():
        if not any(path.match(name) for name in (*kept, *modules)):
            remove(path)
    for path in (qt / "Qt").iterdir():
        if path.name not in ("lib", "plugins", "translations"):
            remove(path)
    for path in (qt / "Qt" / "plugins").iterdir():
        if path.name not in QT_PLUGINS:
            remove(path)
    for path in (qt / "Qt" / "plugins").rglob("*.so"):
        if path.name in QT_PLUGINS_UNUSED:
            remove(path)
    for path in (qt / "Qt" / "translations").iterdir():
        if not path.name.startswith("qtbase_"):
            remove(path)
    used = {place.name for name in qt.rglob("*.so*") if "Qt/lib" not in str(name)
            for place in needed(name).values() if place}  # fmt: skip
    for path in (qt / "Qt" / "lib").iterdir():
        if path.name not in used and path.resolve().name not in used:
            remove(path)


def add_libraries(tree: Path) -> None:
    """Copy the system's libraries that the tree loads and does not bring, C library excepted."""
    named = [*tree.rglob("*.so"), *tree.rglob("*.so.*"), tree / "bin" / "python3"]
    for path in named:
        for name, place in needed(path).items():
            inside = place is not None and place.resolve().is_relative_to(tree)
            if place is None or inside or SYSTEMS.match(name):
                continue
            if not (tree / "libraries" / name).exists():
                shutil.copy(place, tree / "libraries" / name)


def needed(path: Path) -> dict[str, Path | None]:
    """Return the libraries that a binary loads, by name, and where they are."""
    done = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False)
    found: dict[str, Path | None] = {}
    for line in done.stdout.splitlines():
        name, arrow, rest = line.strip().partition(" => ")
        if arrow:
            place = rest.partition(" (")[0]
            found[name] = None if "not found" in place else Path(place)
    return found


def strip(path: Path) -> None:
    """Take the symbols for debuggers off a library, where binutils are at hand.

    Only these two: wheels that were patched for their libraries do not survive it.
    """
    if path.is_file() and shutil.which("strip"):
        subprocess.run(["strip", "--strip-unneeded", str(path)], check=False)


def add_start(tree: Path) -> None:
    """Write the script that starts it; keyboards and fonts for a system that has none."""
    start = tree / "rankscope"
    start.write_text(START, "utf-8")
    start.chmod(0o755)
    share = tree / "share"
    share.mkdir()
    (share / "fonts.conf").write_text(FONTS.format(version=VERSION), "utf-8")
    keyboards = Path("/usr/share/X11/xkb")
    if keyboards.is_dir():
        shutil.copytree(keyboards, share / "X11" / "xkb", symlinks=False)
    for name in ("applications", "icons", "metainfo", "mime"):
        there = tree / "lib" / VERSION / "site-packages" / "share" / name
        if there.is_dir():
            shutil.copytree(there, share / name)


def write(tree: Path, target: Path) -> None:
    """Write the script and the two packed parts behind it, the same for the same tree."""
    unpacker, packed = target.with_suffix(".first"), target.with_suffix(".second")
    target.parent.mkdir(parents=True, exist_ok=True)
    program = Path(zstd())
    libraries = [path for name, path in needed(program).items() if path and not SYSTEMS.match(name)]
    with gzip.GzipFile(unpacker, "wb", 9, mtime=0) as stream:
        pack({f"zstd/{path.name}": path.resolve() for path in (program, *libraries)}, stream)
    call = [str(program), "-q", "--ultra", "-22", "--long=27", "-T0", "-f", "-o", str(packed)]
    with subprocess.Popen(call, stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        pack({".": tree}, running.stdin)
        running.stdin.close()
        if running.wait():
            raise SystemExit(f"{program} could not pack {tree}.")
    digest = hashlib.sha256(unpacker.read_bytes() + packed.read_bytes()).hexdigest()
    size, rest = unpacker.stat().st_size, packed.stat().st_size
    room = 1 + round((size_of(tree) + size) * 1.05 / 1e6)  # files fill whole blocks
    values = {"mark": digest[:16], "marks": MARKS, "size": size, "room": room}
    script = ""
    for _ in range(3):  # how long it is depends on the numbers in it
        head = len(script)
        places = {"start": head + 1, "rest": head + size + 1, "length": head + size + rest}
        script = HEAD.format(**values, **places)
    assert len(script) == head
    with target.open("wb") as stream:
        stream.write(script.encode("ascii"))
        for part in (unpacker, packed):
            with part.open("rb") as body:
                shutil.copyfileobj(body, stream)
            part.unlink()
    target.chmod(0o755)


def zstd() -> str:
    """Return the program that packs, and unpacks on the other machine."""
    found = shutil.which("zstd")
    if found is None:
        raise SystemExit("zstd is needed to build the bundle: sudo apt-get install zstd")
    return found


def pack(paths: Mapping[str, Path], stream: IO[bytes]) -> None:
    """Write files and folders as a tar archive, under the names given."""
    with tarfile.open(fileobj=stream, mode="w|") as archive:
        for name, path in paths.items():
            archive.add(path, name, filter=anonymous)


def anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who built it, and when."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return info


def tell(tree: Path, target: Path) -> None:
    """Say how large the file is and what takes the room in it."""
    packages = tree / "lib" / VERSION / "site-packages"
    sizes = {path.name: size_of(path) for path in (*packages.iterdir(), tree / "libraries")}
    sizes["standard library"] = size_of(tree / "lib") - size_of(packages)
    print(f"{target}: {target.stat().st_size / 1e6:.0f} MB, unpacked {size_of(tree) / 1e6:.0f} MB")
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1])[:14]:
        print(f"  {size / 1e6:6.1f} MB  {name}")


def size_of(path: Path) -> int:
    """Return the bytes of a file or of all in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(one.lstat().st_size for one in path.rglob("*") if not one.is_dir())


def remove(path: Path) -> None:
    """Remove a file, a link or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
