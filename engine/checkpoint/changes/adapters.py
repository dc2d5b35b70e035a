"""Low-rank updates of a model as files have them: PEFT's folders, kohya's files."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.arguments import real_number
from engine.checkpoint.folders import weights_file
from engine.errors import FileError
from engine.files import Entry, MatrixSource, open_matrix_file
from engine.jobs import Progress, checkpoint
from engine.json_text import BadJson, read_json
from engine.sentences import joined, say
from engine.spectrum import Factored, LowRank, truncated_svd

CONFIG = "adapter_config.json"
_LARGEST = 1 << 24  # bytes: the patterns of a large model
_PRODUCT = " B@A"
_PREFIX = re.compile(r"^(?:base_model\.model\.)+")
_ALPHAS = (".alpha", ".lora_alpha", "_alpha", ".scaling_alpha")
# Groups that repeat and many repetitions can take for ever to say no.
_ENDLESS = re.compile(r"\)[*+{]|[*+{].*[*+{].*[*+{]", re.DOTALL)
_LONGEST = 1000


@dataclass(frozen=True)
class AdapterConfig:
    """What adapter_config.json says of scales; all empty where there is none.

    Attributes
    ----------
    alpha : float or None
        ``lora_alpha``; None scales by 1.
    alphas : mapping of str to float
        ``alpha_pattern``: a module's own.
    rank_stabilised : bool
        Whether the scale is alpha / sqrt(r) and not alpha / r.
    fan_in_fan_out : bool
        Whether the weights are kept in x out.
    """

    alpha: float | None = None
    alphas: Mapping[str, float] = field(default_factory=dict)
    rank_stabilised: bool = False
    fan_in_fan_out: bool = False

    def scale(self, module: str, rank: int) -> float:
        """Return what the product of a module's factors is multiplied by.

        References
        ----------
        PEFT's ``get_pattern_key``: the first pattern p with ``(.*\\.)?(p)$`` counts. Kalajdzievski,
        "A rank stabilization scaling factor", arXiv 2312.03732 (2023).

        Examples
        --------
        >>> AdapterConfig(16.0, {"q_proj": 8.0}).scale("h.0.q_proj", 4)
        2.0
        """
        alpha = self.alpha
        for pattern, own in self.alphas.items():
            if re.match(rf"(.*\.)?({pattern})$", module):
                alpha = own
                break
        if alpha is None:
            return 1.0
        return alpha / (math.sqrt(rank) if self.rank_stabilised else rank)


def adapter_factors(
    path: str | os.PathLike[str], progress: Progress | None = None
) -> dict[str, LowRank]:
    """Return the updates ``scale * B @ A`` of a LoRA as factors; nothing is multiplied out.

    Triplets come from two thin QR decompositions and the svd of an r x r matrix. The scale is
    ``alpha / r``, or ``alpha / sqrt(r)`` for rsLoRA, by PEFT's adapter_config.json with its
    ``alpha_pattern``, or the ``.alpha`` that kohya's files have for each module.

    Parameters
    ----------
    path : str or path-like
        A PEFT folder, its file of weights, or a file of any tool that keeps A and B.
    progress : Progress, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    dict of str to LowRank
        By module: PEFT's without ``base_model.model.``, kohya's as they are; ``[3]`` for the fourth
        of a stack. ``note`` says where a product is not all of the update (DoRA).

    Raises
    ------
    FileError
        When the file cannot be read, holds no pairs of factors, or its config.json is unusable.
    DataError
        When a factor holds NaN or infinity.
    Cancelled
        When ``progress`` asks to stop.

    References
    ----------
    Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022, section 4.1. Golub &
    Van Loan, Matrix Computations, 4th ed. (2013), section 8.6.3: the SVD of a product.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from safetensors.numpy import save_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "lora.safetensors")
    ...     factors = {"q.lora_A.weight": np.eye(1, 3), "q.lora_B.weight": 2.0 * np.eye(2, 1)}
    ...     _ = save_file(factors, file)
    ...     adapter_factors(file)["q"].s
    array([2.])
    """
    file = weights_file(path)
    config = read_adapter_config(file)
    found: dict[str, LowRank] = {}
    with open_matrix_file(file, progress) as source:
        entries = [one for one in source.entries if one.name.endswith(_PRODUCT)]
        if not entries:
            problem = say("it holds no pairs of low-rank factors")
            raise FileError(file, problem, "Open the file or folder of a LoRA.")
        scaled = {one.name for one in source.entries if one.name.endswith(_ALPHAS)}
        for number, entry in enumerate(entries):
            stem = entry.name.removesuffix(_PRODUCT)
            own = AdapterConfig() if scaled & {stem + one for one in _ALPHAS} else config
            checkpoint(progress, number / len(entries), "Reading {name}", name=entry.name)
            for name, index in _places(entry.name, entry.axes or entry.shape):
                found[name] = _factors(source, entry, index, name, own, progress)
    return found


def _places(entry: str, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...] | None]]:
    module = _PREFIX.sub("", entry.removesuffix(_PRODUCT))
    if len(shape) < 3:
        yield module, None
        return
    for one in range(shape[0]):
        yield f"{module}[{one}]", (one,)


def _factors(
    source: MatrixSource,
    entry: Entry,
    index: tuple[int, ...] | None,
    module: str,
    config: AdapterConfig,
    progress: Progress | None,
) -> LowRank:
    pair = source.factors(entry.name, index, progress)
    assert pair is not None
    left, right = (np.asarray(one) for one in pair)
    scale = config.scale(re.sub(r"\[\d+\]$", "", module), right.shape[0])
    product = Factored(left * scale, right)
    found = truncated_svd(product, product.rank, progress=progress)
    partial = [one for one in entry.notes if one.startswith("DoRA")]
    return replace(found, note=joined(found.note, *partial)) if partial else found


def read_adapter_config(path: str) -> AdapterConfig:
    """Return what the adapter_config.json beside a file says; of none, that nothing is scaled.

    Raises
    ------
    FileError
        When it is too large or no JSON object, is of no LoRA, or says what makes no scale.

    Examples
    --------
    >>> read_adapter_config("/nowhere/lora.safetensors").alpha is None
    True
    """
    place = os.path.join(os.path.dirname(path), CONFIG)
    hint = say("Save the adapter again.")
    try:
        with open(place, "rb") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError:
        return AdapterConfig()
    try:
        said = read_json(text) if len(text) <= _LARGEST else None
    except BadJson as error:
        raise FileError(place, error.said, hint) from error
    if not isinstance(said, dict):
        raise FileError(place, say("it is no JSON object of at most 16 MB"), hint)
    kind = said.get("peft_type", "LORA")
    if kind != "LORA":
        problem = say("it is of an adapter of the kind {kind!r}, not of a LoRA", kind=str(kind))
        raise FileError(place, problem, "")
    alphas = said.get("alpha_pattern") or {}
    if not isinstance(alphas, dict):
        raise FileError(place, say("its alpha_pattern is no table"), hint)
    for pattern in alphas:
        if not _is_usable(pattern):
            problem = say("its alpha_pattern {pattern!r} cannot be used", pattern=pattern[:80])
            raise FileError(place, problem, hint)
    return AdapterConfig(
        _alpha(place, said["lora_alpha"]) if said.get("lora_alpha") is not None else None,
        {pattern: _alpha(place, own) for pattern, own in alphas.items()},
        bool(said.get("use_rslora")),
        bool(said.get("fan_in_fan_out")),
    )


def _alpha(place: str, value: Any) -> float:
    number = real_number(value)
    if number is None or not math.isfinite(number):
        raise FileError(place, say("its lora_alpha is no number"), say("Save the adapter again."))
    return number


def _is_usable(pattern: str) -> bool:
    if len(pattern) > _LONGEST or _ENDLESS.search(pattern.replace("\\", "")):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError):
        return False
    return True
