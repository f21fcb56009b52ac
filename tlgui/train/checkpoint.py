"""What a killed run goes on from: one file, written whole or not at all.

`last-STEP.safetensors` holds the weights that have learned and the optimizer's moments; `best-STEP.safetensors` holds
the weights of the best validation. Each carries the loop's position as JSON, which names the groups that have learned
by then. All other weights are those of the source model, whose checksum is kept.
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
LAYOUT = "2"
"""Of a file; 0.1.0 wrote none, and kept no record of the groups."""


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
    """Validations since the best one, of those that count towards an early end."""
    ended: bool = False
    """Whether training is complete, so that only the closing work is left."""
    fingerprint: str = ""
    """Of the model and the data, so that a resumption notices a change."""
    probe_classes: tuple[int, ...] = ()
    """For each probe, what its score is the probability of."""
    learns: tuple[str, ...] = ()
    """Keys of the groups that learned in the last step, or will in the first."""
    learned: tuple[str, ...] = ()
    """Keys of the groups that have learned in any step."""
    threads: int = 0
    """Processor threads of the last step, if they are measured; 0 = the recipe's number is fixed."""
    stalled: int = 0
    """Validations without a better one since the last thaw, or since the best."""
    on_trial: str = ""
    """The group that thawed last because validation had stalled, as long as it has made nothing better."""
    tried: tuple[str, ...] = ()
    """Groups that a stalled validation thaws no more: they have thawed, or were frozen by hand."""
    thawing_over: bool = False
    """Whether a thaw that did no good has ended thawing."""
    kept_mark: str = ""
    """The frozen groups, and their weights, whose states are kept; empty if none are."""
    kept_since: int = 0
    """Steps done when that began."""


def save_last(
    folder: Path, position: Position, learned: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    """Write the newest state, then remove what it replaces; the best weights it refers to must be on disk already.

    Args:
        learned: All parameters that have learned, by name.
    """
    tensors = {name: parameter.detach() for name, parameter in learned.items()}
    for name, parameter in learned.items():
        for moment, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}{MOMENT}{moment}"] = torch.as_tensor(value)
    newest, best = folder / f"last-{position.step:08d}.safetensors", best_file(folder, position)
    if best.exists():
        try:
            _reach_the_disk(best)
        except OSError as error:
            raise cannot_write(folder, error) from error
    _write(newest, tensors, position, on_disk=True)
    keep = {newest.name, best.name}
    for old in folder.iterdir():
        if old.name not in keep:
            with contextlib.suppress(OSError):  # in use, on Windows; the next checkpoint tries again
                old.unlink(missing_ok=True)


def save_best(folder: Path, position: Position, learned: Mapping[str, nn.Parameter]) -> None:
    """Write the weights of the best validation so far, beside the older ones.

    They are on their way to the disk when this returns; `save_last` waits for them, as its file refers to them.
    """
    tensors = {name: parameter.detach() for name, parameter in learned.items()}
    _write(best_file(folder, position), tensors, position, on_disk=False)


def newest(folder: Path) -> Path | None:
    """The file of the newest state; None if the run was killed before its first checkpoint."""
    return max(folder.glob("last-*.safetensors"), default=None)


def best_file(folder: Path, position: Position) -> Path:
    return folder / f"best-{position.best_step:08d}.safetensors"


def read_position(path: Path) -> Position:
    """The position that a file carries.

    Raises:
        TlguiError: the file is damaged, or another version wrote it.
    """
    return _read(path, tensors=False)[1]


def put_back(
    path: Path, learned: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer | None = None
) -> frozenset[str]:
    """Give parameters, and the optimizer, what a file holds for them.

    Args:
        learned: By name; all that had learned when the file was written must be among them.
        optimizer: With one, the file must hold all of `learned`, as one of the newest state does.
    Returns:
        The names of the parameters that the file holds.
    Raises:
        TlguiError: the file is damaged, does not fit the model, or another version wrote it.
    """
    tensors, _ = _read(path)
    held = frozenset(name for name in tensors if MOMENT not in name)
    for name in sorted(held | set(learned) if optimizer is not None else held):
        if name not in held or name not in learned or tensors[name].shape != learned[name].shape:
            raise TlguiError(
                f"The checkpoint {path} does not fit the model: {name} differs.",
                "Start a new run with the same recipe.",
            )
    with torch.no_grad():
        for name in held:
            learned[name].copy_(tensors[name])
    if optimizer is not None:
        for key, value in tensors.items():
            name, mark, moment = key.partition(MOMENT)
            if mark:
                parameter = learned[name]
                # Copied, as a tensor of the file would keep the file open.
                optimizer.state[parameter][moment] = value.to(parameter.device, copy=True)
    return held


def checksum(parameters: Iterable[nn.Parameter]) -> int:
    """CRC-32 over the bytes of some weights, in order."""
    value = 0
    for parameter in parameters:
        value = zlib.crc32(parameter.detach().cpu().contiguous().numpy().tobytes(), value)
    return value


def _reach_the_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _write(path: Path, tensors: Mapping[str, torch.Tensor], position: Position, *, on_disk: bool) -> None:
    partial = path.with_suffix(".partial")
    try:
        whole = {name: tensor.contiguous().cpu() for name, tensor in tensors.items()}
        save_file(whole, partial, metadata={"layout": LAYOUT, "position": json.dumps(asdict(position))})
        if on_disk:
            _reach_the_disk(partial)
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path.parent, error) from error


def _read(path: Path, *, tensors: bool = True) -> tuple[dict[str, torch.Tensor], Position]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            if metadata.get("layout") != LAYOUT:
                raise TlguiError(
                    f"The checkpoint {path} was written by another version of TLGUI, so the run cannot go on here.",
                    "Start a new run with the same recipe.",
                )
            values = json.loads(metadata["position"])
            values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
            held = {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118
            return held, Position(**values)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise TlguiError(
            f"The checkpoint {path} is damaged ({error}).", "Start a new run with the same recipe."
        ) from error
