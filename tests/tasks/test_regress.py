"""The goal of numbers: places on a scale while learning, numbers to people, the figures that scipy gives."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from killed_runs import killed_and_gone_on
from scipy import stats
from tiny_runs import feature_based, loop_in_memory, tiny_numbers, tiny_recipe
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import BaselineScored, Event, Finished, Note, StepDone, Validated
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.data.prepare import prepare
from tlgui.inspect import evaluation, numbers
from tlgui.inspect.shelf import open_classifier, open_for
from tlgui.tasks.regress import NumberScorer, scale_name, scale_of
from tlgui.tasks.table import TASKS
from tlgui.train import baseline, session
from tlgui.train.features import FromFeatures, cached
from tlgui.train.loop import Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import set_up
from tlgui.train.store import Store

VALUES = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=40)


def scored(pairs: list[tuple[int, int]], low: float, high: float) -> dict[str, float]:
    """The figures of (truth, guess), handed over in two pieces and put together."""
    pieces = [NumberScorer(low, high) for _ in range(2)]
    for piece, some in zip(pieces, (pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]), strict=True):
        truth, guess = (torch.tensor([float(pair[i]) for pair in some]) for i in range(2))
        piece.add(guess[:, None], {"labels": truth})
    pieces[0].include(pieces[1])
    return dict(pieces[0].scores().metrics)


@given(pairs=VALUES)
def test_figures_are_those_of_scipy(pairs: list[tuple[int, int]]) -> None:
    truth, guess = np.array(pairs, dtype=float).T
    found = scored(pairs, 10.0, 30.0)
    assert found["mse"] == pytest.approx(np.mean((20 * guess - 20 * truth) ** 2))
    if np.ptp(truth) and np.ptp(guess):
        assert found["pearson"] == pytest.approx(stats.pearsonr(truth, guess).statistic, abs=1e-9)
        assert found["spearman"] == pytest.approx(stats.spearmanr(truth, guess).statistic, abs=1e-9)
    else:
        assert (found["pearson"], found["spearman"]) == (0.0, 0.0)


@pytest.mark.parametrize("scale", [(0.0, 5.0), (-1.5, 2.0), (0.1, 12.0), (0.0, 1e9)])
def test_a_scale_goes_through_the_name_of_an_output(scale: tuple[float, float]) -> None:
    assert scale_of(scale_name(scale)) == scale


def test_another_models_output_is_a_place() -> None:
    assert scale_of("LABEL_0") == (0.0, 1.0)


@pytest.mark.parametrize("given", [(), (0.0, 100.0)])
def test_labels_are_places_on_the_scale(given: tuple[float, ...], tmp_path: Path) -> None:
    setup = set_up(tiny_recipe(tmp_path, "regress").edit("data", scale=given), lambda event: None, Control())
    low, high = given or (10.0, 40.0)
    assert setup.recipe.data.scale == (low, high)
    assert setup.labels == (scale_name((low, high)),)
    assert setup.train.labels is not None
    assert sorted(set(setup.train.labels.tolist())) == pytest.approx(
        [(n - low) / (high - low) for n in (10, 20, 30, 40)]
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned to count w1."""
    folder = tmp_path_factory.mktemp("regress")
    recipe = tiny_recipe(folder, "regress", epochs=12, learning_rate=0.01, validations=1).edit("transfer", frozen=())
    ending = session.run(recipe, folder / "runs", lambda event: None, Control())
    assert isinstance(ending, Finished)
    assert ending.value.best > 0.7
    return Path(ending.value.folder)


def test_a_trained_model_opens_in_transformers_alone(run: Path) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(run / "model").eval()
    assert (model.config.num_labels, model.config.problem_type) == (1, "regression")
    assert model.config.id2label == {0: "10 to 40"}
    tokenizer = AutoTokenizer.from_pretrained(run / "model")
    inputs = tokenizer("w1 w1 w1 w50 w60", return_tensors="pt")
    with torch.no_grad():
        place = float(model(**inputs).logits[0, 0])
    (found,) = numbers.answer([("w1 w1 w1 w50 w60",)], str(run), Control())
    assert (found.lowest, found.highest) == (10.0, 40.0)
    assert found.number == pytest.approx(10 + 30 * place, abs=1e-4)
    assert 0 <= History.of(RunFolder(run).events()).probes[0][-1][1] <= 1


def test_evaluating_gives_the_figures_of_the_last_check(run: Path) -> None:
    found = evaluation.of_run(str(run), lambda event: None, Control())
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    assert dict(found.metrics) == pytest.approx(dict(best.metrics), abs=1e-4)
    offs = [mistake.share for mistake in found.mistakes]
    assert offs == sorted(offs, reverse=True)


def test_predictions_are_written_beside_the_texts(run: Path, tmp_path: Path) -> None:
    source, out = tiny_numbers(tmp_path / "more.csv", 20, seed=3), tmp_path / "out.csv"
    assert evaluation.predict(str(source), str(run), out, lambda event: None, Control()) == 20
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with source.open(encoding="utf-8", newline="") as file:
        truth = [float(row["score"]) for row in csv.DictReader(file)]
    assert list(rows[0]) == ["row", "text", "number"]
    assert np.corrcoef(truth, [float(row["number"]) for row in rows])[0, 1] > 0.5
    figures = evaluation.of_file(str(source), str(run), lambda event: None, Control()).metrics
    guess = [float(row["number"]) for row in rows]
    assert figures["pearson"] == pytest.approx(stats.pearsonr(truth, guess).statistic, abs=1e-4)


