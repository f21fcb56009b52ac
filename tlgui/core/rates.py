"""Learning rates: the highest of each group, and the share of it that each step of a run gets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tlgui.core.freeze import group_rates
from tlgui.core.recipe import Recipe, TrainPart

LOWEST = 32
"""`slanted` begins and ends at this part of the peak: Howard and Ruder, ULMFiT (ACL 2018), section 3.2."""

_AFTER: dict[str, Callable[[float], float]] = {  # share of the way down that is still ahead → share of the peak
    "linear": lambda left: left,
    "slanted": lambda left: left,
    "constant": lambda left: 1.0,
    "cosine": lambda left: (1.0 - math.cos(math.pi * left)) / 2,
}


def rate_factor(step: int, total: int, train: TrainPart) -> float:
    """Share of the peak rate in a step (from 1): up in a straight line over the warm-up, then as the schedule says."""
    warm = round(train.warmup * total)
    share = step / warm if step <= warm else _AFTER[train.schedule]((total - step + 1) / (total - warm))
    return (1 + share * (LOWEST - 1)) / LOWEST if train.schedule == "slanted" else share


def peak_rates(recipe: Recipe, keys: Sequence[str]) -> dict[str, float]:
    """Highest rate of each group, bottom to top: its own if the recipe gives it one, else what `layer_decay` gives."""
    transfer = recipe.transfer
    usual = group_rates(keys, recipe.train.learning_rate, transfer.layer_decay)
    return {key: transfer.rates.get(key, rate) for key, rate in usual.items()}
