"""The transfer sections of a recipe: method, frozen groups, rates, thawing, head and LoRA, as frozen values."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Method = Literal["feature-based", "fine-tune", "gradual", "lora"]
Pooling = Literal["auto", "own", "first", "mean", "max", "attention"]
Rule = Literal["schedule", "plateau"]
Unit = Literal["epochs", "steps"]
MATRICES = ("query", "key", "value", "output", "feed-forward")
"""What LoRA can be put on in a layer; families that compute some of them in one matrix adapt it for any of them."""
LAST, MIX = "last", "mix"
"""Besides a group's key, what `head.features` may name."""


class Section(BaseModel):
    """Part of a recipe: never changed, only replaced; hashable although some of its values are tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


class GradualPart(Section):
    """When frozen layers begin to learn, from the top down; groups in `transfer.frozen` never do."""

    rule: Rule = "schedule"
    """`schedule`: after fixed times; `plateau`: when validation has stopped improving."""
    every: float = 1.0
    """Time between two thaws, in `unit`, > 0; the head and what is new learn from the start."""
    unit: Unit = "epochs"
    at: dict[str, float] = {}
    """Own thaw time of a group, in `unit` since the start; the others follow `every`. 0 = it learns from the start."""
    checks: int = 3
    """With `plateau`: validations without a better one after which the next group thaws, or the last thaw is undone."""


class LoraPart(Section):
    """Low-rank updates beside frozen matrices: Hu et al., LoRA (ICLR 2022), section 4.1."""

    rank: int = 8
    """Rank r of each update."""
    alpha: float = 16.0
    """The update is scaled by alpha / rank."""
    dropout: float = 0.0
    """On the update's input, 0 <= x < 1."""
    matrices: tuple[str, ...] = ()
    """Of `MATRICES`; empty = query and value, recorded as the family has them."""


class HandChange(Section):
    """Groups that were thawed or frozen by hand while a run was going; recorded so that it can be replayed."""

    step: int
    """Optimizer steps that were done before; it holds from the next."""
    groups: tuple[str, ...]
    learns: bool


class TransferPart(Section):
    method: Method = "fine-tune"
    """`feature-based` freezes the whole encoder; `lora` puts adapters on the layers that are not in `frozen`."""
    frozen: tuple[str, ...] = ()
    """Groups that keep their weights; layers may be ranges, such as `0-3`."""
    layer_decay: float = 1.0
    """Rate of a group = this × the rate of the group above, 0 < x <= 1."""
    rates: dict[str, float] = {}
    """Own peak rate of some groups, in place of the one that `layer_decay` gives; 0 < x <= 1."""
    gradual: GradualPart = GradualPart()
    lora: LoraPart = LoraPart()
    changes: tuple[HandChange, ...] = ()
    """What was thawed or frozen by hand, by step."""


class HeadPart(Section):
    """What a new head is given and how large it is; only goals whose head is new have a choice."""

    pooling: Pooling = "auto"
    """How a text's tokens become one vector. `own`: the head that transformers has for the family. `auto`: `mean` if
    the method is feature-based, else `own`; the recorded recipe says which."""
    features: str = LAST
    """`last` layer, `mix` (a learned mix of all), or a group's key, such as `3` or `embeddings`."""
    hidden: int = 0
    """Width of one hidden layer; 0 = the head is linear."""
    baseline: bool = True
    """With feature-based: also fit scikit-learn's logistic regression on the same features."""