def test_a_model_for_numbers_is_no_classifier_and_the_other_way_round(run: Path, tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="was not trained to classify"):
        open_classifier(str(run), lambda event: None, Control())
    ending = session.run(tiny_recipe(tmp_path, epochs=1), tmp_path / "runs", lambda event: None, Control())
    assert isinstance(ending, Finished)
    with pytest.raises(TlguiError, match="was not trained to predict a number"):
        open_for("regress", ending.value.folder, lambda event: None, Control())


@pytest.mark.parametrize("head", [{}, {"features": "mix", "hidden": 6}, {"pooling": "max"}, {"pooling": "attention"}])
def test_a_frozen_encoder_feeds_the_head_stored_or_not(head: dict[str, object], tmp_path: Path) -> None:
    recipe = features_of_numbers(tmp_path, **head)
    seen: list[list[Event]] = [[], []]
    plain = loop_in_memory(recipe, seen[0].append)
    plain.run()
    setup = cached(set_up(recipe, lambda event: None, Control()), lambda event: None, Control())
    assert isinstance(setup, FromFeatures) == (head.get("pooling") != "attention")
    position = plain.position.__class__(learns=setup.plan.learning)
    optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
    Loop(setup, position, optimizer, Store(setup, position), seen[1].append, Control()).run()
    losses = [[e.loss for e in one if isinstance(e, (StepDone, Validated))] for one in seen]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert np.ptp(losses[0]) > 1e-3


def features_of_numbers(folder: Path, **head: object) -> Recipe:
    recipe = feature_based(folder, **head).edit("", task="regress")
    return recipe.edit("data", source=str(folder / "numbers.csv")).edit("train", epochs=3)


def test_a_run_over_stored_features_is_saved_and_told(tmp_path: Path) -> None:
    ending = session.run(features_of_numbers(tmp_path), tmp_path / "runs", lambda event: None, Control())
    assert isinstance(ending, Finished)
    folder = RunFolder(Path(ending.value.folder))
    assert any("Stored the features" in note.text for note in History.of(folder.events()).notes)
    assert "spearman correlation" in folder.card.read_text(encoding="utf-8")
    (found,) = numbers.answer([("w1 w20",)], str(folder.path), Control())
    assert np.isfinite(found.number)


def test_a_killed_run_goes_on_exactly(tmp_path: Path) -> None:
    whole, killed = killed_and_gone_on(tiny_recipe(tmp_path, "regress", validations=2), tmp_path, 0.0)
    one, two = (History.of(folder.events()) for folder in (whole, killed))
    assert one.losses.tolist() == two.losses.tolist()
    assert [v.metrics for v in one.validations] == [v.metrics for v in two.validations]
    weights = [(folder.model / "model.safetensors").read_bytes() for folder in (whole, killed)]
    assert weights[0] == weights[1]


def test_frozen_groups_are_kept_once_and_change_no_loss(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "regress").edit("transfer", frozen=("embeddings", "0", "1"))
    losses = []
    for prefix in ("off", "float32"):
        seen: list[Event] = []
        loop_in_memory(recipe.edit("cache", prefix=prefix), seen.append).run()
        losses.append([e.loss for e in seen if isinstance(e, (StepDone, Validated))])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_a_label_that_is_empty_is_named_when_a_file_is_scored(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("text,score\nw1 w2 w3,10\nw4 w5 w6,\n", encoding="utf-8")
    with pytest.raises(TlguiError, match=r"bad\.csv, row 2, column score: the label is empty"):
        evaluation.of_file(str(file), str(run), lambda event: None, Control())


def test_stsb_is_read_as_numbers(shared_data: Path) -> None:
    recipe = Recipe(task="regress").edit("data", source=f"glue:{shared_data}/glue/STS-B")
    found = prepare(recipe, lambda event: None, Control())
    assert found.scale == (0.0, 5.0)
    assert found.train.text_columns == ("sentence1", "sentence2")
    assert (found.label_column, found.label_names) == ("score", ())
    assert len(found.validation) > 1400
    assert TASKS["regress"].label_names(found) == ("0 to 5",)


def test_ridge_regression_is_the_yardstick_of_numbers(tmp_path: Path) -> None:
    from sklearn.linear_model import Ridge
    from sklearn.preprocessing import StandardScaler

    recipe = features_of_numbers(tmp_path)
    setup = cached(set_up(recipe, lambda event: None, Control()), lambda event: None, Control())
    assert isinstance(setup, FromFeatures)
    seen: list[Event] = []
    baseline.compare(setup, seen.append, Control())
    scored, note = seen[-2:]
    assert isinstance(scored, BaselineScored) and isinstance(note, Note)
    assert note.text.startswith("Ridge regression on the same features: spearman correlation ")
    x, held = (part.features(np.arange(len(part))).mean(1) for part in (setup.train, setup.validation))  # type: ignore[attr-defined]
    scaler = StandardScaler().fit(x)
    found = []
    for strength in baseline.STRENGTHS:
        fitted = Ridge(alpha=1 / strength).fit(scaler.transform(x), setup.train.labels)
        found.append(stats.spearmanr(setup.validation.labels, fitted.predict(scaler.transform(held))).statistic)
    assert min(abs(scored.metrics["spearman"] - one) for one in found) < 1e-3
