"""A model's parameters in groups that can be frozen, bottom to top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from tlgui.core.freeze import EMBEDDINGS, HEAD, POOLER
from tlgui.models.families import FAMILIES, Family
from tlgui.models.feature_classifier import TlguiClassifierConfig

LORA = ".lora_"
"""In the name of each parameter that peft's LoRA puts into a model, and of no other."""


@dataclass(frozen=True)
class Group:
    """A unit that is frozen or learns as a whole."""

    key: str
    names: tuple[str, ...]
    """Parameters, as `model.named_parameters()` names them; tied weights are named once."""
    modules: tuple[nn.Module, ...]
    """Parts whose `eval()` turns this group's dropout off."""
    adapters: tuple[str, ...] = ()
    """LoRA's parameters beside the group's own; where there are any, only they learn."""

    @property
    def learnable(self) -> tuple[str, ...]:
        """The parameters that learn when the group does."""
        return self.adapters or self.names


def family_of(config: PretrainedConfig) -> Family:
    """The family of a model, or of the encoder in a classifier of ours."""
    encoder = config.encoder if isinstance(config, TlguiClassifierConfig) else None
    return FAMILIES[encoder["model_type"] if encoder else config.model_type]


def layer_groups(model: PreTrainedModel) -> tuple[Group, ...]:
    """Split a model of a known family: `embeddings`, `0` … `n-1`, `pooler` if it has one, `head`.

    Each parameter is in exactly one group. A weight that two parts share, as a masked-word head shares the word
    embeddings, belongs to the lower one. Where that leaves the head with nothing, what closes the last layer is its.
    """
    family = family_of(model.config)
    base = model.base_model
    lower, upper = _sides(base, family)
    parts: dict[str, list[nn.Module]] = {EMBEDDINGS: _present(base, family.embeddings)}
    parts |= {str(i): [layer] for i, layer in enumerate((*lower, *upper))}
    parts[str(len(lower) - 1)] += _present(base, family.between)
    parts[POOLER] = _present(base, family.pooler)
    inside = list(chain.from_iterable(parts.values()))
    claimed = {id(module) for part in inside for module in part.modules()}
    # A model that is its own base has the parts of the base as children, beside its head.
    above = [child for child in model.children() if child is not base]
    parts[HEAD] = [child for child in above if claimed.isdisjoint(map(id, child.modules()))]
    below = {id(parameter) for part in inside for parameter in part.parameters()}
    has_own = any(id(parameter) not in below for part in parts[HEAD] for parameter in part.parameters())
    top = HEAD if parts[HEAD] and not has_own else str(len(lower) + len(upper) - 1)
    parts[top] = [*parts[top], *_present(base, family.closing)]

    owner: dict[int, str] = {}
    for key, modules in parts.items():
        for module in modules:
            for parameter in module.parameters():
                owner.setdefault(id(parameter), key)
    names: dict[str, list[str]] = {key: [] for key in parts}
    adapters: dict[str, list[str]] = {key: [] for key in parts}
    for name, parameter in model.named_parameters():
        (adapters if LORA in name else names)[owner[id(parameter)]].append(name)
    return tuple(Group(key, tuple(names[key]), tuple(parts[key]), tuple(adapters[key])) for key in parts if names[key])


def keepable(model: PreTrainedModel, frozen: Sequence[str]) -> tuple[str, ...]:
    """Of the lowest groups, all frozen, those whose output depends on nothing but the input: of a model that writes,
    what is before its decoder."""
    lower = lower_layers(model)
    return tuple(key for key in frozen if not (lower and key.isdigit() and int(key) >= lower))


def lower_layers(model: PreTrainedModel) -> int:
    """How many of its layers read, where those above them write; 0 = none writes."""
    family = family_of(model.config)
    return len(_sides(model.base_model, family)[0]) if family.decoder else 0


def decoder_of(model: PreTrainedModel) -> nn.Module | None:
    """The part of a model that writes; None if it has none."""
    path = family_of(model.config).decoder.rpartition(".")[0]
    return model.base_model.get_submodule(path) if path else None


def apply_freeze(model: nn.Module, groups: Sequence[Group], frozen: Iterable[str]) -> None:
    """Fix the groups named in `frozen` and let the others learn; call it again after each `model.train()`.

    A frozen group computes no gradient and has no dropout, so what it gives for a text never changes.
    """
    frozen = frozenset(frozen)
    parameters = dict(model.named_parameters())
    for group in groups:
        learns = group.key not in frozen
        for module in group.modules:
            module.train(learns)
        for name in (*group.names, *group.adapters):
            parameters[name].requires_grad_(learns and name in group.learnable)


def _sides(base: nn.Module, family: Family) -> tuple[list[nn.Module], list[nn.Module]]:
    """The layers that read the input, and those that write, bottom first."""
    lower, upper = ((list(base.get_submodule(path)) if path else []) for path in (family.layers, family.decoder))
    return lower, upper


def _present(base: nn.Module, paths: Iterable[str]) -> list[nn.Module]:
    found = []
    for path in paths:
        part: object = base
        for name in path.split("."):
            part = getattr(part, name, None)
        if isinstance(part, nn.Module):
            found.append(part)
    return found
