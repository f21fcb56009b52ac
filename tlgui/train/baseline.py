"""scikit-learn's logistic regression on the stored features: a quick yardstick for the head that is trained on them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tlgui.core.control import Control
from tlgui.core.events import BaselineScored, Emit, Note, Progress
from tlgui.core.transfer_words import baseline_sentence
from tlgui.data.split import sample, split
from tlgui.train.devices import threads_for
from tlgui.train.features import Featured, FromFeatures

MOST_ROWS = 20_000
"""Rows it is fitted on; more make it slower and hardly better."""
STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Values of C, scikit-learn's inverse of the penalty on the weights, that are tried."""
HELD = 0.2
"""Share of the training rows that the values are compared on."""
MOST_ITERATIONS = 1000
ABSENT = -1e9
"""Logit of a class that is in no training row."""
CHUNK = 5000
"""Validation rows that are scored at once."""
Fit = Callable[[np.ndarray, np.ndarray, float], Any]
"""Of vectors, labels and C."""


def compare(setup: FromFeatures, emit: Emit, control: Control) -> None:
    """Fit, score on the validation rows with the goal's own metrics, and tell; nothing is told if there is one class.

    The features are standardised, those of a mix averaged over the layers first, as the mix itself begins. The penalty
    is chosen on a part of the training rows, then all of them are fitted.

    Raises:
        StopRequested: between two fits.
    """
    assert isinstance(setup.train, Featured)
    assert isinstance(setup.validation, Featured)
    labels = _labels(setup.train)
    rows = sample(labels, MOST_ROWS, len(labels), setup.recipe.train.seed)
    if len(np.unique(labels[rows])) < 2:
        return
    emit(Progress("Fitting a logistic regression", 0, 0))
    fit, began = _fitter(setup), time.perf_counter()
    x, y = _vectors(setup.train, rows), labels[rows]
    center, spread = x.mean(0), x.std(0) + 1e-6
    x = (x - center) / spread
    fitted = fit(x, y, _choose(fit, x, y, setup.recipe.train.seed, control))
    seconds = time.perf_counter() - began
    control.check()
    scorer = setup.task.scorer(setup.validation, setup.labels)
    for some in np.array_split(np.arange(len(setup.validation)), -(-len(setup.validation) // CHUNK)):
        logits = _logits(fitted, (_vectors(setup.validation, some) - center) / spread, len(setup.labels))
        scorer.add(torch.from_numpy(logits), {"labels": torch.from_numpy(_labels(setup.validation)[some])})
    event = BaselineScored(0, scorer.scores().metrics, seconds, x.shape[1])
    emit(event)
    emit(Note(0, f"{baseline_sentence(event, setup.recipe.task)[:-1]}, fitted in {seconds:.1f} s."))


def _vectors(part: Featured, rows: np.ndarray) -> np.ndarray:
    return np.asarray(part.features(rows).mean(1), dtype=np.float64)


def _choose(fit: Fit, x: np.ndarray, y: np.ndarray, seed: int, control: Control) -> float:
    """The C with the lowest loss on rows that it was not fitted on; the lowest C if there is no row to spare."""
    kept, held = split(y, len(y), HELD, seed)
    if not len(held):
        return STRENGTHS[0]
    losses = {}
    for strength in STRENGTHS:
        control.check()
        fitted = fit(x[kept], y[kept], strength)
        truth = np.searchsorted(fitted.classes_, y[held])
        losses[strength] = float(-fitted.predict_log_proba(x[held])[np.arange(len(held)), truth].mean())
    return min(losses, key=losses.__getitem__)


def _fitter(setup: FromFeatures) -> Fit:
    """scikit-learn's logistic regression, with the recipe's threads; it takes seconds to import."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    def fit(x: np.ndarray, y: np.ndarray, strength: float) -> Any:
        with threadpool_limits(threads_for(setup.recipe.train.threads)), warnings.catch_warnings():
            # Where the classes can be told apart without a mistake, the last digits of the weights never settle.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return LogisticRegression(C=strength, max_iter=MOST_ITERATIONS).fit(x, y)

    return fit


def _logits(fitted: Any, x: np.ndarray, classes: int) -> np.ndarray:
    """Logarithms of the shares, shape (rows, classes)."""
    logits = np.full((len(x), classes), ABSENT)
    logits[:, fitted.classes_] = fitted.predict_log_proba(x)
    return logits


def _labels(part: Featured) -> np.ndarray:
    assert part.labels is not None, "features feed a head that learns labels"
    return part.labels
