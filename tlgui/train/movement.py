"""How far weights are from where they began, and how hard a step pulls at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import nn

from tlgui.train.setup import Setup

MEASURED, APART = 200, 5
"""Measurements of a run, at most about, and the steps between two, at least: so it costs under 2 % of the training."""
CHUNK = 1 << 16
"""Values whose differences are taken at once: few enough to stay in a processor's cache, which is thrice as fast."""


class FirstWeights:
    """Copies of the weights that have learned, as they were before; of frozen ones there are none."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._copies: dict[str, torch.Tensor] = {}
        self._norms: dict[str, float] = {}
        """By group: the norm of its copies."""

    def keep(self, keys: Iterable[str]) -> None:
        """Copy groups that are about to learn for the first time."""
        for key in keys:
            if key not in self._norms:
                copies = {n: p.detach().clone() for n, p in self._setup.learnable([key]).items()}
                self._copies |= copies
                self._norms[key] = norm(copies.values())

    def copy_of(self, name: str) -> torch.Tensor | None:
        """A parameter as it was; None if it never learned."""
        return self._copies.get(name)

    @torch.no_grad()
    def put_back(self, names: Iterable[str]) -> None:
        """Give some parameters the values that they began with."""
        for name in names:
            self._setup.parameters[name].copy_(self._copies[name])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Meanwhile the model has the weights that it began with."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        """Exchange the copies with the weights as they are: nothing is copied, the model takes the other memory."""
        for name, copy in self._copies.items():
            parameter = self._setup.parameters[name]
            self._copies[name], parameter.data = parameter.data, copy

    @torch.no_grad()
    def distances(self) -> dict[str, float]:
        """By group that has learned: the norm of the change over the norm at the start."""
        found = {}
        for key, first in self._norms.items():
            now = self._setup.learnable([key])
            moved = _norm_of_change((parameter.detach(), self._copies[name]) for name, parameter in now.items())
            found[key] = moved / first if first else moved
        return found


def _norm_of_change(pairs: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> float:
    norms = []
    for now, first in pairs:
        size = CHUNK if now.device.type == "cpu" else now.numel()
        buffer = torch.empty(min(size, now.numel()), dtype=now.dtype, device=now.device)
        for one, other in zip(now.flatten().split(size), first.flatten().split(size), strict=True):
            norms.append(torch.linalg.vector_norm(torch.sub(one, other, out=buffer[: len(one)])))
    return float(torch.linalg.vector_norm(torch.stack(norms)))


def norm(tensors: Iterable[torch.Tensor]) -> float:
    """Euclidean norm over all values of some tensors."""
    norms = [torch.linalg.vector_norm(tensor) for tensor in tensors]
    return float(torch.linalg.vector_norm(torch.stack(norms))) if norms else 0.0


def gradients(setup: Setup) -> dict[str, float]:
    """By group that learns: the norm of its gradient."""
    found: dict[str, float] = {}
    for key in setup.plan.learning:
        members: Mapping[str, nn.Parameter] = setup.learnable([key])
        found[key] = norm(p.grad for p in members.values() if p.grad is not None)
    return found


def is_measured(step: int, total: int) -> bool:
    """Whether movement is measured after a step: at the first, at the last, and evenly between."""
    return step in (1, total) or step % max(APART, total // MEASURED) == 0
