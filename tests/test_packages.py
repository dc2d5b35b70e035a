"""What is handed out: wheel and sdist, their metadata, and what a desktop is told."""

from __future__ import annotations

import email
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from itertools import takewhile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from packaging.requirements import Requirement

from engine.plugins import normalised

ROOT = Path(__file__).resolve().parents[1]
DESKTOP = ROOT / "assets" / "desktop"
TEXT = (ROOT / "pyproject.toml").read_text("utf-8")
PROJECT = tomllib.loads(TEXT)["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [*PROJECT["dependencies"], *(one for group in EXTRAS.values() for one in group)]
OTHERS = [one for one in REQUIREMENTS if not one.startswith("rankscope[")]
USERS = ("gguf", "xlsx", "hdf5")  # extras of people; the others are of those who work on it
MIB = 1 << 20


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    assert path.stat().st_size <= 5 * MIB
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def sdist(built):
    (path,) = built.glob("*.tar.gz")
    assert path.stat().st_size <= 5 * MIB
    with tarfile.open(path) as archive:
        yield {name.partition("/")[2] for name in archive.getnames()}


def sources(folder):
    kept = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {
        path.relative_to(ROOT).as_posix()
        for path in kept
        if "__pycache__" not in path.parts and path.suffix != ".pyc" and path.name != ".keep"
    }


def test_the_wheel_holds_the_program_and_nothing_else(wheel):
    names = set(wheel.namelist())
    shipped = {
        f"{'engine' if folder == 'search' else 'gui'}/{path}"
        for folder in ("translations", "icons", "notes", "search")
        for path in sources(f"assets/{folder}")
    }
    expected = sources("engine") | sources("gui") | {"rankscope.py"} | shipped
    found = {name for name in names if not name.startswith("rankscope-")}
    assert expected <= found
    extra = {name for name in found - expected if not name.endswith("/.keep")}
    assert {name.partition("/")[0] for name in extra} <= {"rankscope-stubs"}
    share = "rankscope-0.1.0.data/data/share"
    assert {name.removeprefix(share) for name in names if name.startswith(share)} == {
        "/applications/rankscope.desktop",
        "/mime/packages/rankscope.xml",
        "/metainfo/org.rankscope.Rankscope.metainfo.xml",
        "/icons/hicolor/scalable/apps/rankscope.svg",
        "/icons/hicolor/48x48/apps/rankscope.png",
        "/icons/hicolor/256x256/apps/rankscope.png",
    }


def test_the_wheel_says_what_it_is(wheel):
    info = "rankscope-0.1.0.dist-info"
    said = email.message_from_bytes(wheel.read(f"{info}/METADATA"))
    assert (said["Name"], said["Version"]) == ("rankscope", "0.1.0")
    assert said["License-Expression"] == "MIT"
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert set(said.get_all("Provides-Extra")) == set(EXTRAS)
    needs = map(Requirement, said.get_all("Requires-Dist"))
    base = {normalised(need.name) for need in needs if need.marker is None}
    assert base == {normalised(Requirement(one).name) for one in PROJECT["dependencies"]}
    points = wheel.read(f"{info}/entry_points.txt").decode()
    assert "rankscope = gui.__main__:main" in points
    assert "rankscope-gui = gui.__main__:main" in points


def test_the_sdist_builds_and_tests(sdist):
    for name in ("engine", "gui", "assets/notes", "assets/desktop", "tests"):
        assert sources(name) - sdist == set()
    expected = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", ".ci/run"}
    assert expected <= sdist
    assert not [name for name in sdist if "screenshots" in name or ".venv" in name]


@pytest.mark.long
def test_what_the_wheel_installs_runs_elsewhere(built, tmp_path):
    (path,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    folder = tmp_path / "installed"
    subprocess.run([*pip, "--target", str(folder), str(path)], check=True)
    (tmp_path / "a.csv").write_text("3,1\n1,2\n")
    code = (
        f"import sys; sys.path[:] = [{str(folder)!r}] + [p for p in sys.path if p != {str(ROOT)!r}]"
        "\nimport gui; assert gui.__file__.startswith(sys.path[0]), gui.__file__"
        "\nfrom gui.__main__ import main"
        "\nsys.exit(main(['render', 'a.csv', '--figure', 'spectrum', '--out', 'a.svg']))"
    )
    subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "a.svg").exists()
    assert (folder / "share" / "applications" / "rankscope.desktop").exists()


@pytest.mark.parametrize("requirement", OTHERS)
def test_every_dependency_has_both_bounds_each_with_a_reason(requirement):
    bounds = {one.operator: one.version for one in Requirement(requirement).specifier}
    assert set(bounds) == {">=", "<"}
    before = TEXT.rpartition(f'"{requirement}"')[0].splitlines()[:-1]
    told = " ".join(takewhile(lambda line: line.lstrip().startswith("#"), reversed(before)))
    assert told, "a comment above it says what it is for"
    for bound in bounds.values():
        assert re.search(rf"(?<![\d.]){re.escape(bound)}(?::|, and)", told), bound


def test_all_takes_every_extra_of_people():
    (everything,) = EXTRAS["all"]
    assert Requirement(everything).extras >= set(USERS)
    work = {"all", "test", "dev", "peers", "models"}
    assert Requirement(everything).extras == set(EXTRAS) - work


def test_importing_the_name_costs_next_to_nothing():
    code = "import time; t = time.perf_counter(); import rankscope; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    runs = (subprocess.check_output(command, cwd=ROOT, text=True) for _ in range(5))
    assert min(map(float, runs)) <= 0.020


def entry():
    lines = (DESKTOP / "rankscope.desktop").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_a_desktop_opens_the_files_it_knows():
    said = entry()
    assert said["Exec"] == "rankscope-gui %F"
    assert said["Icon"] == "rankscope"
    for name in ("GenericName", "Comment", "Keywords"):
        assert re.search("[一-鿿]", said[f"{name}[zh_CN]"])
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    kinds = ElementTree.parse(DESKTOP / "rankscope.xml").getroot()
    globs = {kind.get("type"): kind.find(f"{space}glob").get("pattern") for kind in kinds}
    assert set(globs.values()) == {"*.npy", "*.npz", "*.safetensors", "*.mtx"}
    assert set(said["MimeType"].strip(";").split(";")) == set(globs)
    about = ElementTree.parse(DESKTOP / "org.rankscope.Rankscope.metainfo.xml").getroot()
    assert {one.text for one in about.iter("mediatype")} == set(globs)
    assert about.findtext("launchable") == "rankscope.desktop"
    assert about.findtext("project_license") == PROJECT["license"]


@pytest.mark.parametrize(
    "command",
    [
        ("desktop-file-validate", "rankscope.desktop"),
        ("appstreamcli", "validate", "--no-net", "org.rankscope.Rankscope.metainfo.xml"),
        ("xmllint", "--noout", "rankscope.xml"),
    ],
    ids=lambda command: command[0],
)
def test_the_validators_of_desktops_find_nothing(command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=DESKTOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in done.stdout + done.stderr
