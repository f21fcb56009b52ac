"""What a run says it did to each group is what a comparison of the files shows; and how far each group moves."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_runs import gradual, loop_in_memory, stalling, tiny_recipe

from tlgui.core import events
from tlgui.core.control import Control
from tlgui.core.events import Event, GroupsMeasured, MixLearned, Receipt, StepDone
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.train import session
from tlgui.train.movement import is_measured


def run(recipe: Recipe, runs: Path, emit: Callable[[Event], None] = lambda e: None) -> RunFolder:
    ending = session.run(recipe, runs, emit, Control())
    return RunFolder(Path(ending.value.folder))  # type: ignore[union-attr]


def receipts(folder: RunFolder) -> dict[str, Receipt]:
    return History.of(folder.events()).receipts


def test_receipts_tell_what_a_comparison_of_the_files_tells(tmp_path: Path) -> None:
    folder = run(tiny_recipe(tmp_path, "mask"), tmp_path / "runs")
    before, after = (load_file(path / "model.safetensors") for path in (tmp_path / "model", folder.model))
    found = receipts(folder)
    assert list(found) == ["embeddings", "0", "1", "2", "head"]
    for key, receipt in found.items():
        prefix = {"embeddings": "bert.embeddings.", "head": "cls."}.get(key, f"bert.encoder.layer.{key}.")
        names = [name for name in after if name.startswith(prefix) and "decoder" not in name]
        changes = torch.cat([(after[name] - before[name]).flatten().double().abs() for name in names])
        assert receipt.parameters == len(changes)
        assert receipt.changed == int((changes > 0).sum())
        assert receipt.mean_change == pytest.approx(float(changes.mean()))
        assert receipt.largest_change == pytest.approx(float(changes.max()))
        frozen = key in ("embeddings", "0")
        assert receipt.learned == (0 if frozen else len(changes))
        assert (receipt.before == receipt.after) == frozen
        assert (receipt.changed == 0) == frozen
        assert receipt.step == 16
    values = sum(found[key].parameters for key in ("embeddings", "0"))
    notes = [note.text for note in History.of(folder.events()).notes]
    assert f"Checked group by group: 0 of {values:,} frozen values changed." in notes
    summary = folder.summary()
    assert (summary.frozen_values, summary.frozen_changed) == (values, 0)


def test_a_checksum_is_that_of_the_groups_own_weights_before_and_after(tmp_path: Path) -> None:
    loop = loop_in_memory(tiny_recipe(tmp_path))
    group = loop.setup.groups[0]
    expected = 0
    for name in group.names:
        expected = zlib.crc32(loop.setup.parameters[name].detach().numpy().tobytes(), expected)
    assert loop.setup.checksums()["embeddings"] == expected
    assert receipts(run(tiny_recipe(tmp_path), tmp_path / "runs"))["embeddings"].before == f"{expected:08x}"


def test_a_thaw_that_was_undone_leaves_the_group_as_it_was(tmp_path: Path) -> None:
    found = receipts(run(stalling(tmp_path), tmp_path / "runs"))
    assert found["2"].learned == found["2"].parameters > 0
    assert (found["2"].changed, found["2"].before) == (0, found["2"].after)
    assert found["head"].changed > 0
    assert found["1"].learned == 0


def test_adapters_are_counted_beside_weights_that_stay_as_they_are(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("transfer", method="lora", frozen=("0",)).edit("transfer.lora", rank=2)
    folder = run(recipe, tmp_path / "runs")
    found = receipts(folder)
    assert {key: receipt.adapters for key, receipt in found.items()} == {
        "embeddings": 0, "0": 0, "1": 2 * 2 * (16 + 16), "2": 2 * 2 * (16 + 16), "pooler": 0, "head": 0
    }  # fmt: skip
    assert {key for key, receipt in found.items() if receipt.learned} == {"pooler", "head"}
    assert all(found[key].before == found[key].after for key in ("embeddings", "0", "1", "2"))
    assert folder.recipe().transfer.lora.matrices == ("query", "value")
    measured = History.of(folder.events()).measured[-1]
    assert {key for key, moved in measured.distances.items() if moved > 0} == {"1", "2", "pooler", "head"}


def test_a_frozen_weight_that_changed_is_a_fault_and_not_kept_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setups = []
    made = session.set_up
    monkeypatch.setattr(session, "set_up", lambda *args: setups.append(made(*args)) or setups[-1])

    def spoil(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            with torch.no_grad():
                next(iter(setups[0].learnable(["0"]).values())).view(-1)[0] += 1.0

    with pytest.raises(RuntimeError, match="0 was frozen throughout, and its weights have changed"):
        run(tiny_recipe(tmp_path), tmp_path / "runs", spoil)
    (folder,) = (tmp_path / "runs").iterdir()
    assert RunFolder(folder).summary().status == "failed"


def test_the_card_tells_the_plan_when_what_learned_and_what_changed(tmp_path: Path) -> None:
    recipe = gradual(tiny_recipe(tmp_path), every=3, unit="steps").edit("transfer", frozen=("embeddings", "0"))
    card = run(recipe, tmp_path / "runs").card.read_text(encoding="utf-8")
    assert "| Plan | 2 groups thaw, one every 3 steps |" in card
    assert "| Learned | 1 to 2, pooler, head |" in card
    assert "| Frozen | embeddings, 0 |" in card
    assert "| 4 | layer 2 thawed | as planned |" in card
    row = next(line for line in card.splitlines() if line.startswith("| Layer 0 |")).split(" | ")
    assert row[3] == row[4]
    assert row[5:] == ["0", "0", "0 |"]


def test_distances_and_gradients_are_what_they_say(tmp_path: Path) -> None:
    measured: dict[int, GroupsMeasured] = {}
    weights: dict[int, dict[str, torch.Tensor]] = {}

    def emit(event: Event) -> None:
        if isinstance(event, StepDone):
            weights[event.step] = {name: p.detach().clone() for name, p in loop.setup.parameters.items()}
        if isinstance(event, GroupsMeasured):
            measured[event.step] = event

    recipe = gradual(
        tiny_recipe(tmp_path, clip=1e-3), every=7, unit="steps", at={"1": 7.0, "0": 10.0, "embeddings": 15.0}
    )
    loop = loop_in_memory(
        recipe.edit("transfer.gradual", at={"2": 7.0, "1": 10.0, "0": 12.0, "embeddings": 15.0}), emit
    )
    first = {name: p.detach().clone() for name, p in loop.setup.parameters.items()}
    loop.run()
    assert list(measured) == [1, 5, 10, 15, 16]
    assert list(measured[5].distances) == ["pooler", "head"]
    assert set(measured[10].distances) == {"2", "pooler", "head"}
    assert set(measured[16].distances) == set(measured[16].gradients) == set(loop.setup.keys)
    for step, one in measured.items():
        for key, distance in one.distances.items():
            names = loop.setup.learnable([key])
            moved, start = (
                sum(float(t.double().pow(2).sum()) for t in tensors) ** 0.5
                for tensors in ([weights[step][n] - first[n] for n in names], [first[n] for n in names])
            )
            assert distance == pytest.approx(moved / start, rel=1e-4)
    assert max(measured[16].gradients.values()) > 1e-2  # before it was limited to a thousandth


def test_measuring_changes_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = History.of(run(tiny_recipe(tmp_path), tmp_path / "runs").events())
    monkeypatch.setattr("tlgui.train.loop.is_measured", lambda step, total: True)
    often = History.of(run(tiny_recipe(tmp_path), tmp_path / "runs").events())
    assert (len(plain.measured), len(often.measured)) == (5, 16)
    assert plain.losses.tolist() == often.losses.tolist()


@pytest.mark.parametrize(("total", "count"), [(1, 1), (2, 2), (16, 5), (1000, 201), (12_345, 204), (60_000, 201)])
def test_movement_is_measured_about_two_hundred_times_at_most(total: int, count: int) -> None:
    steps = [step for step in range(1, total + 1) if is_measured(step, total)]
    assert (steps[0], steps[-1], len(steps)) == (1, total, count)


def test_a_learned_mix_is_told(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("transfer", method="feature-based", frozen=()).edit("head", features="mix")
    folder = run(recipe.edit("train", learning_rate=0.1), tmp_path / "runs")
    (mix,) = (event for event in folder.events() if isinstance(event, MixLearned))
    assert mix.layers == ("embeddings", "0", "1", "2")
    assert sum(mix.shares) == pytest.approx(1.0)
    assert max(mix.shares) - min(mix.shares) > 1e-3
    assert folder.recipe().head.pooling == "mean"
    assert set(receipts(folder)) == {"embeddings", "0", "1", "2", "head"}
    assert isinstance(list(folder.events())[-1], events.Finished)
