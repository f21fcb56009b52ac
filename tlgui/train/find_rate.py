"""Looks for a learning rate: the loss of single steps while the rate grows, after which everything is as it was."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import numpy as np
import torch
from torch import nn

from tlgui.core.control import Control
from tlgui.core.events import Emit, Partial, Progress
from tlgui.core.facts import RateSearch
from tlgui.core.recipe import Recipe
from tlgui.train.optimizer import make_optimizer, update
from tlgui.train.setup import Setup, set_up
from tlgui.train.trials import choose

LOWEST, HIGHEST, STEPS = 1e-7, 1.0, 100
SMOOTHING = 0.9
"""Weight of the past in the smoothed loss."""
RUNAWAY = 4.0
"""The search ends when the smoothed loss is this many times its minimum."""
STILL = 25
"""Steps whose rates are too low to matter; their losses tell the start and the noise."""


def search(recipe: Recipe, emit: Emit, control: Control) -> RateSearch:
    """Smith, Cyclical Learning Rates (WACV 2017), section 3.3, with a rate that grows exponentially.

    The steps are those of the recipe: its rows, its plan as it starts, its batches; each group keeps its share of the
    rate. Nothing is written.

    Raises:
        TlguiError: what the user has to change first.
        StopRequested: the user stopped the search.
    """
    setup = set_up(recipe, emit, control)
    choose(setup, control)
    optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
    with untouched(setup.model, optimizer):
        found = _grow(setup, optimizer, emit, control)
    suggestion, why = suggest(found)
    return RateSearch(found.rates, found.losses, found.smoothed, suggestion, why)


@contextmanager
def untouched(model: nn.Module, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Undo what the block does to weights, optimizer, modes and torch's randomness, also when it is stopped."""
    weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
    moments = deepcopy(optimizer.state_dict())
    modes = [(module, module.training) for module in model.modules()]
    learned = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        with torch.no_grad():
            for name, value in model.state_dict().items():
                value.copy_(weights[name])
        optimizer.zero_grad(set_to_none=True)
        optimizer.load_state_dict(moments)
        for module, training in modes:
            module.training = training
        for parameter, learns in learned:
            parameter.requires_grad_(learns)


def suggest(found: RateSearch) -> tuple[float, str]:
    """A tenth of the rate at which the smoothed loss was lowest, and why; 0 if the loss never fell.

    The rule is that of Howard and Gugger, Deep Learning for Coders (2020), chapter 5: at the minimum itself the steps
    are already too long. A fall counts if it is more than noise, which the first steps show.
    """
    start, smoothed = np.array(found.losses[:STILL]), np.array(found.smoothed)
    if len(smoothed) <= STILL:
        return 0.0, "The loss ran away at the lowest rates, so no rate can be suggested."
    # Of an exponential mean of independent values; three of them, since the lowest of many means is looked at.
    noise = float(start.std(ddof=1)) * math.sqrt((1 - SMOOTHING) / (1 + SMOOTHING))
    lowest = int(smoothed.argmin())
    if lowest < STILL or start.mean() - smoothed[lowest] <= 3 * noise:
        return 0.0, "The loss did not clearly fall at any rate, so none can be suggested."
    rate = float(f"{found.rates[lowest] / 10:.1e}")
    return rate, f"The loss was lowest at a rate of {found.rates[lowest]:.1e}. A tenth of that is a safe peak."


def _grow(setup: Setup, optimizer: torch.optim.Optimizer, emit: Emit, control: Control) -> RateSearch:
    """Take steps at growing rates until the loss runs away."""
    rates: list[float] = []
    losses: list[float] = []
    smoothed: list[float] = []
    mean = 0.0
    for step, rows in enumerate(_batches(setup), start=1):
        control.check()
        emit(Progress("Trying learning rates", step - 1, STEPS))
        rate = LOWEST * (HIGHEST / LOWEST) ** ((step - 1) / (STEPS - 1))
        loss = _step(setup, optimizer, rows, step, rate)
        if not math.isfinite(loss):
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        rates.append(rate)
        losses.append(loss)
        smoothed.append(mean / (1 - SMOOTHING**step))
        emit(Partial(RateSearch(tuple(rates), tuple(losses), tuple(smoothed))))
        if smoothed[-1] > RUNAWAY * min(smoothed):
            break
    return RateSearch(tuple(rates), tuple(losses), tuple(smoothed))


def _batches(setup: Setup) -> Iterator[np.ndarray]:
    """The run's own first batches, epoch after epoch until there are enough."""
    taken, epoch = 0, 0
    while taken < STEPS:
        batches = setup.batches(epoch)
        yield from batches[: STEPS - taken]
        taken, epoch = taken + len(batches), epoch + 1


def _step(setup: Setup, optimizer: torch.optim.Optimizer, rows: np.ndarray, step: int, rate: float) -> float:
    """One optimizer update at a rate; the loss before it, nats."""
    train = setup.recipe.train
    value = setup.backward(rows, step).item()
    if math.isfinite(value):
        update(optimizer, setup.learning.values(), rate / train.learning_rate, train.clip)
    return value
