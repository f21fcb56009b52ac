"""Checkpoints: whole or not at all, and exact."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from tlgui.core.errors import TlguiError
from tlgui.train import checkpoint
from tlgui.train.checkpoint import Position


def small() -> tuple[nn.Module, dict[str, nn.Parameter], torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    learning = dict(model[1].named_parameters(prefix="1"))
    return model, learning, torch.optim.AdamW(learning.values(), lr=0.1)


def steps(model: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
    for i in range(count):
        model(torch.full((2, 4), float(i))).pow(2).sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def test_going_on_equals_never_having_stopped(tmp_path: Path) -> None:
    model, learning, optimizer = small()
    steps(model, optimizer, 3)
    checkpoint.save_last(tmp_path, Position(step=3, best_step=0, probe_classes=(1, 0)), learning, optimizer)
    steps(model, optimizer, 3)

    other, other_learning, other_optimizer = small()
    position = checkpoint.load_last(tmp_path, other_learning, other_optimizer)
    assert position == Position(step=3, best_step=0, probe_classes=(1, 0))
    steps(other, other_optimizer, 3)
    assert all(torch.equal(a, b) for a, b in zip(learning.values(), other_learning.values(), strict=True))


def test_best_is_kept_beside_the_newest_and_older_files_go(tmp_path: Path) -> None:
    model, learning, optimizer = small()
    best = Position(step=1, best=0.5, best_step=1)
    checkpoint.save_best(tmp_path, best, learning)
    kept = {name: p.detach().clone() for name, p in learning.items()}
    steps(model, optimizer, 1)
    for step in (1, 2, 3):
        checkpoint.save_last(tmp_path, Position(step=step, best=0.5, best_step=1), learning, optimizer)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["best-00000001.safetensors", "last-00000003.safetensors"]
    checkpoint.load_best(tmp_path, best, learning)
    assert all(torch.equal(kept[name], p) for name, p in learning.items())


def test_a_half_written_file_is_never_read(tmp_path: Path) -> None:
    model, learning, optimizer = small()
    steps(model, optimizer, 1)
    checkpoint.save_last(tmp_path, Position(step=1), learning, optimizer)
    whole = (tmp_path / "last-00000001.safetensors").read_bytes()
    (tmp_path / "last-00000002.partial").write_bytes(whole[:50])
    position = checkpoint.load_last(tmp_path, learning, optimizer)
    assert position is not None
    assert position.step == 1


def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    _, learning, optimizer = small()
    (tmp_path / "last-00000001.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    with pytest.raises(TlguiError, match="is damaged"):
        checkpoint.load_last(tmp_path, learning, optimizer)


def test_another_model_does_not_take_a_checkpoint(tmp_path: Path) -> None:
    _, learning, optimizer = small()
    checkpoint.save_last(tmp_path, Position(step=1), learning, optimizer)
    with pytest.raises(TlguiError, match="does not fit"):
        checkpoint.load_last(tmp_path, {"1.weight": nn.Parameter(torch.zeros(5, 5))})


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert checkpoint.load_last(tmp_path, {}) is None


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    _, learning, optimizer = small()
    missing = tmp_path / "gone"
    with pytest.raises(TlguiError, match="cannot be written"):
        checkpoint.save_last(missing, Position(step=1), learning, optimizer)
    assert not missing.exists()


def test_a_checksum_sees_one_changed_bit() -> None:
    weight = nn.Parameter(torch.ones(1000))
    before = checkpoint.checksum([weight])
    with torch.no_grad():
        weight[500] = torch.nextafter(weight[500], torch.tensor(2.0))
    assert checkpoint.checksum([weight]) != before
