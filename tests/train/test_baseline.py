"""Logistic regression on the stored features: a fair yardstick, told in numbers and a sentence."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import feature_based

from tlgui.core.control import Control, StopRequested
from tlgui.core.events import BaselineScored, Event, Note
from tlgui.core.recipe import Recipe
from tlgui.data.split import split
from tlgui.train import baseline, features
from tlgui.train.features import FromFeatures
from tlgui.train.setup import set_up


def quiet(event: Event) -> None:
    pass


def stored(recipe: Recipe) -> FromFeatures:
    setup = features.cached(set_up(recipe, quiet, Control()), quiet, Control())
    assert isinstance(setup, FromFeatures)
    return setup


def compare(setup: FromFeatures) -> tuple[BaselineScored, Note]:
    seen: list[Event] = []
    baseline.compare(setup, seen.append, Control())
    scored, note = seen[-2:]
    assert isinstance(scored, BaselineScored)
    assert isinstance(note, Note)
    return scored, note


@pytest.mark.parametrize("head", [{}, {"features": "mix"}, {"pooling": "max", "features": "1"}])
def test_a_yardstick_is_told_in_numbers_and_a_sentence(head: dict[str, str], tmp_path: Path) -> None:
    scored, note = compare(stored(feature_based(tmp_path, **head)))
    assert scored.dimensions == 16
    assert set(scored.metrics) == {"accuracy", "macro_f1", "f1", "matthews"}
    assert 0.7 <= scored.metrics["accuracy"] <= 1  # one of two words in each text gives its label away
    assert 0 < scored.seconds < 10
    shown = f"{scored.metrics['accuracy']:.1%}".replace("%", " %")
    assert note.text.startswith(f"Logistic regression on the same features: accuracy {shown}, macro F1 ")
    assert re.search(r", fitted in \d+\.\d s\.$", note.text)


def test_it_is_the_same_each_time(tmp_path: Path) -> None:
    one, two = (compare(stored(feature_based(tmp_path)))[0].metrics for _ in range(2))
    assert one == two


def test_it_agrees_with_scikit_learn_alone(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    setup = stored(feature_based(tmp_path, features="mix"))
    x, held = (
        part.features(np.arange(len(part))).mean(1)  # type: ignore[attr-defined]
        for part in (setup.train, setup.validation)
    )
    found = {
        make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000))
        .fit(x, setup.train.labels)
        .score(held, setup.validation.labels)
        for c in baseline.STRENGTHS
    }
    assert compare(setup)[0].metrics["accuracy"] in found


def test_the_penalty_is_chosen_by_rows_that_were_not_fitted(tmp_path: Path) -> None:
    random, fit = np.random.default_rng(0), baseline._logistic(1)
    y = np.arange(200) % 2
    noise = random.normal(size=(200, 60))
    signal = noise.copy()
    signal[:, 0] += 20 * y
    yardstick, parts = baseline._YARDSTICKS["class"], split(y, len(y), baseline.HELD, 0)
    chosen = [baseline._choose(fit, yardstick, (x, y), parts, Control()) for x in (noise, signal)]
    assert chosen == [min(baseline.STRENGTHS), max(baseline.STRENGTHS)]


def test_labels_that_training_lacks_are_no_obstacle_and_one_label_is_no_task(tmp_path: Path) -> None:
    setup = stored(feature_based(tmp_path))
    usual = compare(setup)[0].metrics["accuracy"]
    setup.labels = ("before", *setup.labels, "behind")
    for part in (setup.train, setup.validation):
        assert part.labels is not None
        part.labels[:] += 1
    assert compare(setup)[0].metrics["accuracy"] == usual
    setup.train.labels[:] = 1  # type: ignore[index]
    seen: list[Event] = []
    baseline.compare(setup, seen.append, Control())
    assert seen == []


def test_two_rows_are_fitted_too(tmp_path: Path) -> None:
    setup = stored(feature_based(tmp_path))
    labels = setup.train.labels
    assert labels is not None
    rows = np.array([int(np.flatnonzero(labels == label)[0]) for label in (0, 1)])
    setup.train = setup.train.some(rows)
    assert compare(setup)[0].dimensions == 16


def test_it_is_fitted_on_a_fair_sample_of_very_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST_ROWS", 20)
    setup, usual = stored(feature_based(tmp_path)), baseline._YARDSTICKS["class"]
    sizes: list[int] = []

    def counted(threads: int) -> baseline.Fit:
        fit = usual.fitter(threads)
        return lambda x, y, strength: sizes.append(len(x)) or fit(x, y, strength)

    monkeypatch.setitem(baseline._YARDSTICKS, "class", dataclasses.replace(usual, fitter=counted))
    monkeypatch.setattr(baseline, "CHUNK", 3)
    compare(setup)
    assert sizes == [16] * len(baseline.STRENGTHS) + [20]


def test_a_stop_comes_between_two_fits(tmp_path: Path) -> None:
    setup, control = stored(feature_based(tmp_path)), Control()
    control.stop()
    seen: list[Event] = []
    with pytest.raises(StopRequested):
        baseline.compare(setup, seen.append, control)
    assert not [event for event in seen if isinstance(event, BaselineScored)]
