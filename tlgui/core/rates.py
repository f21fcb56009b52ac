"""Learning rates: the highest of each group, and the share of it that each step of a run gets."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from tlgui.core.freeze import HEAD, POOLER, group_rates
from tlgui.core.recipe import Recipe, TrainPart
from tlgui.core.schedule import start_plan

LOWEST = 32
"""`slanted` begins and ends at this part of the peak: Howard and Ruder, ULMFiT (ACL 2018), section 3.2."""

FEATURES, LORA, HEAD_ONLY = 100.0, 10.0, 10.0
"""What a head on stored features, adapters, and a head on a frozen model bear and need, as multiples of a rate at which
layers learn well. The first was chosen on rt-polarity with the starter model; the other two are customary, untried."""

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


def rate_multiple(recipe: Recipe, keys: Sequence[str], new: Collection[str] = ()) -> float:
    """How much higher a plan's usual head rate is than that of a plan in which layers learn.

    Args:
        keys: The model's groups, bottom to top.
        new: Those that start at random.
    """
    method = recipe.transfer.method
    if method in _MULTIPLES:
        return _MULTIPLES[method]
    try:
        learning = start_plan(recipe.transfer, keys, new).learning
    except ValueError:  # a plan for another model
        return 1.0
    return HEAD_ONLY if method == "fine-tune" and set(learning) <= {HEAD, POOLER} else 1.0


def with_usual_rate(before: Recipe, after: Recipe, keys: Sequence[str], new: Collection[str] = ()) -> Recipe:
    """The recipe after a change of plan, with a head rate that suits it as well as the old rate suited the old plan."""
    change = rate_multiple(after, keys, new) / rate_multiple(before, keys, new)
    if change == 1 or after.train.learning_rate != before.train.learning_rate:
        return after
    return after.edit("train", learning_rate=float(f"{min(1.0, before.train.learning_rate * change):.2g}"))


_MULTIPLES = {"feature-based": FEATURES, "lora": LORA}
