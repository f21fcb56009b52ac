"""How a trained model does on labelled rows, and what it predicts for any rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import torch

from tlgui.core import randomness, recipe
from tlgui.core.answers import Evaluation, Mistake
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Progress
from tlgui.core.goals import GOALS
from tlgui.core.metrics import confusion, of_classes
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder, cannot_write
from tlgui.data.batches import fixed_batches
from tlgui.data.mixture import of_source
from tlgui.data.prepare import Part, prepare
from tlgui.data.whole import open_part
from tlgui.inspect import answers, generation, numbers, tags
from tlgui.inspect.classes import shares_of
from tlgui.inspect.shelf import Opened, open_classifier, open_for
from tlgui.models.folder import CONFIG
from tlgui.models.loading import goal_of, load_config
from tlgui.tasks.base import logits_of, to_device
from tlgui.tasks.table import TASKS

MISTAKES_KEPT = 200
ROWS_AT_ONCE = 512


def of_run(run: str, emit: Emit, control: Control) -> Evaluation:
    """Score a run's model on the run's own validation rows.

    Raises:
        TlguiError: the run has no model, or its data cannot be read any more.
    """
    ran = RunFolder(Path(run)).recipe()
    return _evaluate(prepare(ran, emit, control).validation, ran, run, emit, control)


def of_file(source: str, model: str, emit: Emit, control: Control) -> Evaluation:
    """Score a trained model on all rows of a source, with the columns of the model's own recipe where it has one."""
    ran = recipe_for(source, model)
    part = open_part(ran, _labels(ran, model, emit, control), emit, control)
    return _evaluate(part, ran, model, emit, control)


def predict(source: str, model: str, out: Path, emit: Emit, control: Control) -> int:
    """Write a CSV with row number, text and what the model says of it; returns the number of rows.

    Raises:
        TlguiError: the input cannot be read or the output not written; nothing half-written stays.
    """
    ran = recipe_for(source, model, needs_label=False)
    part = open_part(ran, None, emit, control)
    names, rows = PREDICTIONS.get(ran.task, _predict_classes)(part, ran, model, emit, control)
    partial = out
    try:
        with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=out.parent, delete=False) as file:
            partial = Path(file.name)
            writer = csv.writer(file)
            writer.writerow(["row", *part.text_columns, *names])
            for row, texts, cells in rows:
                writer.writerow([int(part.row_numbers[row]), *texts, *cells])
        partial.replace(out)
    except OSError as error:
        raise cannot_write(out, error) from error
    finally:
        if partial != out:
            partial.unlink(missing_ok=True)
    return len(part)


Predicted = tuple[Sequence[str], Iterator[tuple[int, Sequence[str], Sequence[str]]]]
"""Columns beside the texts; and of each row its position, its texts and its cells in those columns."""


