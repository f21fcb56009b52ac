"""Stored features: the same losses as without, and why some heads cannot have them."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from killed_runs import killed_and_gone_on
from tiny_models import families_for
from tiny_runs import feature_based, tiny_recipe

from tlgui.core import paths
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import BaselineScored, Event, ProbeScored, Progress, Started, StepDone, Validated
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.models.loading import load_tokenizer, load_trained
from tlgui.train import features, session
from tlgui.train.checkpoint import Position
from tlgui.train.features import Featured, FromFeatures
from tlgui.train.loop import Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import Setup, set_up
from tlgui.train.store import Store


def quiet(event: Event) -> None:
    pass


def train(setup: Setup) -> list[Event]:
    """What a run without a folder says."""
    seen: list[Event] = []
    position = Position(learns=setup.plan.learning)
    optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
    Loop(setup, position, optimizer, Store(setup, position), seen.append, Control()).run()
    return seen


def numbers(seen: list[Event]) -> tuple[list[float], list[float], list[float]]:
    """Losses of the steps and validations, and the scores of the probes."""
    steps = [event.loss for event in seen if isinstance(event, StepDone)]
    checks = [event.loss for event in seen if isinstance(event, Validated)]
    return steps, checks, [event.score for event in seen if isinstance(event, ProbeScored)]


def both_ways(recipe: Recipe) -> None:
    """Stored features change no loss, no validation and no probe."""
    plain = set_up(recipe, quiet, Control())
    stored = features.cached(set_up(recipe, quiet, Control()), quiet, Control())
    assert isinstance(stored, FromFeatures)
    one, two = numbers(train(plain)), numbers(train(stored))
    assert len(one[0]) == 16
    assert all(a == pytest.approx(b, abs=1e-5) for a, b in zip(one, two, strict=True))
    assert abs(one[0][0] - one[0][-1]) > 1e-4  # something was learned


@pytest.mark.parametrize("family", families_for("classify"))
def test_losses_are_those_of_the_whole_model_in_every_family(family: str, tmp_path: Path) -> None:
    both_ways(feature_based(tmp_path, family))


@pytest.mark.parametrize(
    "head",
    [
        {"features": "mix"},
        {"pooling": "first"},
        {"pooling": "first", "features": "mix"},
        {"pooling": "max"},
        {"features": "0"},
        {"features": "embeddings", "pooling": "max", "hidden": 12},
    ],
    ids=lambda head: "-".join(map(str, head.values())),
)
def test_losses_are_those_of_the_whole_model_for_every_head_that_can(head: dict[str, object], tmp_path: Path) -> None:
    both_ways(feature_based(tmp_path, **head))


@pytest.mark.parametrize("head", [{"pooling": "attention"}, {"pooling": "max", "features": "mix"}, {"pooling": "own"}])
def test_a_head_that_needs_all_tokens_runs_the_whole_model_and_says_so(head: dict[str, object], tmp_path: Path) -> None:
    setup = set_up(feature_based(tmp_path, **head), quiet, Control())
    same = features.cached(setup, quiet, Control())
    assert same is setup
    assert same.notes[-1].endswith("So each step runs the whole model.")
    assert len(numbers(train(same))[0]) == 16


def test_other_methods_are_left_alone(tmp_path: Path) -> None:
    setup = set_up(tiny_recipe(tmp_path), quiet, Control())
    notes = setup.notes
    assert features.cached(setup, quiet, Control()) is setup
    assert setup.notes == notes


def test_a_sentence_says_how_many_rows_how_long_and_how_large(tmp_path: Path) -> None:
    setup = features.cached(set_up(feature_based(tmp_path), quiet, Control()), quiet, Control())
    assert setup.notes[-1] == "Stored the features of 80 rows: 1 s, 1 MB."
    assert [len(setup.train), len(setup.validation)] == [64, 16]


def test_the_features_of_each_row_are_its_own(tmp_path: Path) -> None:
    setup = set_up(feature_based(tmp_path, features="mix"), quiet, Control())
    stored = features.store(setup, setup.train, Control(), lambda done: None)
    rows = np.array([7, 3, 50])
    batch = setup.batch(setup.train, rows, np.random.default_rng(0))
    batch.pop("labels")
    with torch.no_grad():
        expected = features.head_of(setup.model.eval()).features(**batch).numpy()
    assert stored.features(rows).shape == (3, 4, 16)
    assert stored.features(rows) == pytest.approx(expected, abs=1e-5)
    some = stored.some(rows)
    assert isinstance(some, Featured)
    assert np.array_equal(some.features(np.arange(3)), stored.features(rows))
    assert some.labels is not None
    assert some.labels.tolist() == stored.labels[rows].tolist()


def test_storing_tells_how_far_it_is_can_be_stopped_and_leaves_no_file(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "ROWS", 8)
    setup, control = set_up(feature_based(tmp_path), quiet, Control()), Control()
    seen: list[Event] = []

    def stop_half_way(event: Event) -> None:
        if isinstance(event, Progress) and event.done == 40:
            control.stop()

    with pytest.raises(StopRequested):
        features.cached(setup, stop_half_way, control)
    assert [path.name for path in paths.cache_folder().iterdir()] == ["tables"]
    features.cached(setup, seen.append, Control())
    assert seen == [Progress("Storing the features", done, 80) for done in range(0, 80, 8)]


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = set_up(feature_based(tmp_path), quiet, Control())

    def full(dir: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(features.tempfile, "TemporaryFile", full)
    with pytest.raises(TlguiError, match="No space left on device"):
        features.cached(setup, quiet, Control())


def test_the_head_alone_changes(tmp_path: Path) -> None:
    setup = features.cached(set_up(feature_based(tmp_path), quiet, Control()), quiet, Control())
    before = setup.checksums()
    train(setup)
    assert {key for key, value in setup.checksums().items() if value != before[key]} == {"head"}


def test_a_run_tells_the_yardstick_before_its_first_step_and_keeps_a_whole_model(tmp_path: Path) -> None:
    seen: list[Event] = []
    ending = session.run(feature_based(tmp_path, features="mix"), tmp_path / "runs", seen.append, Control())
    history = History.of(seen)
    kinds = [type(event) for event in seen]
    assert kinds.index(Started) < kinds.index(BaselineScored) < kinds.index(StepDone) < kinds.index(Validated)
    assert history.baseline is not None
    assert any(note.text.startswith("Stored the features of 80 rows") for note in history.notes)
    kept = load_trained("classify", Path(ending.value.folder) / "model")  # type: ignore[union-attr]
    with torch.no_grad():
        shares = kept(**load_tokenizer(Path(kept.config.name_or_path))("w1 w20 w30", return_tensors="pt")).logits
    best = dict(history.probes[0])[history.best.step]  # type: ignore[union-attr]
    assert min(abs(float(share) - best) for share in shares.softmax(-1)[0]) < 1e-5


def test_a_recipe_can_do_without_the_yardstick(tmp_path: Path) -> None:
    seen: list[Event] = []
    session.run(feature_based(tmp_path, baseline=False), tmp_path / "runs", seen.append, Control())
    assert History.of(seen).baseline is None


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
@pytest.mark.parametrize("checkpoint_seconds", [0.0, 30.0])
def test_a_killed_run_goes_on_exactly_where_it_was(checkpoint_seconds: float, tmp_path: Path) -> None:
    whole, killed = killed_and_gone_on(feature_based(tmp_path, features="mix"), tmp_path, checkpoint_seconds)
    one, two = History.of(whole.events()), History.of(killed.events())
    assert one.losses.tolist() == two.losses.tolist()
    assert len(one.losses) == 16
    assert [(v.step, v.loss) for v in one.validations] == [(v.step, v.loss) for v in two.validations]
    assert one.probes == two.probes
    assert one.baseline is not None
    assert two.baseline is not None
    assert one.baseline.metrics == two.baseline.metrics
