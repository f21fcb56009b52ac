"""scikit-learn's linear models on the stored features: a quick yardstick for the head that is trained on them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tlgui.core.control import Control
from tlgui.core.events import BaselineScored, Emit, Note, Progress
from tlgui.core.goals import GOALS, Truth
from tlgui.core.transfer_words import YARDSTICKS, baseline_sentence
from tlgui.data.split import sample, split
from tlgui.train.devices import threads_for
from tlgui.train.features import Featured, FromFeatures

MOST_ROWS = 20_000
"""Rows it is fitted on; more make it slower and hardly better."""
STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Values that are tried of the inverse of the penalty on the weights."""
HELD = 0.2
"""Share of the training rows that the values are compared on."""
MOST_ITERATIONS = 1000
ABSENT = -1e9
"""Logit of a class that is in no training row."""
CHUNK = 5000
"""Validation rows that are scored at once."""
Fit = Callable[[np.ndarray, np.ndarray, float], Any]
"""Of vectors, labels and the inverse of the penalty."""


@dataclass(frozen=True)
class Yardstick:
    """How a model of scikit-learn is fitted, and what it says as the head would say it."""

    fitter: Callable[[int], Fit]
    """Given a number of threads; to import what it needs takes seconds."""
    loss: Callable[[Any, np.ndarray, np.ndarray], float]
    """Of a fitted model on vectors and labels."""
    outputs: Callable[[Any, np.ndarray, int], np.ndarray]
    """Of a fitted model for vectors: what as many outputs of the head would be, shape (rows, outputs)."""


def compare(setup: FromFeatures, emit: Emit, control: Control) -> None:
    """Fit, score on the validation rows with the goal's own metrics, and tell; nothing if all labels are alike.

    The features are standardised, those of a mix averaged over the layers first, as the mix itself begins. The penalty
    is chosen on a part of the training rows, then all of them are fitted.

    Raises:
        StopRequested: between two fits.
    """
    assert isinstance(setup.train, Featured)
    assert isinstance(setup.validation, Featured)
    truth = GOALS[setup.recipe.task].truth
    yardstick, labels = _YARDSTICKS[truth], _labels(setup.train)
    strata = labels if truth == "class" else None
    rows = sample(strata, MOST_ROWS, len(labels), setup.recipe.train.seed)
    if len(np.unique(labels[rows])) < 2:
        return
    emit(Progress(f"Fitting a {YARDSTICKS[truth].lower()}", 0, 0))
    fit, began = yardstick.fitter(threads_for(setup.recipe.train.threads)), time.perf_counter()
    x, y = _vectors(setup.train, rows), labels[rows]
    center, spread = x.mean(0), x.std(0) + 1e-6
    x = (x - center) / spread
    kept, held = split(None if strata is None else y, len(y), HELD, setup.recipe.train.seed)
    fitted = fit(x, y, _choose(fit, yardstick, (x, y), (kept, held), control))
    seconds = time.perf_counter() - began
    control.check()
    scorer = setup.task.scorer(setup.validation, setup.labels)
    for some in np.array_split(np.arange(len(setup.validation)), -(-len(setup.validation) // CHUNK)):
        outputs = yardstick.outputs(fitted, (_vectors(setup.validation, some) - center) / spread, len(setup.labels))
        scorer.add(torch.from_numpy(outputs), {"labels": torch.from_numpy(_labels(setup.validation)[some])})
    event = BaselineScored(0, scorer.scores().metrics, seconds, x.shape[1])
    emit(event)
    emit(Note(0, f"{baseline_sentence(event, setup.recipe.task)[:-1]}, fitted in {seconds:.1f} s."))


def _vectors(part: Featured, rows: np.ndarray) -> np.ndarray:
    return np.asarray(part.features(rows).mean(1), dtype=np.float64)


def _choose(
    fit: Fit,
    yardstick: Yardstick,
    data: tuple[np.ndarray, np.ndarray],
    parts: tuple[np.ndarray, np.ndarray],
    control: Control,
) -> float:
    """The value with the lowest loss on rows that it was not fitted on; the lowest value if there is no row to spare.

    Args:
        data: Vectors and labels.
        parts: Rows to fit, and rows to compare on.
    """
    (x, y), (kept, held) = data, parts
    if not len(held):
        return STRENGTHS[0]
    losses = {}
    for strength in STRENGTHS:
        control.check()
        losses[strength] = yardstick.loss(fit(x[kept], y[kept], strength), x[held], y[held])
    return min(losses, key=losses.__getitem__)


def _logistic(threads: int) -> Fit:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    def fit(x: np.ndarray, y: np.ndarray, strength: float) -> Any:
        with threadpool_limits(threads), warnings.catch_warnings():
            # Where the classes can be told apart without a mistake, the last digits of the weights never settle.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return LogisticRegression(C=strength, max_iter=MOST_ITERATIONS).fit(x, y)

    return fit


def _class_loss(fitted: Any, x: np.ndarray, y: np.ndarray) -> float:
    truth = np.searchsorted(fitted.classes_, y)
    return float(-fitted.predict_log_proba(x)[np.arange(len(y)), truth].mean())


def _logits(fitted: Any, x: np.ndarray, classes: int) -> np.ndarray:
    """Logarithms of the shares."""
    logits = np.full((len(x), classes), ABSENT)
    logits[:, fitted.classes_] = fitted.predict_log_proba(x)
    return logits


def _ridge(threads: int) -> Fit:
    from sklearn.linear_model import Ridge
    from threadpoolctl import threadpool_limits

    def fit(x: np.ndarray, y: np.ndarray, strength: float) -> Any:
        with threadpool_limits(threads):
            return Ridge(alpha=1 / strength).fit(x, y)

    return fit


def _squared_loss(fitted: Any, x: np.ndarray, y: np.ndarray) -> float:
    return float(((fitted.predict(x) - y) ** 2).mean())


def _places(fitted: Any, x: np.ndarray, outputs: int) -> np.ndarray:
    places: np.ndarray = fitted.predict(x)[:, None]
    return places


_YARDSTICKS: dict[Truth, Yardstick] = {
    "class": Yardstick(_logistic, _class_loss, _logits),
    "number": Yardstick(_ridge, _squared_loss, _places),
}
"""By what the labels are."""


def _labels(part: Featured) -> np.ndarray:
    assert part.labels is not None, "features feed a head that learns labels"
    return part.labels
