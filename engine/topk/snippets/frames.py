"""What the lines of every operator stand in: masks and corners once, in each library's words."""

from __future__ import annotations

__all__ = ["CORE", "DOCUMENT", "FRAMES", "HELPERS", "LAW", "LEVEL", "LEVEL_JAX", "MADE_UP"]

# Around the lines of an operator, in NumPy's words.
CORE = '''\
def choose(z, keep, {arguments}):
    """Return p of the scores over tau; every row has more than k that are kept."""
    n = z.shape[-1]
{lines}
    return p
'''
LAW = """\
def F(t):
{law}

"""
LEVEL = '''\
def level(k):
    """Return lam with sum F(z - lam) = k, by halving u; lam = sinh(u) has any size."""
    high = np.full_like(z[..., :1], 60.0)
    low = -high
    for _ in range(64):
        u = 0.5 * (low + high)
        over = np.sum(np.where(keep, F(z - np.sinh(u)), 0.0), axis=-1, keepdims=True) > k
        low, high = np.where(over, u, low), np.where(over, high, u)
    return np.sinh(low)

'''
LEVEL_JAX = '''\
def level(k):
    """Return lam with sum F(z - lam) = k, by halving u; lam = sinh(u) has any size."""

    def halved(_, ends):
        low, high = ends
        u = 0.5 * (low + high)
        over = np.sum(np.where(keep, F(z - np.sinh(u)), 0.0), axis=-1, keepdims=True) > k
        return np.where(over, u, low), np.where(over, high, u)

    high = np.full_like(z[..., :1], 60.0)
    return np.sinh(jax.lax.fori_loop(0, 64, halved, (-high, high))[0])

'''
HELPERS = {
    "shares": '''\
def shares(y, keep):
    """Return softmax(y) over what is kept, and log(1 - softmax) with all its digits."""
    y = np.where(keep, y, -math.inf)
    place = np.argmax(y, axis=-1, keepdims=True)
    top = np.arange(y.shape[-1], dtype=place.dtype) == place
    peak = np.max(y, axis=-1, keepdims=True)
    peak = stop(peak)
    e = np.exp(y - peak)
    total = np.sum(e, axis=-1, keepdims=True)
    others = np.where(top, -math.inf, y)
    second = np.max(others, axis=-1, keepdims=True)
    second = stop(second)
    rest = np.sum(np.exp(others - second), axis=-1, keepdims=True) / total
    small = np.log1p(-np.where(top, 0.0, e / total))
    return e / total, np.where(top, second - peak + np.log(rest), small)
''',
}

DOCUMENT = '''\
"""{title}.

{formula}
Source: {source}

x : scores (..., n). A score of -inf is not there: its p is 0, and so is its gradient.
{arguments}
Returns p, (..., n), {like}.
A row with k or fewer scores left keeps all of them, p = 1, however many they are.
"""
'''

_NUMPY = """\
import math

import numpy as np


{core}

def soft_top_k(x, {defaults}):
{document}
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    n, there = x.shape[-1], x != -math.inf
    some = np.sum(there, axis=-1, keepdims=True) > k  # rows in which there is something to choose
    z = np.where(there & some, x, 0.0).astype(np.float64)
    p = 0.0 * z
    if 0 < k < n:
        keep = there | ~some
        place = n - math.ceil(k)
        cut = np.partition(np.where(keep, z, -math.inf), place, axis=-1)[..., place, None]
        with np.errstate(all="ignore"):
            p = choose({scaled}, keep, {passed})
    p = np.where(some, p, float(k > 0))
    return np.where(there, p, 0.0).astype(dtype)
"""
_TORCH = """\
import math

import torch


{core}

def soft_top_k(x, {defaults}):
{document}
    dtype = x.dtype
    work = torch.float32 if x.device.type == "mps" else torch.float64  # Apple's has no float64
    n, there = x.shape[-1], x != -math.inf
    some = torch.sum(there, dim=-1, keepdim=True) > k  # rows in which there is something to choose
    z = torch.where(there & some, x, 0.0).to(work)
    p = 0.0 * z
    if 0 < k < n:
        keep = there | ~some
        cut = torch.where(keep, z, -math.inf).detach().topk(math.ceil(k), dim=-1).values[..., -1:]
        p = choose({scaled}, keep, {passed})
    p = torch.where(some, p, float(k > 0))
    return torch.where(there, p, 0.0).to(dtype)
"""
_JAX = """\
import math

import jax
import jax.numpy as jnp


{core}

def soft_top_k(x, {defaults}):
{document}
    x = jnp.asarray(x)
    work = jnp.result_type(float)
    dtype = x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else work
    n, there = x.shape[-1], x != -math.inf
    some = jnp.sum(there, axis=-1, keepdims=True) > k  # rows in which there is something to choose
    z = jnp.where(there & some, x, 0.0).astype(work)
    p = 0.0 * z
    if 0 < k < n:
        keep = there | ~some
        known = jax.lax.stop_gradient(jnp.where(keep, z, -math.inf))
        cut = jax.lax.top_k(known, math.ceil(k))[0][..., -1:]
        p = choose({scaled}, keep, {passed})
    p = jnp.where(some, p, float(k > 0))
    return jnp.where(there, p, 0.0).astype(dtype)
"""
FRAMES = {"numpy": _NUMPY, "torch": _TORCH, "jax": _JAX}

# Three lines that run it.
MADE_UP = {
    "numpy": """\
x = np.random.default_rng(0).standard_normal((2, {n}))
p = soft_top_k(x)
print(p, p.sum(-1))
""",
    "torch": """\
x = torch.randn(2, {n}, requires_grad=True)
(gradient,) = torch.autograd.grad(soft_top_k(x).square().sum(), x)
print(soft_top_k(x), gradient)
""",
    "jax": """\
x = jax.random.normal(jax.random.key(0), (2, {n}))
p, pull = jax.vjp(soft_top_k, x)
print(p, pull(p)[0])
""",
}
