"""Which setting is to blame when a loss is not a number any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Recipe


class DivergedError(TlguiError):
    """The weights have grown beyond all numbers; those of the best validation are still good."""

    def __init__(self, title: str, hint: str, field: str) -> None:
        super().__init__(title, hint)
        self.field = field
        """The setting to change first, such as `train.learning_rate`."""


@dataclass(frozen=True)
class _Suspect:
    field: str
    is_it: Callable[[Recipe, int, int], bool]
    """(recipe, steps done, steps of the run) → whether it is the most likely cause, if none above it is."""
    hint: Callable[[Recipe], str]


STRONG_LORA = 16.0
"""alpha / rank above this is far from what is in use, which is 1 or 2."""

_SUSPECTS = (
    _Suspect(
        "model.source",
        lambda recipe, done, total: done == 0,
        lambda recipe: (
            "No step was made yet, so it comes from the model’s own weights or the data. Pick another model, or look "
            "for odd rows."
        ),
    ),
    _Suspect(
        "transfer.lora.alpha",
        lambda recipe, done, total: (
            recipe.transfer.method == "lora" and recipe.transfer.lora.alpha > STRONG_LORA * recipe.transfer.lora.rank
        ),
        lambda recipe: (
            f"LoRA’s alpha of {recipe.transfer.lora.alpha:g} makes its updates "
            f"{recipe.transfer.lora.alpha / recipe.transfer.lora.rank:.3g} times as large. "
            f"Take {2 * recipe.transfer.lora.rank} for rank {recipe.transfer.lora.rank}."
        ),
    ),
    _Suspect(
        "train.clip",
        lambda recipe, done, total: recipe.train.clip == 0,
        lambda recipe: (
            f"The gradient is not limited. Limit it to 1, or start with a lower rate than {_highest(recipe):g}."
        ),
    ),
    _Suspect(
        "transfer.rates",
        lambda recipe, done, total: _highest(recipe) > recipe.train.learning_rate,
        lambda recipe: (
            f"A group has a rate of its own of {_highest(recipe):g}, and the others at most "
            f"{recipe.train.learning_rate:g}. Lower it."
        ),
    ),
    _Suspect(
        "train.learning_rate",
        lambda recipe, done, total: done <= round(recipe.train.warmup * total),
        lambda recipe: (
            f"It happened while the rate was still rising. Start again with a far lower rate than "
            f"{recipe.train.learning_rate:g}."
        ),
    ),
    _Suspect(
        "train.learning_rate",
        lambda recipe, done, total: True,
        lambda recipe: f"Start again with a lower rate than {recipe.train.learning_rate:g}.",
    ),
)


def diverged(recipe: Recipe, done: int, total: int) -> DivergedError:
    """What to say of a loss that is not a number after `done` of `total` steps."""
    suspect = next(one for one in _SUSPECTS if one.is_it(recipe, done, total))
    when = f"after step {done:,}" if done else "before the first step"
    title = f"The loss is not a number {'any more ' * (done > 0)}{when}."
    return DivergedError(title, suspect.hint(recipe), suspect.field)


def _highest(recipe: Recipe) -> float:
    return max(recipe.train.learning_rate, *recipe.transfer.rates.values(), 0.0)