def _predict_classes(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Predicted:
    """The likeliest class and the share of every class."""
    opened = open_classifier(model, emit, control)

    def predicted() -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
        for rows, texts, shares in _scored(opened, part, ran, emit, control):
            for row, text, share in zip(rows, texts, shares, strict=True):
                yield int(row), text, [opened.labels[share.argmax()], *(f"{s:.4f}" for s in share)]

    return ["label", *(f"share_{name}" for name in opened.labels)], predicted()


def _predict_answers(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Predicted:
    return answers.PREDICTED, answers.predictions(part, ran, model, emit, control)


PREDICTIONS: dict[str, Callable[[Part, Recipe, str, Emit, Control], Predicted]] = {
    "classify": _predict_classes,
    "regress": lambda *about: (numbers.PREDICTED, numbers.predictions(*about)),
    "answer": _predict_answers,
    "tag": lambda *about: (tags.PREDICTED, tags.predictions(*about)),
    "text-to-text": lambda *about: (generation.PREDICTED, generation.predictions(*about)),
}
"""By goal: how what a model says of rows is written to a table."""


def recipe_for(source: str, model: str, *, needs_label: bool = True) -> Recipe:
    """The recipe that reads another source as a model's run read its own."""
    base = RunFolder(Path(model)).recipe() if (Path(model) / "recipe.toml").exists() else Recipe(task=_goal_of(model))
    made = recipe.absolute(base.edit("data", source=source, rows=0, leave_out=()), Path.cwd())
    made = of_source(made, made.data.source)
    return made if needs_label else made.edit("data", label="")


def _goal_of(model: str) -> str:
    """What a model without a recipe was trained for; to classify, where that cannot be told."""
    folder = Path(model)
    return (goal_of(load_config(folder)) if (folder / CONFIG).exists() else "") or Recipe().task


def _labels(ran: Recipe, model: str, emit: Emit, control: Control) -> tuple[str, ...] | None:
    truth = GOALS[ran.task].truth
    return open_classifier(model, emit, control).labels if truth == "class" else () if truth else None


def _evaluate_classes(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    opened = open_classifier(model, emit, control)
    assert part.labels is not None
    guesses, mistakes = np.empty(len(part), dtype=np.int64), []
    for rows, texts, shares in _scored(opened, part, ran, emit, control):
        guesses[rows] = shares.argmax(axis=1)
        for row, text, share in zip(rows, texts, shares, strict=True):
            truth, guess = int(part.labels[row]), int(share.argmax())
            if truth != guess:
                names = opened.labels[truth], opened.labels[guess]
                mistakes.append(Mistake(int(part.row_numbers[row]), "\n".join(text), *names, float(share[guess])))
        mistakes = sorted(mistakes, key=lambda mistake: -mistake.share)[:MISTAKES_KEPT]
    counts = confusion(part.labels, guesses, len(opened.labels))
    return Evaluation(
        rows=len(part),
        metrics=of_classes(counts),
        labels=opened.labels,
        confusion=tuple(tuple(row) for row in counts.tolist()),
        mistakes=tuple(mistakes),
    )


@torch.no_grad()
def _evaluate_scores(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    """As a validation of the run would score the rows; where words are hidden, the same ones."""
    opened, task = open_for(ran.task, model, emit, control), TASKS[ran.task]
    encoded = task.encode(part, opened.tokenizer, ran, emit, control)
    scorer = task.scorer(encoded, opened.labels)
    for number, rows in enumerate(fixed_batches(encoded.lengths, ran.train.batch_size * 2)):
        control.check()
        batch = task.batch(
            encoded, rows, opened.tokenizer, ran, randomness.generator(ran.train.seed, "validation", number)
        )
        batch = to_device(batch, opened.model.device)
        scorer.add(logits_of(task, opened.model, batch), batch)
    return Evaluation(rows=len(part), metrics=scorer.scores().metrics)


def _evaluate_answers(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    """With the threshold of "no answer" that the run found on its own validation rows."""
    return _evaluate_scores(part, answers.settled(ran, model), model, emit, control)


EVALUATIONS = {
    "classify": _evaluate_classes,
    "regress": numbers.evaluate,
    "answer": _evaluate_answers,
    "tag": tags.evaluate,
    "text-to-text": generation.evaluate,
}
"""For goals with more to tell than a validation's scores."""


def _evaluate(part: Part, ran: Recipe, model: str, emit: Emit, control: Control) -> Evaluation:
    return EVALUATIONS.get(ran.task, _evaluate_scores)(part, ran, model, emit, control)


def _scored(
    opened: Opened, part: Part, ran: Recipe, emit: Emit, control: Control
) -> Iterator[tuple[np.ndarray, list[tuple[str, ...]], np.ndarray]]:
    """(row positions, their texts, class shares) for spans of a part, so that memory does not grow with the file."""
    for start in range(0, len(part), ROWS_AT_ONCE):
        emit(Progress("Scoring the rows", start, len(part)))
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(part)))
        texts = part.texts(rows)
        if not texts[0]:
            raise TlguiError("No column holds text.", "Name the text column in the recipe.")
        yield rows, texts, np.concatenate([shares for _, shares in shares_of(opened, texts, control)])
