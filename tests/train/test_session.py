"""Whole runs of tiny models: what is kept, what stops them, what cannot begin."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_runs import tiny_recipe, tiny_rows
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tlgui.core import events
from tlgui.core.control import Control
from tlgui.core.errors import RecipeError, TlguiError
from tlgui.core.events import Event, Finished, Stopped
from tlgui.core.facts import RunSummary
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.tasks.base import Scores
from tlgui.train import checkpoint, loop, session


def run(
    recipe: Recipe, runs: Path, emit: Callable[[Event], None] = lambda e: None, control: Control | None = None
) -> Event:
    return session.run(recipe, runs, emit, control or Control())


def kept(ending: Event) -> RunSummary:
    assert isinstance(ending, (Finished, Stopped))
    assert isinstance(ending.value, RunSummary)
    return ending.value


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_a_run_leaves_what_the_contract_promises(task: str, tmp_path: Path) -> None:
    seen: list[Event] = []
    summary = kept(run(tiny_recipe(tmp_path, task), tmp_path / "runs", seen.append))
    folder = Path(summary.folder)
    assert summary.name == "tiny-01"
    assert (summary.status, summary.step, summary.total) == ("finished", 16, 16)
    assert {p.name for p in folder.iterdir()} == {
        "recipe.toml", "events.jsonl", "checkpoints", "model", "report.html", "README.md"
    }  # fmt: skip
    recorded = [e for e in seen if not isinstance(e, events.Progress)]
    assert list(RunFolder(folder).events())[:-1] == recorded
    assert [json.loads(line)["event"] for line in (folder / "events.jsonl").read_text().splitlines()][-1] == "Finished"
    assert len(History.of(recorded).probes[0]) == len(History.of(recorded).validations) == 2 * 4 + 1
    for name in ("report.html", "README.md"):
        assert "tiny-01" in (folder / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_a_run_in_batches_of_tokens_takes_as_many_steps_in_each_epoch(task: str, tmp_path: Path) -> None:
    seen: list[Event] = []
    summary = kept(run(tiny_recipe(tmp_path, task, batch_tokens=64, epochs=3), tmp_path / "runs", seen.append))
    started = next(event for event in seen if isinstance(event, events.Started))
    assert (summary.status, summary.step) == ("finished", 3 * started.steps_per_epoch)
    card = (Path(summary.folder) / "README.md").read_text(encoding="utf-8")
    assert f"{summary.step:,} of {summary.step:,}, batches of 64 tokens" in card


def test_transformers_alone_loads_the_model_and_the_labels(tmp_path: Path) -> None:
    folder = Path(kept(run(tiny_recipe(tmp_path), tmp_path / "runs")).folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    logits = model(**tokenizer("w1 w20 w30", return_tensors="pt")).logits
    history = History.of(RunFolder(folder).events())
    assert history.best is not None
    expected = dict(history.probes[0])[history.best.step]
    assert model.config.id2label == {0: "bad", 1: "good"}
    assert min(abs(float(s) - expected) for s in logits.detach().softmax(-1)[0]) < 1e-5


def test_frozen_groups_do_not_change_by_one_bit_and_the_others_do(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask")
    before = load_file(tmp_path / "model" / "model.safetensors")
    after = load_file(Path(kept(run(recipe, tmp_path / "runs")).folder) / "model" / "model.safetensors")
    frozen = [name for name in before if "embeddings" in name or "layer.0." in name]
    assert frozen
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    assert any(not torch.equal(before[name], after[name]) for name in before if "layer.2." in name)


def test_the_columns_and_threads_that_ran_are_recorded(tmp_path: Path) -> None:
    ran = RunFolder(Path(kept(run(tiny_recipe(tmp_path, threads=0), tmp_path / "runs")).folder)).recipe()
    assert (ran.data.text, ran.data.label) == (("text",), "label")
    assert ran.train.threads == torch.get_num_threads()


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(tmp_path: Path) -> None:
    losses = []
    for seed in (0, 0, 1):
        summary = kept(run(tiny_recipe(tmp_path, seed=seed), tmp_path / "runs"))
        losses.append(History.of(RunFolder(Path(summary.folder)).events()).losses.tolist())
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_the_model_holds_the_best_weights_and_the_checkpoint_the_last(tmp_path: Path) -> None:
    # A rate this high makes later validations worse than an earlier one.
    summary = kept(
        run(tiny_recipe(tmp_path, "mask", learning_rate=0.3, schedule="constant", epochs=3), tmp_path / "runs")
    )
    assert summary.best_step < summary.step
    folder = RunFolder(Path(summary.folder))
    names = sorted(p.name for p in folder.checkpoints.iterdir())
    assert names == [f"best-{summary.best_step:08d}.safetensors", f"last-{summary.step:08d}.safetensors"]
    model, best, last = (
        load_file(p) for p in (folder.model / "model.safetensors", *(folder.checkpoints / n for n in names))
    )
    assert all(torch.equal(model[name], tensor) for name, tensor in best.items())
    assert any(not torch.equal(model[name], last[name]) for name in model if name in last)


@pytest.mark.parametrize("stop_after", [1, 5, 12])
def test_stop_and_keep_then_go_on_equals_no_stop(tmp_path: Path, stop_after: int) -> None:
    recipe = tiny_recipe(tmp_path, validations=1)
    whole = kept(run(recipe, tmp_path / "runs"))
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, events.StepDone) and event.step == stop_after:
            control.stop()

    ending = run(recipe, tmp_path / "runs", stop, control)
    stopped = kept(ending)
    assert isinstance(ending, Stopped)
    assert (stopped.status, stopped.step, stopped.has_model, stopped.can_resume) == ("stopped", stop_after, True, True)
    resumed = kept(session.resume(Path(stopped.folder), lambda e: None, Control()))
    assert resumed.status == "finished"
    one, two = (History.of(RunFolder(Path(s.folder)).events()) for s in (whole, resumed))
    assert one.losses.tolist() == two.losses.tolist()
    assert [(v.step, v.loss, v.best) for v in one.validations] == [(v.step, v.loss, v.best) for v in two.validations]


def test_stop_and_discard_leaves_nothing(tmp_path: Path) -> None:
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, events.StepDone):
            control.stop(discard=True)

    assert run(tiny_recipe(tmp_path), tmp_path / "runs", stop, control) == Stopped()
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_pause_saves_and_changes_nothing(tmp_path: Path) -> None:
    recipe, control, seen = tiny_recipe(tmp_path), Control(), []

    def pause(event: Event) -> None:
        seen.append(event)
        if isinstance(event, events.StepDone) and event.step == 3:
            control.pause()
        if isinstance(event, events.Paused):
            assert control.paused
            control.go_on()

    paused = kept(run(recipe, tmp_path / "runs", pause, control))
    plain = kept(run(recipe, tmp_path / "runs"))
    one, two = (History.of(RunFolder(Path(s.folder)).events()).losses.tolist() for s in (paused, plain))
    assert one == two
    at = seen.index(events.Paused(3))
    assert seen[at - 1] == events.Saved(3)
    assert seen[at + 1] == events.Resumed(3)


def test_training_ends_early_when_validation_stops_improving(tmp_path: Path) -> None:
    seen: list[Event] = []
    recipe = tiny_recipe(tmp_path, "mask", learning_rate=0.3, schedule="constant", epochs=20, patience=2)
    summary = kept(run(recipe, tmp_path / "runs", seen.append))
    assert summary.status == "finished"
    assert summary.step < summary.total
    validated = [e for e in seen if isinstance(e, events.Validated)]
    assert [v.best for v in validated[-3:]] == [True, False, False]
    assert any(isinstance(e, events.Note) and "has not improved for 2 checks" in e.text for e in seen)


def test_a_loss_that_is_not_a_number_fails_and_says_so(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path)
    weights = load_file(tmp_path / "model" / "model.safetensors")
    weights["bert.encoder.layer.2.output.dense.bias"][0] = float("nan")
    save_file(weights, tmp_path / "model" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TlguiError, match="not a number"):
        run(recipe, tmp_path / "runs")
    (summary,) = (RunFolder(p).summary() for p in (tmp_path / "runs").iterdir())
    assert summary.status == "failed"


@pytest.mark.parametrize(
    ("section", "fields", "says"),
    [
        ("data", {"source": "/nowhere/rows.csv"}, "rows.csv"),
        ("data", {"text": ("sentence",)}, "no column sentence"),
        ("model", {"source": "/nowhere/model"}, "/nowhere/model"),
        ("transfer", {"frozen": ("0-9",)}, "names no group"),
        ("transfer", {"frozen": ("embeddings", "0-2", "pooler", "head")}, "nothing would learn"),
        ("train", {"epochs": 0}, "from 1 to 100,000"),
    ],
)
def test_what_the_user_must_change_is_told_before_anything_is_written(
    tmp_path: Path, section: str, fields: dict[str, object], says: str
) -> None:
    with pytest.raises(TlguiError, match=says):
        run(tiny_recipe(tmp_path).edit(section, **fields), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_wrong_group_points_at_its_field(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        run(tiny_recipe(tmp_path).edit("transfer", frozen=("7",)), tmp_path / "runs")
    assert [p.field for p in caught.value.problems] == ["transfer.frozen"]


def test_changed_data_is_noticed_on_going_on(tmp_path: Path) -> None:
    control = Control()
    stopped = kept(
        run(
            tiny_recipe(tmp_path),
            tmp_path / "runs",
            lambda e: control.stop() if isinstance(e, events.StepDone) else None,
            control,
        )
    )
    tiny_rows(tmp_path / "rows.csv", seed=1)
    with pytest.raises(TlguiError, match="has changed since the run began"):
        session.resume(Path(stopped.folder), lambda e: None, Control())


def test_a_full_disk_stops_the_run_with_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(TlguiError, match="No space left on device") as caught:
        run(tiny_recipe(tmp_path), tmp_path / "runs")
    assert caught.value.hint == "Free some space or choose another folder."
    (folder,) = (tmp_path / "runs").iterdir()
    assert list((folder / "checkpoints").iterdir()) == []
    assert not (folder / "running").exists()


def test_no_folder_of_a_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="no run folder"):
        session.resume(tmp_path, lambda e: None, Control())


@pytest.mark.parametrize("task", ["classify", "mask"])
def test_scratch_weights_are_drawn_from_the_seed(task: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, task).edit("model", weights="scratch").edit("transfer", frozen=())
    losses = [
        History.of(RunFolder(Path(kept(run(recipe, tmp_path / "runs")).folder)).events()).losses[0] for _ in range(2)
    ]
    assert losses[0] == losses[1]


def test_a_shorter_model_lowers_the_cut_and_says_so(tmp_path: Path) -> None:
    seen: list[Event] = []
    run(tiny_recipe(tmp_path, max_length=400), tmp_path / "runs", seen.append)
    assert any(isinstance(e, events.Note) and "The model reads at most" in e.text for e in seen)


def stop_when(control: Control, place: Callable[[Event], bool]) -> Callable[[Event], None]:
    def emit(event: Event) -> None:
        if place(event):
            control.stop()

    return emit


def scoring(event: Event) -> bool:
    return isinstance(event, events.Progress) and "validation" in event.what


def test_a_stop_before_the_first_step_keeps_no_model_and_can_go_on(tmp_path: Path) -> None:
    control = Control()
    emit = stop_when(control, lambda e: isinstance(e, events.Started))
    stopped = kept(run(tiny_recipe(tmp_path), tmp_path / "runs", emit, control))
    assert (stopped.step, stopped.has_model, stopped.kept_step, stopped.can_resume) == (0, False, -1, True)
    resumed = kept(session.resume(Path(stopped.folder), lambda e: None, Control()))
    plain = kept(run(tiny_recipe(tmp_path), tmp_path / "runs"))
    one, two = (History.of(RunFolder(Path(s.folder)).events()) for s in (resumed, plain))
    assert [(v.step, v.loss) for v in one.validations] == [(v.step, v.loss) for v in two.validations]
    said = [[n.text for n in of.notes if n.step and not n.text.startswith("Steps took")] for of in (one, two)]
    assert said[0] == said[1]


@pytest.mark.parametrize("step", [1, 2])
def test_a_validation_that_was_stopped_is_made_up_for(step: int, tmp_path: Path) -> None:
    """After the first step that of the weights of the start, put in place for it."""
    recipe, control, seen = tiny_recipe(tmp_path), Control(), []
    emit = stop_when(control, lambda e: scoring(e) and sum(isinstance(s, events.StepDone) for s in seen) == step)

    def watch(event: Event) -> None:
        emit(event)
        seen.append(event)

    stopped = kept(run(recipe, tmp_path / "runs", watch, control))
    assert (stopped.step, stopped.kept_step, stopped.kept_scored) == (step, step, False) if step == 1 else (2, 0, True)
    resumed = kept(session.resume(Path(stopped.folder), lambda e: None, Control()))
    plain = kept(run(recipe, tmp_path / "runs"))
    one, two = (History.of(RunFolder(Path(s.folder)).events()) for s in (resumed, plain))
    assert [(v.step, v.loss, v.best) for v in one.validations] == [(v.step, v.loss, v.best) for v in two.validations]
    assert one.probes == two.probes


def test_unscored_weights_are_called_unscored(tmp_path: Path) -> None:
    control = Control()
    emit = stop_when(control, lambda e: isinstance(e, events.StepDone))
    stopped = kept(run(tiny_recipe(tmp_path, validations=1), tmp_path / "runs", emit, control))
    assert (stopped.kept_step, stopped.kept_scored, stopped.best_step) == (1, False, 0)
    assert "(kept)" not in (Path(stopped.folder) / "README.md").read_text(encoding="utf-8")


def test_weights_that_only_got_worse_give_way_to_those_of_the_start(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", learning_rate=1.0, schedule="constant", warmup=0.0, epochs=1)
    before = load_file(tmp_path / "model" / "model.safetensors")
    summary = kept(run(recipe, tmp_path / "runs"))
    assert (summary.kept_step, summary.kept_scored) == (0, True)
    after = load_file(Path(summary.folder) / "model" / "model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_validation_that_is_not_a_number_ends_the_run_with_the_best_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = loop.Loop.score, []

    def score(self: loop.Loop) -> Scores:
        calls.append(1)
        scores = whole(self)
        return scores if len(calls) < 5 else Scores(float("nan"), {key: float("nan") for key in scores.metrics})

    monkeypatch.setattr(loop.Loop, "score", score)
    with pytest.raises(TlguiError, match="not a number"):
        run(tiny_recipe(tmp_path, "mask"), tmp_path / "runs")
    (summary,) = (RunFolder(p).summary() for p in (tmp_path / "runs").iterdir())
    assert (summary.status, summary.has_model, summary.kept_scored) == ("failed", True, True)
    assert summary.kept_step == summary.best_step > 0


def test_texts_without_a_known_word_do_not_stop_masked_words(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask", batch_size=1)
    with (tmp_path / "rows.csv").open("a", encoding="utf-8") as rows:
        rows.write("☃ ☃ ☃,good\n☂,bad\n" * 5)
    assert kept(run(recipe, tmp_path / "runs")).status == "finished"


def test_changed_labels_are_noticed_on_going_on(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path)
    shutil.copy(tmp_path / "rows.csv", tmp_path / "held.csv")
    recipe = recipe.edit("data", validation=str(tmp_path / "held.csv"), leave_out=("overlap",))
    tiny_rows(tmp_path / "held.csv", rows=20, seed=5)
    control = Control()
    emit = stop_when(control, lambda e: isinstance(e, events.StepDone))
    stopped = kept(run(recipe, tmp_path / "runs", emit, control))
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8")
    swapped = text.replace(",good", ",x").replace(",bad", ",good").replace(",x", ",bad")
    (tmp_path / "rows.csv").write_text(swapped, encoding="utf-8")
    with pytest.raises(TlguiError, match="has changed since the run began"):
        session.resume(Path(stopped.folder), lambda e: None, Control())


def test_a_name_that_leaves_the_runs_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="cannot name a run"):
        session.run(tiny_recipe(tmp_path), tmp_path / "runs", lambda e: None, Control(), exact_name="../escaped")
    assert not (tmp_path / "escaped").exists()


def test_a_probe_that_cannot_be_scored_is_told_before_anything_is_written(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "mask").edit("", probes=("w1 " * 100 + "{w2}",))
    with pytest.raises(RecipeError) as caught:
        run(recipe, tmp_path / "runs")
    assert [p.field for p in caught.value.problems] == ["probes"]
    assert not (tmp_path / "runs").exists()
