"""A loss that is not a number: which setting is to blame."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from tiny_runs import tiny_recipe

from tlgui.core import events
from tlgui.core.control import Control
from tlgui.core.events import Event
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.train import session
from tlgui.train.suspects import DivergedError, diverged

PLAIN = Recipe().edit("train", learning_rate=0.5, warmup=0.1)


@pytest.mark.parametrize(
    ("recipe", "done", "field", "says"),
    [
        (PLAIN, 0, "model.source", "the model’s own weights or the data"),
        (PLAIN, 5, "train.learning_rate", "while the rate was still rising"),
        (PLAIN, 50, "train.learning_rate", "Start again with a lower rate than 0.5."),
        (
            PLAIN.edit("train", clip=0.0),
            50,
            "train.clip",
            "The gradient is not limited. Limit it to 1, or start with a",
        ),
        (PLAIN.edit("train", clip=0.0), 0, "model.source", "No step was made yet"),
        (PLAIN.edit("transfer", rates={"2": 0.9}), 50, "transfer.rates", "a rate of its own of 0.9"),
        (PLAIN.edit("transfer", rates={"2": 0.1}), 50, "train.learning_rate", "a lower rate than 0.5"),
        (
            PLAIN.edit("transfer", method="lora").edit("transfer.lora", alpha=4000.0, rank=4),
            50,
            "transfer.lora.alpha",
            "1e+03 times as large. Take 8 for rank 4.",
        ),
        (PLAIN.edit("transfer.lora", alpha=4000.0), 50, "train.learning_rate", "a lower rate"),
    ],
)
def test_each_cause_has_its_field_and_its_words(recipe: Recipe, done: int, field: str, says: str) -> None:
    error = diverged(recipe, done, 100)
    assert error.field == field
    assert says in error.hint
    assert error.title == (
        f"The loss is not a number any more after step {done}."
        if done
        else "The loss is not a number before the first step."
    )


def test_weights_that_are_broken_from_the_start_are_named(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path)
    file = tmp_path / "model" / "model.safetensors"
    weights = load_file(file)
    weights["bert.encoder.layer.2.output.dense.bias"][0] = float("nan")
    save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(DivergedError) as caught:
        session.run(recipe, tmp_path / "runs", lambda e: None, Control())
    assert caught.value.field == "model.source"


def test_a_run_that_blows_up_keeps_the_best_weights_and_their_receipts(tmp_path: Path) -> None:
    setups = []
    made = session.set_up
    recipe = tiny_recipe(tmp_path, learning_rate=1e-2, clip=0.0)

    def blow_up(event: Event) -> None:
        if isinstance(event, events.StepDone) and event.step == 9:
            setups[0].model.classifier.weight.data.fill_(float("nan"))

    with pytest.MonkeyPatch.context() as patch, pytest.raises(DivergedError) as caught:
        patch.setattr(session, "set_up", lambda *args: setups.append(made(*args)) or setups[-1])
        session.run(recipe, tmp_path / "runs", blow_up, Control())
    assert caught.value.field == "train.clip"
    (folder,) = (RunFolder(path) for path in (tmp_path / "runs").iterdir())
    summary = folder.summary()
    assert (summary.status, summary.kept_step, summary.kept_scored, summary.frozen_changed) == ("failed", 8, True, 0)
    weights = load_file(folder.model / "model.safetensors")
    assert all(tensor.isfinite().all() for tensor in weights.values())
