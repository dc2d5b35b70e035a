"""Which states of the window the golden Figures are taken in.

Arrays and lower views are walked with everything as delivered; every setting is one change from
there, made through the fields of the store, in the view where it shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.support.window_driver import WindowDriver

VIEWS = {
    "topk": ("tau", "k", "heat", "jacobian", "gradient", "load", "laws", "claims"),
    "spectrum": (
        "reconstruction", "error", "density", "rules", "soft", "vectors", "geometry",
    ),
    "column_row": ("pictures", "table"),
}  # fmt: skip
# A matrix and a vector stand for all arrays where one setting is tried after the other.
MATRIX, VECTOR = "low rank + noise", "scores"
FILES = ("low.npy", "colour.png", "vector.csv", "complex.npy")


def can_show(page: str, view: str, shape: tuple[int, ...], dtype: str) -> bool:
    """Return whether an array has something to show in a view.

    Elsewhere the last good plot stays, which depends on what was looked at before.
    """
    if page == "topk" and "complex" in dtype:
        return False
    return (page, view) != ("topk", "load") or len(shape) > 1


def make_files(folder: Path) -> list[str]:
    """Write four small files and return their paths."""
    rng = np.random.default_rng(20)
    low = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 200)) + 0.3 * rng.normal(size=(300, 200))
    paths = [str(folder / name) for name in FILES]
    np.save(paths[0], low.astype(np.float32))
    Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)).save(paths[1])
    np.savetxt(paths[2], rng.normal(size=40).round(3), fmt="%g")
    np.save(paths[3], rng.normal(size=(30, 20)) + 1j * rng.normal(size=(30, 20)))
    return paths


@dataclass(frozen=True)
class Setting:
    """Fields of a page that differ from the delivered ones, and the view they show in.

    ``by_hand`` does what no plain field says: it drives the window once the fields are set.
    """

    page: str
    view: str
    fields: dict[str, Any] = field(default_factory=dict)
    array: str = MATRIX
    name: str = ""
    by_hand: Callable[[WindowDriver], None] | None = None

    @property
    def title(self) -> str:
        """What the setting is called in reports."""
        changed = " ".join(f"{key}={value}" for key, value in self.fields.items())
        return f"{self.page}.{self.view} [{self.array}] {self.name or changed}"


SOFT_OPERATORS = (
    "exp", "sigmoid", "laplace", "grad", "grad_recursive", "iterated_softmax", "gaussian", "clip",
    "cauchy", "scaled_softmax", "softsort", "gumbel_subset", "dftopk", "sparse_pnorm",
)  # fmt: skip
MANY = ("hard", "exp", "sigmoid", "laplace", "grad", "gaussian", "clip", "cauchy", "softsort")


def topk_settings() -> Iterator[Setting]:
    """Yield the settings of the Top-k page."""

    def one(view: str, array: str = VECTOR, **fields: Any) -> Setting:
        return Setting("topk", view, fields, array)

    yield from (one("tau", k=k) for k in (0.0, 3.0, 24.0))
    yield one("k", operators=("exp", "sigmoid", "cauchy"), k=2.5)
    yield from (one("gradient", tau=tau) for tau in (0.05, 5.0))
    yield from (
        one("tau", comparison=comparison, softness=softness, sweep_quantity=quantity)
        for comparison, softness in (("mass", 0.2), ("entropy", 0.4))
        for quantity in ("boundary", "moved")
    )
    yield one("heat", operators=MANY, focus="cauchy")
    yield one("laws", operators=MANY)
    yield from (one(view, order="index") for view in ("heat", "jacobian", "gradient"))
    yield one("tau", quantity="difference")
    yield one("k", sweep_quantity="moved", sweep_log=True, k_log=True)
    yield one("tau", tau_log=False, output_log=True)
    yield one("tau", MATRIX, scores_log=True)
    yield one("jacobian", jacobian_mode="column", column=5)
    yield one("jacobian", focus="sigmoid")
    directions = ("last_in", "scores", "ramp", "random")
    yield from (one("gradient", direction=direction) for direction in directions)
    yield one("gradient", gradient_log=True)
    yield one("load", "router logits", axis="column", position=7, k=4.0)
    yield one("load", "router logits", position=100)
    for kind in ("normal", "uniform", "heavy-tailed (t, 2 degrees)", "many ties (whole 0 to 4)"):
        fields = {"count": 700 if kind == "normal" else 50, "seed": 3}
        yield Setting("topk", "k", fields, VECTOR, f"from {kind}", _from(kind))


def _from(kind: str) -> Callable[[WindowDriver], None]:
    return lambda driver: driver.choose("From", kind)


def spectrum_settings() -> Iterator[Setting]:
    """Yield the settings of the Spectrum page."""

    def one(view: str, array: str = MATRIX, **fields: Any) -> Setting:
        return Setting("spectrum", view, fields, array)

    yield from (one("reconstruction", rank=rank) for rank in (0, 1, 64, 500))
    yield from (one("reconstruction", "colour", rank=rank) for rank in (2, 20))
    yield one("reconstruction", "image", reduction="extreme")
    yield from (one("density", quantity=quantity) for quantity in ("sigma2", "energy"))
    yield from (one("error", **{name: True}) for name in ("log_x", "normalised", "show_rules"))
    yield one("error", log_y=False, quantity="sigma2")
    yield one("rules", rule_values=(("energy", 0.5), ("mp_edge", 0.4), ("relative", 0.1)))
    yield from (one("rules", "low", method=method) for method in ("svd", "gram", "stream"))
    yield one("error", error_relative=False)
    yield one("error", error_log=False)
    yield from (one("density", bins=7, density_log=log) for log in (False, True))
    yield one("density", noise=1.0)
    yield one("density", quantity="sigma2", noise=0.7)
    yield from (one("soft", operator=key) for key in SOFT_OPERATORS)
    yield one("soft", k_follows=False, k=2.5, tau=0.2)
    yield from (one("vectors", vector=pair) for pair in (2, 192))
    yield one("vectors", "complex", vector=3)
    yield from (one("geometry", stage=stage) for stage in (0.0, 0.4, 1.7, 2.5))
    yield one("geometry", matrix=(1.0, 2.0, 2.0, -0.5))
    yield Setting("spectrum", "error", {}, MATRIX, "with a pinned spectrum", _pin)


def _pin(driver: WindowDriver) -> None:
    driver.press("Pin this spectrum")
    choose_array(driver, "power law")
    driver.idle()


def column_row_settings() -> Iterator[Setting]:
    """Yield the settings of the Column-row page."""

    def one(array: str = "activations", **fields: Any) -> Setting:
        return Setting("column_row", "pictures", fields, array)

    yield from (one(r=r) for r in (0, 1, 20))
    yield one(weights=("own", "diagonal", "full"))
    yield one(weights=("diagonal",), detail_weights="diagonal")
    strategies = ("norm", "drop1", "drop2", "drop3", "uniform", "norm_sampling", "soft")
    yield from (one(strategies=(key,), detail=key, detail_weights="own") for key in strategies)
    yield one(strategies=())
    yield one(strategies=("uniform", "norm_sampling"), seed=5)
    yield one(strategies=("soft",), operator="exp", tau=0.5)
    yield one(order="index", norms_log=True)
    yield one(error_log=True, r_log=True)
    for kind in ("rows", "columns"):
        yield Setting("column_row", "pictures", {}, "weights", f"{kind} picked", _pairing(kind))
    yield Setting("column_row", "pictures", {}, "weights", "turned", _pairing("other"))


def _pairing(kind: str) -> Callable[[WindowDriver], None]:
    def change(driver: WindowDriver) -> None:
        store = driver.store
        active, delivered = store["selection"].active, store["column_row"].pairings[0]
        turned = dataclasses.replace(
            delivered, a=active, kind=kind, y=delivered.a, x_transposed=True, y_transposed=True
        )
        store.replace("column_row", label="", pairings=(delivered, turned))

    return change


def settings() -> Iterator[Setting]:
    """Yield every setting of every page."""
    yield from topk_settings()
    yield from spectrum_settings()
    yield from column_row_settings()


def choose_array(driver: WindowDriver, name: str) -> None:
    """Select an array of an open file or of the examples; do not wait."""
    store = driver.store
    for file in store["files"].items:
        for entry in file.entries:
            if entry.name == name:
                change = {f.name: getattr(entry, f.name) for f in dataclasses.fields(entry)}
                kept = {key: change[key] for key in ("shape", "dtype", "channels")}
                ref = dataclasses.replace(
                    store["selection"].active,
                    path=file.path,
                    entry=name,
                    index=(),
                    stamp=file.stamp,
                    **kept,
                )
                store.replace("selection", label="", active=ref)
                return
    raise KeyError(name)
