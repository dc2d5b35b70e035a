"""The bodies of the snippets: plain source text, one entry per operator and flavour."""

from __future__ import annotations

__all__ = ["LINKS", "NUMPY", "TORCH"]

# F in NumPy, F in PyTorch, and the line that makes f = F'(t) in PyTorch.
LINKS: dict[str, tuple[str, str, str]] = {
    "exp": (
        "return np.exp(np.minimum(t, 0.0))",
        "return t.clamp_max(0.0).exp()",
        "f = torch.where(t <= 0.0, F(t), torch.zeros_like(t))",
    ),
    "sigmoid": (
        "e = np.exp(-np.abs(t))\nreturn np.where(t < 0, e, 1.0) / (1.0 + e)",
        "return torch.sigmoid(t)",
        "f = torch.sigmoid(t) * torch.sigmoid(-t)",
    ),
    "laplace": (
        "e = 0.5 * np.exp(-np.abs(t))\nreturn np.where(t < 0, e, 1.0 - e)",
        "e = 0.5 * (-t.abs()).exp()\nreturn torch.where(t < 0, e, 1.0 - e)",
        "f = 0.5 * (-t.abs()).exp()",
    ),
    "gaussian": (
        "from math import erfc\nreturn np.array([0.5 * erfc(-v / np.sqrt(2.0)) for v in t])",
        "return torch.special.ndtr(t)",
        "f = (-0.5 * t * t).exp() / math.sqrt(2.0 * math.pi)",
    ),
    "clip": (
        "return np.clip(t, 0.0, 1.0)",
        "return t.clamp(0.0, 1.0)",
        "f = ((t >= 0.0) & (t <= 1.0)).double()",
    ),
    "cauchy": (
        "return np.arctan2(1.0, -t) / np.pi",
        "return torch.atan2(torch.ones_like(t), -t) / math.pi",
        "f = 1.0 / (math.pi * (1.0 + t * t))",
    ),
    "sparse_pnorm": (
        "return np.clip(t, 0.0, 1.0) ** 3",
        "return t.clamp(0.0, 1.0) ** 3",
        "f = 3.0 * t * t * ((t >= 0.0) & (t <= 1.0)).double()",
    ),
}

NUMPY: dict[str, str] = {
    "hard": """
        p = np.zeros_like(x)
        p[np.argsort(-x, kind="stable")[:k]] = 1.0
        return p
    """,
    "grad": """
        # Tilt to independent coins with k heads on average, then condition on exactly k heads.
        z, n = x / tau, x.size
        low, high = z.min() - np.log(n) - 1.0, z.max() + np.log(n) + 1.0
        for _ in range(200):
            lam = 0.5 * (low + high)
            s = np.exp(-np.logaddexp(0.0, lam - z))
            low, high = (lam, high) if s.sum() > k else (low, lam)
        theta = 2.0 * np.pi * np.arange(n + 1) / (n + 1)
        turn = np.exp(1j * theta)[:, None]
        factors = 1.0 + s * (turn - 1.0)
        weight = factors.prod(axis=1) * np.exp(-1j * k * theta)
        return (weight @ (s * turn / factors)).real / weight.sum().real
    """,
    "grad_recursive": """
        z = (x - x.max()) / tau
        partial, total = np.full_like(z, -np.inf), 0.0
        with np.errstate(all="ignore"):
            for j in range(1, k + 1):
                partial = z + total + np.log(1.0 - np.exp(partial - total))
                peak = partial.max()
                total = peak + np.log(np.exp(partial - peak).sum() / j)
        return np.exp(partial - total)
    """,
    "iterated_softmax": """
        p = np.zeros_like(x)
        for _ in range(k):
            y = (1.0 - p) * (x - x.min()) / tau
            e = np.exp(y - y.max())
            p += e / e.sum()
        return p
    """,
    "iterated_weighted_softmax": """
        # At small tau carry 1 - p as a logarithm instead: this plain form rounds it to 0.
        e, p = np.exp((x - x.max()) / tau), np.zeros_like(x)
        for _ in range(k):
            share = (1.0 - p) * e
            p += share / share.sum()
        return p
    """,
    "scaled_softmax": """
        e = np.exp((x - x.max()) / tau)
        return k * e / e.sum()
    """,
    "softsort": """
        logits = -np.abs(np.sort(x)[::-1][:k, None] - x) / tau
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (e / e.sum(axis=1, keepdims=True)).sum(axis=0)
    """,
    "neuralsort": """
        distance = np.abs(x[:, None] - x).sum(axis=1)
        rank = np.arange(1, k + 1)[:, None]
        logits = ((x.size + 1 - 2 * rank) * x - distance) / tau
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (e / e.sum(axis=1, keepdims=True)).sum(axis=0)
    """,
    "gumbel_subset": """
        r, p = x + np.random.default_rng(0).gumbel(size=x.size), np.zeros_like(x)
        for _ in range(k):
            e = np.exp((r - r.max()) / tau)
            share = e / e.sum()
            p += share
            with np.errstate(divide="ignore"):
                r = r + np.maximum(np.log1p(-np.minimum(share, 1.0)), -700.0)
        return p
    """,
    "dftopk": """
        ordered = np.sort(x)[::-1]
        t = (x - 0.5 * (ordered[k - 1] + ordered[k])) / tau
        return np.exp(-np.logaddexp(0.0, -t))
    """,
    "perturbed": """
        noise = np.random.default_rng(0).standard_normal((1000, x.size))
        chosen = np.argpartition(x + tau * noise, x.size - k, axis=1)[:, x.size - k :]
        return np.bincount(chosen.ravel(), minlength=x.size) / 1000.0
    """,
}

