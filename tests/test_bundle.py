"""The one file that `make bundle` builds unpacks itself; a small tree stands for the program."""

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not shutil.which("zstd"), reason="zstd on Linux"
)
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def bundle():
    found = importlib.util.spec_from_file_location("bundle", ROOT / ".ci" / "bundle.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def built(bundle, folder, says="here", more=b""):
    """Build a file whose program says ``says`` and what it was called with."""
    tree = folder / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "deep" / "er" / "file").write_bytes(more or os.urandom(300_000))
    (tree / "deep" / "link").symlink_to("er/file")
    program = tree / "rankscope"
    program.write_text(f'#!/bin/sh\ncat "$(dirname "$0")/deep/link" >/dev/null\necho {says} "$@"\n')
    program.chmod(0o755)
    target = folder / f"{says}.run"
    bundle.write(tree, target)
    return target


@pytest.fixture(scope="module")
def file(bundle, tmp_path_factory):
    return built(bundle, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def newer(bundle, tmp_path_factory):
    return built(bundle, tmp_path_factory.mktemp("newer"), "newer")


@pytest.fixture(scope="module")
def larger(bundle, tmp_path_factory):
    return built(bundle, tmp_path_factory.mktemp("larger"), more=os.urandom(3_000_000))


def start(file, home, *words, **environment):
    """Start it for a person whose home is ``home``."""
    return subprocess.run(
        [file, *words],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def copies(home):
    return sorted(one.name for one in (home / ".cache" / "rankscope").iterdir())


def test_it_unpacks_itself_once_and_passes_on_what_it_was_called_with(file, tmp_path):
    done = start(file, tmp_path, "a b", "--c")
    assert (done.stdout, done.stderr, done.returncode) == ("here a b --c\n", "", 0)
    (copy,) = copies(tmp_path)
    kept = tmp_path / ".cache" / "rankscope" / copy
    assert sorted(one.name for one in kept.iterdir()) == ["deep", "rankscope"]
    before = kept.stat().st_ino
    assert start(file, tmp_path).stdout == "here\n"
    assert kept.stat().st_ino == before


def test_the_same_tree_gives_the_same_file(bundle, tmp_path):
    one = built(bundle, tmp_path, more=b"x" * 1000).read_bytes()
    assert built(bundle, tmp_path, more=b"x" * 1000).read_bytes() == one


def test_starts_at_the_same_time_leave_one_copy(file, tmp_path):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(start(file, tmp_path))) for _ in range(6)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [(one.stdout, one.stderr) for one in answers] == [("here\n", "")] * 6
    (copy,) = copies(tmp_path)
    assert "." not in copy


@pytest.mark.parametrize(
    "how", ["cut", "changed", "cut early", "changed early", "changed at the end"]
)
def test_a_damaged_file_is_said_and_leaves_nothing(file, tmp_path, how):
    whole = bytearray(file.read_bytes())
    if how == "changed":
        whole[-100_000] ^= 0xFF
    elif how == "changed early":
        whole[-600_000] ^= 0xFF  # of the program that unpacks
    elif how == "changed at the end":
        whole[-2] ^= 0xFF  # of the sum over all
    else:
        del whole[-100_000 if how == "cut" else -600_000 :]
    damaged = tmp_path / "damaged.run"
    damaged.write_bytes(whole)
    damaged.chmod(0o755)
    done = start(damaged, tmp_path)
    assert "is damaged: it is not as it was built. Fetch it again." in done.stderr
    assert done.stderr.count("\n") == 1
    assert (done.returncode, done.stdout, copies(tmp_path)) == (1, "", [])


@pytest.mark.parametrize("blocks", [0, 200, 4000])
def test_a_place_without_room_is_said_and_left_empty(larger, tmp_path, blocks):
    # No file may be larger than so many blocks of 512 bytes: writing fails as on a full disk, at
    # the first byte, within the program that unpacks, and within what it unpacks.
    done = subprocess.run(
        ["sh", "-c", f'ulimit -f {blocks}; trap "" XFSZ; exec "{larger}"'],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "could not be unpacked into" in done.stderr
    assert "where it needs 5 MB" in done.stderr
    assert "RANKSCOPE_UNPACKED=/another/place" in done.stderr
    assert (done.returncode, done.stdout, copies(tmp_path)) == (1, "", [])


def test_a_place_that_cannot_be_written_is_said(file, tmp_path):
    (tmp_path / "file").write_text("")
    done = start(file, tmp_path, RANKSCOPE_UNPACKED=str(tmp_path / "file" / "in"))
    assert "Rankscope cannot write into" in done.stderr
    assert done.returncode == 1
    done = start(file, tmp_path, RANKSCOPE_UNPACKED=str(tmp_path / "other place"))
    assert done.stdout == "here\n"


def test_what_is_left_of_a_killed_start_and_an_old_version_goes(file, newer, tmp_path):
    start(file, tmp_path)
    (old,) = copies(tmp_path)
    folder = tmp_path / ".cache" / "rankscope"
    (folder / f"{old}.4194305").mkdir()  # no process has that number: the largest is 4194304
    (folder / f"{old}.{os.getpid()}").mkdir()
    (folder / "bundle-mine").mkdir()
    assert start(newer, tmp_path).stdout == "newer\n"
    left = copies(tmp_path)
    assert old not in left
    assert f"{old}.4194305" not in left
    assert {f"{old}.{os.getpid()}", "bundle-mine"} < set(left)


def test_an_old_version_that_runs_stays(bundle, file, newer, tmp_path):
    start(file, tmp_path)
    (old,) = copies(tmp_path)
    program = tmp_path / ".cache" / "rankscope" / old / "cat"
    shutil.copy("/bin/cat", program)
    with subprocess.Popen([program], stdin=subprocess.PIPE) as running:
        assert start(newer, tmp_path).stdout == "newer\n"
        assert len(copies(tmp_path)) == 2
        running.stdin.close()
    assert start(built(bundle, tmp_path, "newest"), tmp_path).stdout == "newest\n"
    assert len(copies(tmp_path)) == 1


def test_a_copy_of_which_a_part_was_taken_away_is_made_anew(file, tmp_path):
    start(file, tmp_path)
    (copy,) = copies(tmp_path)
    (tmp_path / ".cache" / "rankscope" / copy / "rankscope").unlink()
    assert start(file, tmp_path).stdout == "here\n"


def test_a_machine_without_zstd_says_what_to_install(bundle, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match="sudo apt-get install zstd"):
        bundle.main()
