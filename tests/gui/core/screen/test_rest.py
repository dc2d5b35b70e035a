from PySide6.QtCore import QObject, QTimer

from gui.core.work.rest import QUIET, Rest, is_about_to_act


def test_rest_is_reached_after_some_looks_without_work(qtbot):
    answers = [True, True, False, True, False, False]
    asked = []

    def busy():
        asked.append(answers[len(asked)])
        return asked[-1]

    rest = Rest(busy)
    with qtbot.waitSignal(rest.reached):
        rest.wait()
    assert asked == answers
    assert answers[-QUIET:] == [False] * QUIET


def test_who_stops_hears_nothing(qtbot):
    rest, heard = Rest(lambda: False), []
    rest.reached.connect(lambda: heard.append(1))
    rest.wait()
    rest.stop()
    done = QTimer(singleShot=True, interval=60)
    with qtbot.waitSignal(done.timeout):
        done.start()
    assert not heard


def test_what_waits_a_moment_is_about_to_act(qtbot):
    owner = QObject()
    QTimer(owner, interval=10).start()  # comes again and again: nothing ends it
    QTimer(owner, singleShot=True, interval=60_000).start()
    assert not is_about_to_act(owner)
    soon = QTimer(owner, singleShot=True, interval=20)
    soon.start()
    assert is_about_to_act(owner)
    with qtbot.waitSignal(soon.timeout):
        pass
    assert not is_about_to_act(owner)
