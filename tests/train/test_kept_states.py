"""Kept states of frozen groups: the same losses as without, whatever thaws, stops or does not fit."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest
from killed_runs import killed_and_gone_on
from tiny_models import families_for, tiny_folder
from tiny_runs import feature_based, gradual, loop_in_memory, stalling, tiny_recipe

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.events import Event, Note, PlanChanged, StepDone, Validated
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.core.transfer import HandChange
from tlgui.train import kept_states, session


def train(recipe: Recipe) -> list[Event]:
    """What a run in memory says."""
    seen: list[Event] = []
    loop_in_memory(recipe, seen.append).run()
    return seen


def losses(seen: list[Event]) -> list[float]:
    return [event.loss for event in seen if isinstance(event, (StepDone, Validated))]


def notes(seen: list[Event]) -> list[str]:
    """What was said of kept states."""
    texts = [event.text for event in seen if isinstance(event, Note)]
    return [text for text in texts if "once for each text" in text or "run at each step" in text]


def both_ways(recipe: Recipe, within: float = 1e-5) -> list[Event]:
    """Kept states change no loss; gives the events of the run that keeps them."""
    plain, kept = train(recipe.edit("cache", prefix="off")), train(recipe)
    assert not notes(plain)
    assert losses(kept) == pytest.approx(losses(plain), abs=within)
    assert np.ptp(losses(plain)) > 1e-3  # something was learned
    return kept


@pytest.mark.parametrize("family", families_for("classify"))
def test_losses_are_those_of_the_whole_model_in_every_family(family: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("model", source=str(tiny_folder(tmp_path / family, family)))
    frozen = ("embeddings", "0") if family == "albert" else ("embeddings", "0", "1")
    seen = both_ways(recipe.edit("transfer", frozen=frozen))
    assert "80 texts is kept on the disk" in notes(seen)[0]


@pytest.mark.parametrize("family", families_for("next-word"))
def test_blocks_of_joined_texts_are_kept_as_any_other_row(family: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "next-word", learning_rate=0.01)
    seen = both_ways(recipe.edit("model", source=str(tiny_folder(tmp_path / family, family))))
    kept = int(notes(seen)[0].split("comes out for ")[1].split(" texts")[0])
    assert 0 < kept < 80  # several texts are in a block


@pytest.mark.parametrize("family", ["bert", "distilbert", "deberta-v2", "modernbert"])
def test_of_masked_words_the_validation_rows_are_kept(family: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask").edit("model", source=str(tiny_folder(tmp_path / family, family)))
    seen = both_ways(recipe)
    assert "16 texts is kept on the disk" in notes(seen)[0]


@pytest.mark.parametrize("family", ["bert", "distilbert", "deberta-v2", "modernbert"])
def test_of_questions_every_window_is_kept(family: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "answer").edit("model", source=str(tiny_folder(tmp_path / family, family)))
    seen = both_ways(recipe.edit("transfer", frozen=("embeddings", "0", "1")))
    kept = int(notes(seen)[0].split("comes out for ")[1].split(" texts")[0])
    assert kept > 60  # the questions; some passages take several windows


@pytest.mark.parametrize("family", families_for("tag"))
def test_of_tagged_words_every_sentence_is_kept(family: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "tag").edit("model", source=str(tiny_folder(tmp_path / family, family)))
    assert "80 texts is kept on the disk" in notes(both_ways(recipe))[0]


@pytest.mark.parametrize("family", families_for("text-to-text"))
@pytest.mark.parametrize(
    ("frozen", "kept"),
    [
        (("embeddings", "0"), "Encoder layer 0 and embeddings run"),
        (("embeddings", "0-1"), "Encoder layers 0 to 1 and embeddings run"),
        (("embeddings", "0-2"), "Encoder layers 0 to 1 and embeddings run"),  # the decoder reads other tokens
    ],
)
def test_of_texts_that_are_written_the_encoder_is_kept(
    family: str, frozen: tuple[str, ...], kept: str, tmp_path: Path
) -> None:
    recipe = tiny_recipe(tmp_path, "text-to-text", learning_rate=0.01).edit("transfer", frozen=frozen)
    recipe = recipe.edit("model", source=str(tiny_folder(tmp_path / family, family)))
    for parts in (1, 3):
        seen = both_ways(recipe.edit("train", parts=parts), within=1e-3)  # of losses above 10
        assert notes(seen)[0].startswith(kept)
        assert "80 texts is kept on the disk" in notes(seen)[0]


def test_tasks_of_which_not_every_row_comes_in_an_epoch_are_kept_as_they_come(tmp_path: Path) -> None:
    both_ways(tiny_recipe(tmp_path, "text-to-text", epochs=3).edit("mixing", rule="equal", limit=20))


def test_gaps_of_the_same_ways_are_kept_in_each(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "corrupt", epochs=4, learning_rate=0.01).edit("mask", sets=2)
    assert "144 texts is kept on the disk" in notes(both_ways(recipe))[0]  # 2 × 64 and 16


def test_each_thaw_by_the_clock_cuts_lower(tmp_path: Path) -> None:
    seen = both_ways(gradual(tiny_recipe(tmp_path, epochs=9), every=2))
    assert [note.split(" run")[0] for note in notes(seen)] == [
        "Layers 0 to 2 and embeddings",
        "Layers 0 to 1 and embeddings",
        "Layer 0 and embeddings",
    ]


def test_embeddings_alone_are_not_kept(tmp_path: Path) -> None:
    assert not notes(train(tiny_recipe(tmp_path).edit("transfer", frozen=("embeddings",))))


def test_words_that_are_hidden_in_the_same_ways_again_are_kept_in_each(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", epochs=4).edit("mask", sets=2)
    assert "144 texts is kept on the disk" in notes(both_ways(recipe))[0]  # 2 × 64 and 16
    assert "16 texts" in notes(train(recipe.edit("mask", sets=4)))[0]


def test_rows_that_come_once_before_the_next_thaw_are_not_kept(tmp_path: Path) -> None:
    seen = train(gradual(tiny_recipe(tmp_path, epochs=5), every=1))
    assert all("16 texts is kept" in note for note in notes(seen))


def test_a_thaw_that_is_undone_changes_frozen_weights_and_they_are_run_again(tmp_path: Path) -> None:
    recipe = stalling(tmp_path).edit("", task="classify", probes=())
    seen = both_ways(recipe.edit("train", learning_rate=0.3), within=1e-4)
    assert any(event.back_to >= 0 for event in seen if isinstance(event, PlanChanged))
    assert len(notes(seen)) >= 3


def test_a_change_by_hand_is_followed(tmp_path: Path) -> None:
    thaw = HandChange(step=4, groups=("0",), learns=True)
    freeze = HandChange(step=20, groups=("0", "1"), learns=False)
    seen = both_ways(tiny_recipe(tmp_path, epochs=6).edit("transfer", changes=(thaw, freeze)))
    assert [note.split(" run")[0] for note in notes(seen)] == ["Layer 0 and embeddings", "Layers 0 to 1 and embeddings"]


def test_adapters_above_the_lowest_ones_learn_over_kept_states(tmp_path: Path) -> None:
    both_ways(tiny_recipe(tmp_path).edit("transfer", method="lora"))


def test_what_does_not_fit_runs_at_each_step(tmp_path: Path) -> None:
    tokens = 64 * 10  # more than a third of 80 texts of 6 to 22 tokens, and fewer than all
    recipe = tiny_recipe(tmp_path, epochs=3).edit("cache", gigabytes=tokens * 16 * 4 / 1e9)
    note = notes(both_ways(recipe))[0]
    fits = int(note.split("comes out for ")[1].split(" of 80 texts")[0])
    assert 16 < fits < 80


def test_half_the_size_rounds_and_takes_half_the_disk(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path)
    half = recipe.edit("cache", prefix="float16")
    one, two = losses(both_ways(recipe)), losses(both_ways(half, within=1e-2))
    assert one != two
    lengths = np.array([3, 5, 4])
    exact, small = (kept_states.StateFile(lengths, 16, dtype, 1e9) for dtype in ("float32", "float16"))
    assert (exact.nbytes, small.nbytes) == (12 * 16 * 4, 12 * 16 * 2)


def test_values_too_large_for_half_the_size_are_not_kept(tmp_path: Path) -> None:
    file = kept_states.StateFile(np.array([2]), 4, "float16", 1e9)
    with pytest.raises(kept_states.TlguiError, match="too large for half the size"):
        file.put(np.array([0]), np.full((1, 2, 4), 1e6, dtype=np.float32))
    assert not file.have.any()


def test_a_disk_that_fills_up_ends_the_keeping_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tiny_recipe(tmp_path)
    plain = losses(train(recipe.edit("cache", prefix="off")))
    put, calls = kept_states.StateFile.put, []

    def fill(file: kept_states.StateFile, rows: np.ndarray, states: np.ndarray) -> None:
        calls.append(len(rows))
        if len(calls) > 4:
            raise kept_states.TlguiError("No space is left on the disk.", "")
        put(file, rows, states)

    monkeypatch.setattr(kept_states.StateFile, "put", fill)
    seen = train(recipe)
    assert losses(seen) == pytest.approx(plain, abs=1e-5)
    assert len(calls) == 5
    assert notes(seen)[1:] == ["No space is left on the disk. So the frozen groups run at each step from here on."]


def test_no_file_is_left(tmp_path: Path, home: Path) -> None:
    train(tiny_recipe(tmp_path))
    assert [path.name for path in paths.cache_folder().iterdir()] == ["tables"]


def test_everything_learning_or_stored_features_keep_nothing(tmp_path: Path) -> None:
    assert not notes(train(tiny_recipe(tmp_path).edit("transfer", frozen=())))
    seen: list[Event] = []
    session.run(feature_based(tmp_path), tmp_path / "runs", seen.append, Control())
    assert not notes(seen)


@pytest.mark.parametrize("room", [1.0, 30_000 / 1e9])
@pytest.mark.parametrize("stop_after", [3, 11, 12, 21, 40])
def test_a_run_that_goes_on_takes_equal_steps(stop_after: int, room: float, tmp_path: Path) -> None:
    """Stopped in the first pass over the rows, in the second, at a thaw and after it: bit-equal to no stop."""
    recipe = gradual(tiny_recipe(tmp_path, epochs=7, validations=1), every=12, unit="steps")
    stop_and_go_on(recipe.edit("cache", gigabytes=room), stop_after, tmp_path)


@pytest.mark.parametrize("stop_after", [3, 11, 20, 28])
def test_a_run_over_sets_of_hidden_words_goes_on_with_equal_steps(stop_after: int, tmp_path: Path) -> None:
    stop_and_go_on(tiny_recipe(tmp_path, "mask", epochs=5).edit("mask", sets=2), stop_after, tmp_path)


def stop_and_go_on(recipe: Recipe, stop_after: int, tmp_path: Path) -> None:
    """A stop changes no number of a run."""
    seen: list[Event] = []
    session.run(recipe, tmp_path / "whole", seen.append, Control())
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == stop_after:
            control.stop()

    ending = session.run(recipe, tmp_path / "stopped", stop, control)
    session.resume(Path(ending.value.folder), lambda event: None, Control())  # type: ignore[union-attr]
    one, two = (History.of(RunFolder(next((tmp_path / name).iterdir())).events()) for name in ("whole", "stopped"))
    assert one.losses.tolist() == two.losses.tolist()
    assert [(v.step, v.loss) for v in one.validations] == [(v.step, v.loss) for v in two.validations]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
@pytest.mark.parametrize("task", ["classify", "tag", "text-to-text"])
@pytest.mark.parametrize("checkpoint_seconds", [0.0, 30.0])
def test_a_killed_run_goes_on_exactly_where_it_was(checkpoint_seconds: float, task: str, tmp_path: Path) -> None:
    whole, killed = killed_and_gone_on(tiny_recipe(tmp_path, task, epochs=3), tmp_path, checkpoint_seconds)
    one, two = History.of(whole.events()), History.of(killed.events())
    assert len(one.losses) == 24
    assert one.losses.tolist() == two.losses.tolist()
    assert [(v.step, v.loss) for v in one.validations] == [(v.step, v.loss) for v in two.validations]
