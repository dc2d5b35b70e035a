"""What an operator is made of as code that runs without this package, declared in its record.

Texts are in NumPy's words; `engine.topk.snippets` puts them into the frame that all share and says
them in the words of PyTorch and JAX.  These names are there:

``z`` scores over tau, (..., n), less the k-th largest: large where p is near 1, small where near 0;
``keep`` which of them count (at least one more than k in each row; elsewhere z is 0);
``k``, ``tau``, ``n``, ``seed``; ``d``, the change of z, in which `Code.slope` is linear.

Where an entry does not count, p and its derivative are set to 0 afterwards: both need only be
finite there.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SIGMOID_LAW", "Code"]

SIGMOID_LAW = "e = np.exp(-np.abs(t))\nreturn np.where(t < 0.0, e, 1.0) / (1.0 + e)"

_THRESHOLD = "p = F(t)"
_IMPLICIT = """\
f = np.where(keep, {density}, 0.0)
total = np.sum(f, axis=-1, keepdims=True)
mean = np.sum(f * d, axis=-1, keepdims=True) / np.where(total > 0.0, total, 1.0)
p = p + f * (d - mean)  # lam follows the scores: the implicit function theorem
"""


@dataclass(frozen=True)
class Code:
    """The lines of one operator.

    Parameters
    ----------
    value : str
        Lines that make ``p`` of ``z``, (..., n); `of_law` has them for the threshold family.
    slope : str
        Lines that add to ``p`` its derivative along ``d``.  "" where ``value`` is to be
        differentiated step by step.
    law : str
        Body of ``F(t)`` where ``t = z - lam`` with ``sum F(t) = k`` is wanted first.
    place : str
        Where lam is put when more than one will do, in terms of ``level``.
    helpers : tuple of str
        Functions of `engine.topk.snippets.helpers` that the lines call.

    Examples
    --------
    >>> Code.of_law("return np.clip(t, 0.0, 1.0)", "(t >= 0.0) & (t <= 1.0)").value
    'p = F(t)'
    """

    value: str
    slope: str = ""
    law: str = ""
    place: str = "level(k)"
    helpers: tuple[str, ...] = ()

    @staticmethod
    def of_law(law: str, density: str, smooth: bool = True, touching: bool = False) -> Code:
        """Return the code of a member of the threshold family.

        Parameters
        ----------
        law : str
            Body of ``F(t)``.
        density : str
            ``F'(t)``, an expression; at a kink that from inside, ``tiny`` being what rounding may
            put beside it.
        smooth, touching : bool
            As `engine.topk.threshold.distributions.Distribution` has them.
        """
        place = "level(k)"
        if not smooth:
            below, above = "level(k * (1.0 - tiny / 16.0))", "level(k * (1.0 + tiny / 16.0))"
            place = below if touching else f"0.5 * ({below} + {above})"
        return Code(_THRESHOLD, _IMPLICIT.format(density=density), law, place)
