"""Low-rank updates beside frozen matrices, through peft: Hu et al., LoRA (ICLR 2022), section 4.1.

peft takes most of a second to import, so it is imported where a model is changed and not before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from copy import deepcopy
from fnmatch import fnmatchcase
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from tlgui.core.errors import Problem, RecipeError
from tlgui.core.freeze import HEAD, POOLER
from tlgui.core.transfer import MATRICES, LoraPart
from tlgui.models.families import FAMILIES, Family
from tlgui.models.groups import Group, family_of, layer_groups

USUAL = ("query", "value")
"""What LoRA is put on where the recipe does not say: the choice of the paper, section 4.2."""
ADAPTER = "default"
"""What peft calls the only adapter of a model."""
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def matrices_of(model_type: str) -> tuple[str, ...]:
    """What LoRA can be put on in a layer of a family, of `transfer.MATRICES`."""
    return tuple(kind for kind in MATRICES if kind in FAMILIES[model_type].matrices)


def resolve(lora: LoraPart, model_type: str) -> LoraPart:
    """The recipe's LoRA with the matrices that it comes to in a family.

    A family that computes query, key and value in one matrix adapts all three if one is named, so all are listed.

    Raises:
        RecipeError: the family lacks a named matrix.
    """
    has, family = matrices_of(model_type), FAMILIES[model_type]
    wanted = lora.matrices or tuple(kind for kind in USUAL if kind in has)
    if missing := [kind for kind in wanted if kind not in has]:
        text = f"{family.name} has no {missing[0]} matrix of its own. It has: {', '.join(has)}."
        raise RecipeError([Problem("transfer.lora.matrices", text)])
    modules = {name for kind in wanted for name in family.matrices[kind]}
    return lora.model_copy(update={"matrices": tuple(k for k in has if modules.issuperset(family.matrices[k]))})


def adapted(layer: nn.Module, lora: LoraPart, family: Family) -> dict[str, nn.Module]:
    """The matrices of a layer that LoRA is put on, by their path in the layer; GPT-2 keeps its own transposed."""
    kinds = resolve(lora, family.model_type).matrices
    patterns = {name for kind in kinds for name in family.matrices[kind]}
    return {
        name: module
        for name, module in layer.named_modules()
        if isinstance(module, (nn.Linear, Conv1D)) and any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def size(layer: nn.Module, lora: LoraPart, family: Family) -> int:
    """How many numbers LoRA puts beside the matrices of a layer."""
    return sum(lora.rank * sum(matrix.weight.shape) for matrix in adapted(layer, lora, family).values())


def add(
    model: PreTrainedModel, groups: Sequence[Group], keys: Iterable[str], lora: LoraPart, seed: int
) -> tuple[Group, ...]:
    """Put adapters on some layers, drawn from the seed alone; at first they change nothing.

    Args:
        groups: Of the model as it is.
        keys: Groups that are to learn; those that are no layers learn with their own weights.
    Returns:
        The groups of the model as it is now; its parameters have other names.
    Raises:
        RecipeError: the family lacks a named matrix, or no layer is among `keys`.
    """
    from peft import LoraConfig, inject_adapter_in_model

    family, chosen = family_of(model.config), frozenset(keys)
    layers = {id(group.modules[0]) for group in groups if group.key.isdigit() and group.key in chosen}
    matrices = {
        f"{path}.{name}": matrix
        for path, module in model.named_modules()
        if id(module) in layers
        for name, matrix in adapted(module, lora, family).items()
    }
    if not matrices:
        raise RecipeError([Problem("transfer.frozen", "Every layer is frozen, so LoRA has nothing to adapt.")])
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(matrices),
        bias="none",
        fan_in_fan_out=any(isinstance(matrix, Conv1D) for matrix in matrices.values()),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        inject_adapter_in_model(config, model, adapter_name=ADAPTER)
    return layer_groups(model)


def has_adapters(model: nn.Module) -> bool:
    return hasattr(model, "peft_config")


def merged(model: PreTrainedModel) -> PreTrainedModel:
    """A plain model that answers as the adapted one does: each update is added to its matrix. The model itself stays.

    A model without adapters is returned as it is.
    """
    if not has_adapters(model):
        return model
    from peft.tuners.lora import LoraLayer

    plain = deepcopy(model)
    for path, module in list(plain.named_modules()):
        if isinstance(module, LoraLayer):
            module.merge()
            plain.set_submodule(path, module.get_base_layer())
    del plain.peft_config
    return plain


def save_alone(model: PreTrainedModel, folder: Path, base: str = "") -> None:
    """Write what was learned beside the pretrained weights, as peft does: adapters, and a whole new head and pooler.

    `peft.PeftModel.from_pretrained(base_model, folder)` puts both on a base model with the same head.

    Args:
        base: Where others find the base model; empty = where it was read from.
    Raises:
        OSError: the folder cannot be written.
    """
    from peft import get_peft_model_state_dict

    whole = _whole_parts(model)
    config = deepcopy(model.peft_config[ADAPTER])
    config.inference_mode, config.base_model_name_or_path = True, base or model.config.name_or_path or None
    config.modules_to_save = whole or None
    tensors = get_peft_model_state_dict(model, adapter_name=ADAPTER, save_embedding_layers=False)
    for path in whole:
        tensors |= {f"{path}.{name}": value for name, value in model.get_submodule(path).state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    values = {key: sorted(value) if isinstance(value, set) else value for key, value in config.to_dict().items()}
    (folder / CONFIG).write_text(json.dumps(values, indent=2, sort_keys=True), encoding="utf-8")
    # Copied, as a head that shares a matrix with the embeddings is written with its own.
    own = {f"base_model.model.{name}": value.detach().cpu().clone() for name, value in tensors.items()}
    save_file(own, folder / WEIGHTS, metadata={"format": "pt"})


def _whole_parts(model: PreTrainedModel) -> list[str]:
    """Paths of the modules that learn with all their weights beside adapters: the head's and the pooler's."""
    wanted = [m for group in layer_groups(model) if group.key in (HEAD, POOLER) for m in group.modules]
    paths = {id(module): path for path, module in model.named_modules()}
    return [paths[id(module)] for module in wanted if any(True for _ in module.parameters())]
