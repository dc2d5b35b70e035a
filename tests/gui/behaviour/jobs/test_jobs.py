"""The five jobs that the program is for, from a file to a result, by keys alone and by mouse alone.

Each counts its steps: a step more than it takes today is a way that became longer.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from gui.core.widgets.number_control import NumberBox
from tests.gui.behaviour.jobs.hands import Keys, Mouse

# Menus and boxes grab the keyboard, which a screen nobody sees does not offer.
pytestmark = pytest.mark.qt_log_ignore("does not support grabbing", extend=True)
RNG = np.random.default_rng(13)


@pytest.fixture
def program(start):
    driver = start()
    driver.idle()
    return driver


@pytest.fixture
def keys(program):
    return Keys(program)


@pytest.fixture
def mouse(program):
    return Mouse(program)


def given(driver, dialogs, *names):
    """Have the dialog that asks for files answered: what it looks like is the platform's."""
    dialogs.opens.append([str(driver.folder / name) for name in names])


def ran(code):
    names = {}
    exec(compile(code, "copied", "exec"), names)
    return names


# -- A: router logits in a CSV -> operator and temperature -> a figure and code that runs -----


def logits(driver):
    rows = RNG.normal(size=(32, 16)).round(3)
    text = [",".join(f"expert{place}" for place in range(16))]
    text += [",".join(map(str, row)) for row in rows]
    (driver.folder / "router.csv").write_text("\n".join(text) + "\n")
    return rows


def check_a(driver, rows, code, target):
    state = driver.store["topk"]
    assert (driver.number("k"), state.tau, state.focus) == (4, 0.2, "sigmoid")
    p = ran(code)["soft_top_k"](rows)
    shown = driver.series("topk.output", "sigmoid")
    np.testing.assert_allclose(np.sort(p[0])[::-1], np.sort(shown.y)[::-1], atol=1e-6)
    driver.wait(target.exists, 30_000)
    driver.idle()
    assert target.read_bytes().startswith(b"%PDF")
    assert f"Exported to {target}." in driver.status()


@pytest.mark.long
def test_a_by_keys(keys, dialogs):
    driver, target = keys.driver, keys.driver.folder / "figure.pdf"
    rows = logits(driver)
    given(driver, dialogs, "router.csv")
    keys.press("Ctrl+O", "Alt+K")
    keys.type("4")
    keys.press("Return", "Alt+T")
    keys.type("0.2")
    keys.press("Return", "Alt+D")
    keys.type("Sig")
    keys.press("Alt+P", "N")
    code = keys.copied()
    keys.press("Ctrl+E", "Alt+O")
    keys.type("PDF")
    keys.press("Alt+I")
    keys.type(str(target))
    keys.press("Return")
    check_a(driver, rows, code, target)
    assert len(keys.steps) <= 17, keys.steps


@pytest.mark.long
def test_a_by_mouse(mouse, dialogs):
    driver, target = mouse.driver, mouse.driver.folder / "figure.pdf"
    rows = logits(driver)
    given(driver, dialogs, "router.csv")
    dialogs.saves.append(str(target))
    mouse.click("Open files…")
    mouse.type("k", NumberBox, "4")
    mouse.type("tau", NumberBox, "0.2")
    mouse.choose("In detail", "Sigmoid threshold")
    mouse.click("Copy operator as code")
    mouse.entry("Copy as NumPy")
    code = mouse.copied()
    mouse.click("Export figure")
    mouse.choose("Format", "PDF page (*.pdf)")
    mouse.click("Browse…")
    mouse.click("Export")
    check_a(driver, rows, code, target)
    assert len(mouse.steps) <= 20, mouse.steps


# -- B: a weight -> a rank -> the factors in a file -------------------------------------------


def weight(driver):
    made = RNG.normal(size=(60, 12)) @ RNG.normal(size=(12, 40)) + 0.1 * RNG.normal(size=(60, 40))
    np.save(driver.folder / "weight.npy", made)
    return made


def check_b(driver, made, target):
    driver.wait(target.exists, 30_000)
    driver.idle()
    with np.load(target) as held:
        found = (held["u"] * held["s"]) @ held["vh"]
    u, s, vh = np.linalg.svd(made, full_matrices=False)
    rank = int(driver.number("Rank r"))
    assert 0 < rank < 40
    np.testing.assert_allclose(found, (u[:, :rank] * s[:rank]) @ vh[:rank], atol=1e-9)
    assert f"Saved {target}." in driver.status()


def test_b_by_keys(keys, dialogs):
    driver, target = keys.driver, keys.driver.folder / "factors.npz"
    made = weight(driver)
    given(driver, dialogs, "weight.npy")
    dialogs.saves.append(str(target))
    keys.press("Ctrl+O")
    keys.search("rank rules")
    keys.press("Down", "Return", "Alt+S")
    check_b(driver, made, target)
    assert len(keys.steps) <= 7, keys.steps


@pytest.mark.long
def test_b_by_mouse(mouse, dialogs):
    driver, target = mouse.driver, mouse.driver.folder / "factors.npz"
    made = weight(driver)
    given(driver, dialogs, "weight.npy")
    dialogs.saves.append(str(target))
    mouse.click("Open files…")
    mouse.tab("Spectrum")
    mouse.tab("Rules")
    mouse.row("Rank rules", "Energy share")
    mouse.click("Save factors…")
    check_b(driver, made, target)
    assert len(mouse.steps) <= 5, mouse.steps


# -- C: the geometry of an own matrix, its rank-r picture, its pseudo-inverse -----------------

