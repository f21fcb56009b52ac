"""The model card: what was trained on what, and how well it does. Every figure is taken from the run."""

from __future__ import annotations

from pathlib import Path

from tlgui import __version__
from tlgui.core.facts import RunSummary
from tlgui.core.freeze import describe_keys
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.core.plan import duration
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder, cannot_write
from tlgui.core.transfer_words import after_sentences


def write_card(folder: RunFolder, summary: RunSummary) -> None:
    """Write `README.md` of a run.

    Raises:
        TlguiError: the disk is full.
    """
    try:
        folder.card.write_text(card(folder, summary), encoding="utf-8")
    except OSError as error:
        raise cannot_write(folder.path, error) from error


def card(folder: RunFolder, summary: RunSummary) -> str:
    """The card as Markdown."""
    ran, goal = folder.recipe(), GOALS[summary.task]
    history = History.of(folder.events())
    frozen = tuple(key for key in history.groups if key not in history.learns)
    lines = [
        f"# {summary.name}",
        "",
        f"{goal.title}: {goal.sentence} Trained with TLGUI {__version__}, starting from "
        f"{'random weights of the architecture of ' if ran.model.weights == 'scratch' else ''}`{ran.model.source}`.",
        "",
        "| | |",
        "|---|---|",
        f"| Data | {Path(ran.data.source).name or ran.data.source} |",
        f"| Learned | {describe_keys(history.learns)} |",
        f"| Frozen | {describe_keys(frozen) if frozen else 'nothing'} |",
        f"| Steps | {summary.step:,} of {summary.total:,}, batch {ran.train.batch_size} |",
        f"| Epochs planned | {ran.train.epochs} |",
        f"| Rate | {ran.train.learning_rate:g}, each group below × {ran.transfer.layer_decay:g} |",
        f"| Seed | {ran.train.seed} |",
        f"| Time training | {duration(summary.seconds)} |",
        *_checked(history, ran),
        "",
        "## Validation",
        "",
        "| step | loss | " + " | ".join(metric.title.lower() for metric in goal.metrics if metric.key != "loss") + " |",
        "|---|---|" + "---|" * sum(metric.key != "loss" for metric in goal.metrics),
    ]
    shown = [metric for metric in goal.metrics if metric.key != "loss"]
    for event in history.validations:
        figures = " | ".join(metric.show(event.metrics[metric.key]) for metric in shown)
        kept = " (kept)" if summary.kept_scored and event.step == summary.kept_step else ""
        lines.append(f"| {event.step:,}{kept} | {event.loss:.4f} | {figures} |")
    notes = [f"- step {note.step:,}: {note.text}" for note in history.notes]
    return "\n".join([*lines, "", "## What happened", "", *notes, ""])


def _checked(history: History, ran: Recipe) -> list[str]:
    """What was counted and compared after the run, each as a sentence."""
    return [line for text in after_sentences(history, ran) for line in ("", text)]
