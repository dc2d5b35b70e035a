"""Where a window is reached: nobody else may write there, and nothing else listens."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import threading

import pytest

from engine.errors import RankscopeError
from gui.link import seat
from gui.link.place import find_place, write_own
from gui.link.wire import Line


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    tmp_path.chmod(0o700)
    return tmp_path


def modes(folder):
    return {name: stat.S_IMODE(os.stat(folder / name).st_mode) for name in os.listdir(folder)}


def test_the_folder_is_ones_own_and_so_is_all_that_lies_in_it(runtime):
    before = os.umask(0)
    try:
        place = find_place()
        listener = place.listen()
    finally:
        os.umask(before)
    assert place.folder == str(runtime / "rankscope")
    assert stat.S_IMODE(os.stat(place.folder).st_mode) == 0o700
    assert modes(runtime / "rankscope") == {"socket": 0o600, "token": 0o600, "lock": 0o600}
    assert len(place.token()) == 64
    place.leave(listener)
    assert os.listdir(place.folder) == ["lock"]


def test_without_a_folder_of_the_system_it_is_one_in_the_temporary_folder(runtime, monkeypatch):
    expected = str(runtime / "temporary" / f"rankscope-{os.getuid()}")
    for folder in ("", "relative", str(runtime / "missing")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        assert find_place().folder == expected
    runtime.chmod(0o777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    assert find_place().folder == expected


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
@pytest.mark.parametrize("where", ["runtime", "temporary"])
def test_a_folder_that_others_may_write_is_refused(runtime, monkeypatch, where, mode):
    folder = runtime / "rankscope"
    if where == "temporary":
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        folder = runtime / "temporary" / f"rankscope-{os.getuid()}"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(RankscopeError, match="others may write"):
        find_place()


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a folder to others")
def test_a_folder_of_another_user_is_refused(runtime):
    (runtime / "rankscope").mkdir(mode=0o700)
    os.chown(runtime / "rankscope", 12345, 12345)
    with pytest.raises(RankscopeError, match="owned by others"):
        find_place()


def test_a_link_or_a_file_in_its_place_is_refused(runtime):
    (runtime / "elsewhere").mkdir()
    os.symlink(runtime / "elsewhere", runtime / "rankscope")
    with pytest.raises(RankscopeError, match="others"):
        find_place()
    os.unlink(runtime / "rankscope")
    (runtime / "rankscope").write_text("")
    with pytest.raises(RankscopeError, match="others"):
        find_place()


def test_a_token_that_is_a_link_is_none(runtime):
    place = find_place()
    (runtime / "secret").write_text("x")
    os.symlink(runtime / "secret", place.token_path)
    assert place.token() == ""


def test_only_one_listens_and_the_next_once_that_has_gone(runtime):
    place = find_place()
    first = place.listen()
    token = place.token()
    assert place.listen() is None
    assert place.token() == token
    first.close()  # as a crash does: the files stay
    assert place.connect() is None
    second = place.listen()
    assert second is not None
    assert place.token() != token
    place.leave(second)


def test_who_leaves_late_takes_nothing_from_the_next(runtime):
    place = find_place()
    first = place.listen()
    first.close()
    second = place.listen()
    place.leave(first)
    line = place.connect()
    assert line is not None
    line.close()
    place.leave(second)


def test_a_long_path_works(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    place = find_place()
    listener = place.listen()
    line = place.connect()
    assert line is not None
    other, _ = listener.accept()
    assert other.family == socket.AF_UNIX
    other.close()
    line.close()
    place.leave(listener)


@pytest.mark.parametrize("up", [False, True])
def test_a_window_that_is_still_starting_is_given_longer_to_answer(tmp_path, monkeypatch, up):
    environment = {"XDG_RUNTIME_DIR": str(tmp_path)}
    place = find_place(environment)
    listener = place.listen()
    if up:
        write_own(place.words_path, b"{}")
    given_up = threading.Event()

    def answer():
        talk = Line(listener.accept()[0])
        if not up and not given_up.wait(0.3):
            talk.send({"say": "answer", "number": 1})
        given_up.wait(60)
        talk.close()

    monkeypatch.setattr(seat, "PATIENCE", 0.02)
    window = threading.Thread(target=answer)
    window.start()
    took = seat.take_seat([], own=False, another=False, environment=environment)
    given_up.set()
    window.join()
    place.leave(listener)
    assert took.handed is not up
