"""AdamW with a rate for each group of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from tlgui.core.rates import peak_rates
from tlgui.core.recipe import Recipe
from tlgui.models.groups import Group


def make_optimizer(model: nn.Module, groups: Sequence[Group], recipe: Recipe) -> torch.optim.AdamW:
    """AdamW over every group, the frozen ones too; biases and norms are not decayed.

    Loshchilov and Hutter, Decoupled Weight Decay Regularization (ICLR 2019). What is frozen has no gradient, so a step
    leaves it alone and keeps no moments of it; when it thaws it only begins to have them, and the others keep theirs.
    Each parameter group carries `peak`, its highest rate; `set_rates` moves `lr` below it.
    """
    rates = peak_rates(recipe, [group.key for group in groups])
    parameters = dict(model.named_parameters())
    sets = []
    for group in groups:
        matrices = [parameters[name] for name in group.learnable if parameters[name].ndim > 1]
        vectors = [parameters[name] for name in group.learnable if parameters[name].ndim <= 1]
        for members, decay in ((matrices, recipe.train.weight_decay), (vectors, 0.0)):
            if members:
                sets.append({"params": members, "peak": rates[group.key], "weight_decay": decay})
    return torch.optim.AdamW(sets, lr=recipe.train.learning_rate, fused=True)


def set_rates(optimizer: torch.optim.Optimizer, factor: float) -> float:
    """Give every group its rate for the next step; returns the topmost group's."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor
    return float(optimizer.param_groups[-1]["lr"])


def update(optimizer: torch.optim.Optimizer, learning: Iterable[nn.Parameter], factor: float, clip: float) -> float:
    """Move what learns along its gradients, which are gone afterwards; returns the topmost group's rate.

    Args:
        factor: Share of each group's peak rate.
        clip: Largest norm of the gradient; 0 = not limited.
    """
    learning = list(learning)
    if clip:
        torch.nn.utils.clip_grad_norm_(learning, clip)
    rate = set_rates(optimizer, factor)
    with _only_groups_of(optimizer, learning):
        optimizer.step()
    for parameter in learning:
        parameter.grad = None
    return rate


@contextmanager
def _only_groups_of(optimizer: torch.optim.Optimizer, learning: Iterable[nn.Parameter]) -> Iterator[None]:
    """Hide the groups that have nothing to do, which takes half of a step's time where the head learns alone."""
    every, learns = optimizer.param_groups, set(learning)
    optimizer.param_groups = [group for group in every if group["params"][0] in learns]
    try:
        yield
    finally:
        optimizer.param_groups = every


def forget(optimizer: torch.optim.Optimizer, parameters: Iterable[nn.Parameter]) -> None:
    """Drop the moments of what is frozen; should it thaw again, it begins anew."""
    for parameter in parameters:
        optimizer.state.pop(parameter, None)
