"""What a killed run goes on from: one file, written whole or not at all.

`last-STEP.safetensors` holds the weights that learn and the optimizer's moments; `best-STEP.safetensors` holds the
weights of the best validation. Each carries the loop's position as JSON. Frozen weights are those of the source model,
whose checksum is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from tlgui.core.errors import TlguiError
from tlgui.core.runs import cannot_write

MOMENT = "|"
"""Between a parameter's name and the optimizer's name for one of its moments, in a file's keys."""


@dataclass
class Position:
    """Where a run stands; everything the loop needs besides tensors."""

    step: int = 0
    """Optimizer updates done."""
    best: float | None = None
    """Value of the goal's first metric at `best_step`."""
    best_loss: float = 0.0
    """Validation loss at `best_step`, nats."""
    best_step: int = -1
    validated: int = -1
    """The last step that was validated to the end."""
    without_better: int = 0
    """Validations since the best one."""
    ended: bool = False
    """Whether training is complete, so that only the closing work is left."""
    fingerprint: str = ""
    """Of the model's frozen weights and the data, so that a resumption notices a change."""
    probe_classes: tuple[int, ...] = ()
    """For each probe, what its score is the probability of."""


def save_last(
    folder: Path, position: Position, learning: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    """Write the newest state, then remove what it replaces; the best weights it refers to must be on disk already."""
    tensors = {name: parameter.detach() for name, parameter in learning.items()}
    for name, parameter in learning.items():
        for moment, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}{MOMENT}{moment}"] = torch.as_tensor(value)
    newest = folder / f"last-{position.step:08d}.safetensors"
    _write(newest, tensors, position)
    keep = {newest.name, f"best-{position.best_step:08d}.safetensors"}
    for old in folder.iterdir():
        if old.name not in keep:
            with contextlib.suppress(OSError):  # in use, on Windows; the next checkpoint tries again
                old.unlink(missing_ok=True)


def save_best(folder: Path, position: Position, learning: Mapping[str, nn.Parameter]) -> None:
    """Write the weights of the best validation so far, beside the older ones."""
    tensors = {name: parameter.detach() for name, parameter in learning.items()}
    _write(folder / f"best-{position.best_step:08d}.safetensors", tensors, position)


def load_last(
    folder: Path, learning: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer | None = None
) -> Position | None:
    """Put the newest state back; None if the run was killed before its first checkpoint.

    Raises:
        TlguiError: the file is damaged or does not fit the model.
    """
    found = sorted(folder.glob("last-*.safetensors"))
    if not found:
        return None
    tensors, position = _read(found[-1])
    _put_back(found[-1], tensors, learning)
    if optimizer is not None:
        for key, value in tensors.items():
            name, mark, moment = key.partition(MOMENT)
            if mark:
                parameter = learning[name]
                # Copied, as a tensor of the file would keep the file open.
                optimizer.state[parameter][moment] = value.to(parameter.device, copy=True)
    return position


def load_best(folder: Path, position: Position, learning: Mapping[str, nn.Parameter]) -> None:
    """Put the weights of the best validation back."""
    path = folder / f"best-{position.best_step:08d}.safetensors"
    _put_back(path, _read(path)[0], learning)


def checksum(parameters: Iterable[nn.Parameter]) -> int:
    """CRC-32 over the bytes of some weights, in order."""
    value = 0
    for parameter in parameters:
        value = zlib.crc32(parameter.detach().cpu().contiguous().numpy().tobytes(), value)
    return value


def _write(path: Path, tensors: Mapping[str, torch.Tensor], position: Position) -> None:
    partial = path.with_suffix(".partial")
    try:
        whole = {name: tensor.contiguous().cpu() for name, tensor in tensors.items()}
        save_file(whole, partial, metadata={"position": json.dumps(asdict(position))})
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path.parent, error) from error


def _read(path: Path) -> tuple[dict[str, torch.Tensor], Position]:
    try:
        with safe_open(path, framework="pt") as file:
            values = json.loads(file.metadata()["position"])
            values["probe_classes"] = tuple(values["probe_classes"])
            return {name: file.get_tensor(name) for name in file.keys()}, Position(**values)  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise TlguiError(
            f"The checkpoint {path} is damaged ({error}).", "Start a new run with the same recipe."
        ) from error


def _put_back(path: Path, tensors: Mapping[str, torch.Tensor], learning: Mapping[str, nn.Parameter]) -> None:
    with torch.no_grad():
        for name, parameter in learning.items():
            saved = tensors.get(name)
            if saved is None or saved.shape != parameter.shape:
                raise TlguiError(
                    f"The checkpoint {path} does not fit the model: {name} differs.",
                    "Start a new run with the same recipe.",
                )
            parameter.copy_(saved)
