"""A model's parameters in groups that can be frozen, bottom to top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    embeddings, belongs to the lower one.
    """
    family = family_of(model.config)
    base = model.base_model
    layers = list(base.get_submodule(family.layers))
    parts: dict[str, list[nn.Module]] = {EMBEDDINGS: _present(base, family.embeddings)}
    parts |= {str(i): [layer] for i, layer in enumerate(layers)}
    parts[str(len(layers) - 1)] += _present(base, family.closing)
    parts[POOLER] = _present(base, family.pooler)
    parts[HEAD] = [child for child in model.children() if child is not base]

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


def _present(base: nn.Module, paths: Iterable[str]) -> list[nn.Module]:
    found = []
    for path in paths:
        part: object = base
        for name in path.split("."):
            part = getattr(part, name, None)
        if isinstance(part, nn.Module):
            found.append(part)
    return found
