"""Checkpoints: whole or not at all, and exact."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
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


def newest(folder: Path) -> Path:
    path = checkpoint.newest(folder)
    assert path is not None
    return path


def test_going_on_equals_never_having_stopped(tmp_path: Path) -> None:
    model, learning, optimizer = small()
    steps(model, optimizer, 3)
    checkpoint.save_last(tmp_path, Position(step=3, best_step=0, probe_classes=(1, 0)), learning, optimizer)
    steps(model, optimizer, 3)

    other, other_learning, other_optimizer = small()
    path = newest(tmp_path)
    assert checkpoint.read_position(path) == Position(step=3, best_step=0, probe_classes=(1, 0))
    checkpoint.put_back(path, other_learning, other_optimizer)
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
    assert checkpoint.put_back(checkpoint.best_file(tmp_path, best), learning) == set(learning)
    assert all(torch.equal(kept[name], p) for name, p in learning.items())


def test_a_half_written_file_is_never_read(tmp_path: Path) -> None:
    model, learning, optimizer = small()
    steps(model, optimizer, 1)
    checkpoint.save_last(tmp_path, Position(step=1), learning, optimizer)
    whole = (tmp_path / "last-00000001.safetensors").read_bytes()
    (tmp_path / "last-00000002.partial").write_bytes(whole[:50])
    assert checkpoint.read_position(newest(tmp_path)).step == 1


def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    _, learning, optimizer = small()
    (tmp_path / "last-00000001.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    with pytest.raises(TlguiError, match="is damaged"):
        checkpoint.put_back(newest(tmp_path), learning, optimizer)


def test_another_model_does_not_take_a_checkpoint(tmp_path: Path) -> None:
    _, learning, optimizer = small()
    checkpoint.save_last(tmp_path, Position(step=1), learning, optimizer)
    with pytest.raises(TlguiError, match="does not fit"):
        checkpoint.put_back(newest(tmp_path), {**learning, "1.weight": nn.Parameter(torch.zeros(5, 5))})


def test_a_newest_state_that_lacks_what_has_learned_is_refused(tmp_path: Path) -> None:
    model, learning, optimizer = small()
    checkpoint.save_last(tmp_path, Position(step=1), learning, optimizer)
    with pytest.raises(TlguiError, match=r"does not fit the model: 0\."):
        checkpoint.put_back(newest(tmp_path), dict(model.named_parameters()), optimizer)


def test_what_had_not_learned_when_a_file_was_written_is_left_as_it_is(tmp_path: Path) -> None:
    model, learning, _ = small()
    checkpoint.save_best(tmp_path, Position(best_step=4, learned=("1",)), learning)
    below = model[0].weight.detach().clone()
    path = checkpoint.best_file(tmp_path, Position(best_step=4))
    assert checkpoint.put_back(path, dict(model.named_parameters())) == set(learning)
    assert checkpoint.read_position(path).learned == ("1",)
    assert torch.equal(below, model[0].weight)


@pytest.mark.parametrize("metadata", [{"position": "{}"}, {"layout": "99", "position": "{}"}])
def test_a_file_of_another_version_says_so(tmp_path: Path, metadata: dict[str, str]) -> None:
    save_file({"1.weight": torch.zeros(2, 3)}, tmp_path / "last-00000001.safetensors", metadata=metadata)
    with pytest.raises(TlguiError, match="written by another version of TLGUI"):
        checkpoint.read_position(newest(tmp_path))


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert checkpoint.newest(tmp_path) is None


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
