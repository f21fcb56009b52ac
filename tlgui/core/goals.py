"""What a person can do with texts, in plain words: one row a goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Truth = Literal["", "class", "number", "tags", "spans", "text"]
"""What the label column holds: nothing that is read, one class, a number, a tag a word, places in the text, a text."""


@dataclass(frozen=True)
class Metric:
    """A figure that says how good the predictions are."""

    key: str
    title: str
    percent: bool = True
    higher_is_better: bool = True

    def show(self, value: float) -> str:
        """The figure as people read it: "78.4 %" or "3.98"."""
        return f"{value:.1%}".replace("%", " %") if self.percent else f"{value:.2f}"


@dataclass(frozen=True)
class Goal:
    """One card of the Goal page, and the words that other pages use for it."""

    key: str
    """The recipe's `task`."""
    title: str
    short: str
    """For the plan line."""
    sentence: str
    example: str
    """An input; braces mark a hidden word."""
    answers: tuple[tuple[str, float], ...]
    """What a trained model would say of the example, with shares; an illustration, not a measurement."""
    does: str
    """What the model is trained to do, after "to"."""
    needs: str
    truth: Truth
    metrics: tuple[Metric, ...]
    """The first decides which weights are best and is the curve on the Train page."""
    probe_shows: str
    """What a probe's score is, for the caption of its curve."""
    hides_words: bool = False
    """Whether its kept sentences hide a word."""
    new_head: bool = False
    """Whether the goal puts a new head on the encoder, whose input and size can be chosen."""
    pretrained_head: bool = False
    """Whether the goal's head comes with pretrained models, which can then be tried before any training."""
    gives: str = ""
    """What the model puts out, where that is not one of the data's labels."""
    text_names: tuple[tuple[str, ...], ...] = ()
    """Names of columns that are this goal's text or texts if the table has them, likeliest first."""
    label_names: tuple[str, ...] = ()
    """Names of columns that are this goal's label if the table has one of them, likeliest first."""

    @property
    def needs_label(self) -> bool:
        return bool(self.truth)

    @property
    def metric(self) -> Metric:
        return self.metrics[0]

    @property
    def curve(self) -> Metric:
        """The figure that has a plot of its own beside the loss: the first share, since a loss is drawn already."""
        return next((metric for metric in self.metrics if metric.percent), self.metrics[0])


GOALS: dict[str, Goal] = {
    goal.key: goal
    for goal in (
        Goal(
            key="classify",
            title="Classify texts",
            short="Classify",
            sentence="Put each text into one of your classes.",
            example="The plot drags, the cast shines.",
            answers=(("positive", 0.81), ("negative", 0.19)),
            does="classify",
            needs="Needs a text and a label per row",
            truth="class",
            new_head=True,
            metrics=(Metric("accuracy", "Accuracy"), Metric("macro_f1", "Macro F1")),
            probe_shows="share for the class that is likeliest before training",
        ),
        Goal(
            key="mask",
            title="Learn from plain text",
            short="Masked words",
            sentence="Hide words and predict them. No labels.",
            example="The queen lays {eggs} in each cell.",
            answers=(("eggs", 0.61), ("honey", 0.08)),
            does="guess hidden words",
            needs="Needs texts only",
            truth="",
            metrics=(
                Metric("loss", "Validation loss", percent=False, higher_is_better=False),
                Metric("hits", "Hidden words guessed right"),
            ),
            probe_shows="share for the hidden word",
            hides_words=True,
            pretrained_head=True,
            gives="the hidden words",
        ),
    )
}


def metric_of(task: str, key: str) -> Metric:
    """The row of one metric of one goal."""
    return next(metric for metric in GOALS[task].metrics if metric.key == key)