TORCH: dict[str, str] = {
    "hard": """
        p = torch.zeros_like(x.detach())
        p[torch.argsort(-x.detach(), stable=True)[:k]] = 1.0
        return p
    """,
    "grad": """
        # log e_k is the log of a coefficient of a polynomial; its gradient is p.
        z, n = x / tau, x.numel()
        fixed = z.detach()  # the answer does not depend on lam, so neither does the gradient
        low, high = float(fixed.min()) - math.log(n) - 1.0, float(fixed.max()) + math.log(n) + 1.0
        for _ in range(200):
            lam = 0.5 * (low + high)
            over = float(torch.sigmoid(fixed - lam).sum()) > k
            low, high = (lam, high) if over else (low, lam)
        s = torch.sigmoid(z - lam)
        theta = 2.0 * math.pi * torch.arange(n + 1, dtype=torch.float64) / (n + 1)
        turn = torch.polar(torch.ones_like(theta), theta)[:, None]
        factors = 1.0 + s * (turn - 1.0)
        weight = factors.prod(1) * torch.polar(torch.ones_like(theta), -k * theta)
        return (weight[:, None] * s * turn / factors).sum(0).real / weight.sum().real
    """,
    "grad_recursive": """
        z = (x - x.max()) / tau
        partial, total = z, torch.logsumexp(z, 0)
        for j in range(2, k + 1):
            partial = z + total + torch.log1p(-torch.exp(partial - total))
            total = torch.logsumexp(partial, 0) - math.log(j)
        return torch.exp(partial - total)
    """,
    "iterated_softmax": """
        p = torch.zeros_like(x)
        for _ in range(k):
            p = p + torch.softmax((1.0 - p) * (x - x.min()) / tau, 0)
        return p
    """,
    "iterated_weighted_softmax": """
        e, p = torch.exp((x - x.max()) / tau), torch.zeros_like(x)
        for _ in range(k):
            share = (1.0 - p) * e
            p = p + share / share.sum()
        return p
    """,
    "scaled_softmax": """
        return k * torch.softmax(x / tau, 0)
    """,
    "softsort": """
        rows = torch.sort(x, descending=True).values[:k, None]
        return torch.softmax(-(rows - x).abs() / tau, 1).sum(0)
    """,
    "neuralsort": """
        distance = (x[:, None] - x).abs().sum(1)
        rank = torch.arange(1, k + 1, dtype=x.dtype)[:, None]
        return torch.softmax(((x.numel() + 1 - 2 * rank) * x - distance) / tau, 1).sum(0)
    """,
    "gumbel_subset": """
        uniform = torch.rand(x.shape, generator=torch.Generator().manual_seed(0), dtype=x.dtype)
        r, p = x - torch.log(-torch.log(uniform)), torch.zeros_like(x)
        for _ in range(k):
            share = torch.softmax(r / tau, 0)
            p = p + share
            r = r + torch.log1p(-share.clamp_max(1.0 - 1e-16))
        return p
    """,
    "dftopk": """
        ordered = torch.sort(x, descending=True).values
        return torch.sigmoid((x - 0.5 * (ordered[k - 1] + ordered[k])) / tau)
    """,
    "perturbed": """
        # The mean over draws, tied to x by the score-function gradient E[T_k(x + tau Z) Z^T] / tau.
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn((1000, x.numel()), generator=generator, dtype=x.dtype)
        chosen = torch.topk(x.detach() + tau * noise, k, dim=1).indices
        masks = torch.zeros_like(noise).scatter_(1, chosen, 1.0)
        p = masks.mean(0)
        jacobian = (masks - p).T @ noise / (1000.0 * tau)
        return p + jacobian @ (x - x.detach())
    """,
}
