"""AdamW with a rate for each group of the model, and how the rate moves over a run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from tlgui.core.freeze import FreezePlan, group_rates
from tlgui.core.recipe import TrainPart
from tlgui.models.groups import Group


def make_optimizer(
    model: nn.Module, groups: Sequence[Group], plan: FreezePlan, train: TrainPart, layer_decay: float
) -> torch.optim.AdamW:
    """AdamW over the groups that learn; biases and norms are not decayed.

    Loshchilov and Hutter, Decoupled Weight Decay Regularization (ICLR 2019). Each parameter group carries `peak`, its
    highest rate; `set_rates` moves `lr` below it.
    """
    rates = group_rates(plan.keys, train.learning_rate, layer_decay)
    parameters = dict(model.named_parameters())
    sets = []
    for group in groups:
        if not plan.learns(group.key):
            continue
        matrices = [parameters[name] for name in group.names if parameters[name].ndim > 1]
        vectors = [parameters[name] for name in group.names if parameters[name].ndim <= 1]
        for members, decay in ((matrices, train.weight_decay), (vectors, 0.0)):
            if members:
                sets.append({"params": members, "peak": rates[group.key], "weight_decay": decay})
    return torch.optim.AdamW(sets, lr=train.learning_rate, fused=True)


def rate_factor(step: int, total: int, train: TrainPart) -> float:
    """Share of the peak rate in a step (from 1): up in a straight line over the warm-up, then down or level."""
    warm = round(train.warmup * total)
    if step <= warm:
        return step / warm
    return 1.0 if train.schedule == "constant" else (total - step + 1) / (total - warm)


def set_rates(optimizer: torch.optim.Optimizer, factor: float) -> float:
    """Give every group its rate for the next step; returns the topmost group's."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor
    return float(optimizer.param_groups[-1]["lr"])