SMALL = np.array([[2.0, 1.0], [0.5, 1.5]])


def check_circle(driver):
    unit, image = (driver.series("spectrum.geometry", key) for key in ("unit", "now"))
    np.testing.assert_allclose(SMALL @ [unit.x, unit.y], [image.x, image.y], atol=1e-12)
    assert [driver.number(name) for name in "abcd"] == SMALL.ravel().tolist()


def check_inverse(driver):
    np.testing.assert_allclose(driver.image("spectrum.inverse"), np.linalg.inv(SMALL), atol=1e-9)


def check_rank_one(driver):
    u, s, vh = np.linalg.svd(SMALL)
    np.testing.assert_allclose(
        driver.image("spectrum.approximation"), s[0] * np.outer(u[:, 0], vh[0]), atol=1e-9
    )


@pytest.mark.long
def test_c_by_keys(keys, dialogs):
    driver = keys.driver
    np.save(driver.folder / "small.npy", SMALL)
    given(driver, dialogs, "small.npy")
    keys.press("Ctrl+O")
    keys.search("2x2")
    check_circle(driver)
    keys.search("pseudo-inverse")
    check_inverse(driver)
    keys.search("rank r residual")
    keys.press("Alt+R")
    keys.type("1")
    keys.press("Return")
    check_rank_one(driver)
    assert len(keys.steps) <= 13, keys.steps


def test_c_by_mouse(mouse, dialogs):
    driver = mouse.driver
    np.save(driver.folder / "small.npy", SMALL)
    given(driver, dialogs, "small.npy")
    mouse.click("Open files…")
    mouse.tab("Spectrum")
    mouse.tab("2 × 2")
    check_circle(driver)
    mouse.tab("Inverse")
    check_inverse(driver)
    mouse.tab("Pictures")
    mouse.type("Rank r", NumberBox, "1")
    check_rank_one(driver)
    assert len(mouse.steps) <= 7, mouse.steps


# -- D: a photo -> a smaller picture in a file ------------------------------------------------


def photo(driver):
    ramp = np.add.outer(np.arange(40), np.arange(60)) % 256
    made = np.stack([ramp, ramp[::-1], 255 - ramp], axis=-1).astype(np.uint8)
    Pillow.fromarray(made).save(driver.folder / "photo.png")


def check_d(driver, target):
    driver.wait(target.exists, 30_000)
    driver.idle()
    with Pillow.open(target) as image:
        assert (image.size, image.mode) == ((60, 40), "RGB")
    assert driver.store["spectrum"].rank == 3


@pytest.mark.long
def test_d_by_keys(keys, dialogs):
    driver = keys.driver
    photo(driver)
    given(driver, dialogs, "photo.png")
    keys.press("Ctrl+O", "Alt+2", "Alt+R")
    keys.type("3")
    keys.press("Return", "Ctrl+E")
    keys.type("Rank")
    keys.press("Alt+O", "End", "Up", "Up", "Alt+I")
    target = driver.folder / "smaller.png"
    keys.type(str(target))
    keys.press("Return")
    check_d(driver, target)
    assert len(keys.steps) <= 14, keys.steps


@pytest.mark.long
def test_d_by_mouse(mouse, dialogs):
    driver, target = mouse.driver, mouse.driver.folder / "smaller.png"
    photo(driver)
    given(driver, dialogs, "photo.png")
    dialogs.saves.append(str(target))
    mouse.click("Open files…")
    mouse.tab("Spectrum")
    mouse.type("Rank r", NumberBox, "3")
    mouse.click("Export figure")
    mouse.choose("Figure", "Rank 3")
    mouse.choose("Format", "PNG of its own pixels (*.png)")
    mouse.click("Browse…")
    mouse.click("Export")
    check_d(driver, target)
    assert len(mouse.steps) <= 12, mouse.steps


# -- E: a product -> which column-row pairs carry it ------------------------------------------


def product(driver):
    x, y = RNG.normal(size=(12, 20)), RNG.normal(size=(20, 9))
    np.save(driver.folder / "x.npy", x)
    np.save(driver.folder / "y.npy", y)
    return x, y


def check_e(driver, factors, code):
    x, y = factors
    found = ran(code)["approximate"](x, y)
    assert driver.store["column_row"].r == 5
    error = np.linalg.norm(x @ y - found) / np.linalg.norm(x @ y)
    said = driver.readout("At this r", "Error")
    assert said.endswith("%")
    np.testing.assert_allclose(error, float(said.split()[0]) / 100, rtol=2e-3)


@pytest.mark.long
def test_e_by_keys(keys, dialogs):
    driver = keys.driver
    factors = product(driver)
    given(driver, dialogs, "x.npy", "y.npy")
    keys.press("Ctrl+O", "Alt+3", "Alt+Y", "Down", "Down", "Alt+R")
    keys.type("5")
    keys.press("Return", "Alt+C", "N")
    check_e(driver, factors, keys.copied())
    assert len(keys.steps) <= 10, keys.steps


@pytest.mark.long
def test_e_by_mouse(mouse, dialogs):
    driver = mouse.driver
    factors = product(driver)
    given(driver, dialogs, "x.npy", "y.npy")
    mouse.click("Open files…")
    mouse.tab("Column-row")
    mouse.choose("Multiply", "A times another array")
    mouse.type("Pairs r", NumberBox, "5")
    mouse.click("Copy selection as code")
    mouse.entry("Copy as NumPy")
    check_e(driver, factors, mouse.copied())
    assert len(mouse.steps) <= 12, mouse.steps
