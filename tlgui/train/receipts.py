"""What a run did to each group, told by comparing every value before and after it."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from tlgui.core.events import Emit, Note, Receipt
from tlgui.models.groups import Group
from tlgui.train.checkpoint import Position
from tlgui.train.movement import FirstWeights
from tlgui.train.setup import Setup


def hand_out(setup: Setup, position: Position, first: FirstWeights, before: Mapping[str, int], emit: Emit) -> None:
    """One Receipt a group, of the weights that the model has now, and one sentence on the frozen ones.

    Args:
        before: What `Setup.checksums` was when the model was loaded.
    Raises:
        RuntimeError: weights have changed that were frozen throughout; that is a fault of this program.
    """
    after = setup.checksums()
    frozen = 0
    for group in setup.groups:
        receipt = _receipt(setup, position, group, first, before[group.key], after[group.key])
        emit(receipt)
        if not receipt.learned:
            frozen += receipt.parameters
            if receipt.after != receipt.before:
                raise RuntimeError(f"{group.key} was frozen throughout, and its weights have changed.")
    if frozen:
        emit(Note(position.step, f"Checked group by group: 0 of {frozen:,} frozen values changed."))


@torch.no_grad()
def _receipt(setup: Setup, position: Position, group: Group, first: FirstWeights, before: int, after: int) -> Receipt:
    changed, moved, largest, learned = 0, 0.0, 0.0, 0
    for name in group.names:
        copy = first.copy_of(name) if group.key in position.learned else None
        if copy is None:
            continue
        difference = (setup.parameters[name] - copy).abs_()
        learned += difference.numel()
        changed += int(torch.count_nonzero(setup.parameters[name] != copy))
        moved += float(difference.sum(dtype=torch.float64))
        largest = max(largest, float(difference.max()))
    parameters = sum(setup.parameters[name].numel() for name in group.names)
    return Receipt(
        step=position.step,
        group=group.key,
        parameters=parameters,
        learned=learned,
        adapters=sum(setup.parameters[name].numel() for name in group.adapters),
        before=f"{before:08x}",
        after=f"{after:08x}",
        changed=changed,
        mean_change=moved / parameters if parameters else 0.0,
        largest_change=largest,
    )
