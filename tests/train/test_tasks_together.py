"""Several data sets in one run: rows come as often as announced, each task has its figure, and a killed run goes on."""

from __future__ import annotations

import csv
import signal
from pathlib import Path

import numpy as np
import pytest
from killed_runs import killed_and_gone_on
from tiny_models import tiny_folder
from tiny_runs import loop_in_memory

from tlgui.core.control import Control
from tlgui.core.events import Event, Note, Validated
from tlgui.core.history import History
from tlgui.core.recipe import MixingPart, MixturePart, Recipe
from tlgui.tasks.text_to_text import TextPairs
from tlgui.train.setup import set_up


def write(file: Path, rows: int, first: bool) -> str:
    random = np.random.default_rng(rows)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["input", "output"])
        for _ in range(rows):
            words = [f"w{n}" for n in random.integers(10, 80, size=random.integers(3, 12))]
            writer.writerow([" ".join(words), words[0] if first else words[-1]])
    return str(file)


def together(folder: Path, **mixing: object) -> Recipe:
    """Two tasks of 150 and 50 rows."""
    recipe = (
        Recipe(name="both", task="text-to-text")
        .edit("model", source=str(tiny_folder(folder / "t5", "t5")))
        .edit("data", source=write(folder / "first.csv", 150, first=True), validation=0.2)
        .edit("text", prefix="w1 >", max_output=4, name="first")
        .edit("transfer", frozen=("embeddings", "0"))
        .edit("train", epochs=2, batch_size=8, learning_rate=1e-3, max_length=32, threads=1, validations=2)
    )
    other = MixturePart(source=write(folder / "last.csv", 50, first=False), prefix="w2 >", name="last")
    return recipe.model_copy(update={"mixture": (other,), "mixing": MixingPart.model_validate(mixing)})


@pytest.mark.parametrize(
    ("mixing", "share"),
    [
        ({}, 0.25),
        ({"limit": 60}, 0.4),
        ({"rule": "equal"}, 0.5),
        ({"rule": "temperature", "temperature": 2.0}, 1 / (1 + 3**0.5)),
    ],
)
def test_each_epoch_has_the_shares_that_were_announced(mixing: dict[str, object], share: float, tmp_path: Path) -> None:
    setup = set_up(together(tmp_path, **mixing), lambda event: None, Control())
    assert isinstance(setup.train, TextPairs)
    (said,) = [note for note in setup.notes if note.startswith("Rows of an epoch")]
    announced = float(said.split("last ")[1].split(" %")[0]) / 100
    assert announced == pytest.approx(share, abs=0.02)
    for epoch in range(3):
        rows = np.concatenate(list(setup.batches(epoch)))
        assert len(setup.batches(epoch)) == setup.steps_per_epoch
        measured = (setup.train.task_of[rows] == setup.train.tasks.index("last")).mean()
        assert measured == pytest.approx(announced, abs=0.02)


def test_each_task_has_its_own_figure(tmp_path: Path) -> None:
    seen: list[Event] = []
    loop_in_memory(together(tmp_path), seen.append).run()
    scores = [event for event in seen if isinstance(event, Validated)]
    for one in scores:
        assert set(one.metrics) == {"loss", "f1", "exact_match", "bleu", "f1:first", "f1:last"}
        assert one.metrics["f1"] == pytest.approx((one.metrics["f1:first"] + one.metrics["f1:last"]) / 2)
    history = History.of(seen)
    assert history.tasks("f1") == ("first", "last")
    assert not [event for event in seen if isinstance(event, Note) and "cannot tell" in event.text]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
def test_a_killed_run_goes_on_exactly(tmp_path: Path) -> None:
    whole, killed = killed_and_gone_on(together(tmp_path, rule="equal"), tmp_path, 0.0)
    one, two = History.of(whole.events()), History.of(killed.events())
    assert one.losses.tolist() == two.losses.tolist()
    assert [v.metrics for v in one.validations] == [v.metrics for v in two.validations]
    assert (whole.model / "model.safetensors").read_bytes() == (killed.model / "model.safetensors").read_bytes()
