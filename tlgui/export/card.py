"""The model card: what was trained on what, and how well it does. Every figure is taken from the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tlgui import __version__
from tlgui.core.events import Why
from tlgui.core.facts import RunSummary
from tlgui.core.freeze import describe_keys
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.core.outlook import group_words
from tlgui.core.plan import duration
from tlgui.core.recipe import Recipe
from tlgui.core.run_words import batch_words
from tlgui.core.runs import RunFolder, cannot_write, plan_in_words
from tlgui.core.schedule import describe_schedule
from tlgui.core.transfer_words import RECEIPT_COLUMNS, after_sentences, ordered_receipts


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
    scored = history.validations[-1].metrics if history.validations else {}
    shown = [metric for metric in goal.metrics if metric.key != "loss" and metric.key in scored]
    learned = _learned(history)
    frozen = tuple(key for key in history.groups if key not in learned)
    lines = [
        f"# {summary.name}",
        "",
        f"{goal.title}: {goal.sentence} Trained with TLGUI {__version__}, starting from "
        f"{'random weights of the architecture of ' if ran.model.weights == 'scratch' else ''}`{ran.model.source}`.",
        "",
        "| | |",
        "|---|---|",
        f"| Data | {Path(ran.data.source).name or ran.data.source} |",
        f"| Plan | {_plan(ran, history)} |",
        f"| Learned | {describe_keys(learned) if learned else 'nothing'} |",
        f"| Frozen | {describe_keys(frozen) if frozen else 'nothing'} |",
        f"| Steps | {summary.step:,} of {summary.total:,}, {batch_words(ran)} |",
        f"| Epochs planned | {ran.train.epochs} |",
        f"| Rate | {ran.train.learning_rate:g}, each group below × {ran.transfer.layer_decay:g} |",
        f"| Seed | {ran.train.seed} |",
        f"| Time training | {duration(summary.seconds)} |",
        *_checked(history, ran),
        *_table("What learned when", ("From step", "Change", "Why"), _changes(history)),
        *_table("Every value, before and after", [name for name, _ in RECEIPT_COLUMNS], _receipts(history)),
        "",
        "## Validation",
        "",
        "| step | loss | " + " | ".join(metric.title.lower() for metric in shown) + " |",
        "|---|---|" + "---|" * len(shown),
    ]
    for event in history.validations:
        figures = " | ".join(metric.show(event.metrics[metric.key]) for metric in shown)
        kept = " (kept)" if summary.kept_scored and event.step == summary.kept_step else ""
        lines.append(f"| {event.step:,}{kept} | {event.loss:.4f} | {figures} |")
    notes = [f"- step {note.step:,}: {note.text}" for note in history.notes]
    return "\n".join([*lines, "", "## What happened", "", *notes, ""])


def _plan(ran: Recipe, history: History) -> str:
    try:
        return describe_schedule(ran, history.groups)
    except ValueError:  # a run of an earlier version, which did not say which groups there were
        return plan_in_words(ran)


def _learned(history: History) -> tuple[str, ...]:
    """Groups that learned at any time, as the receipts tell, or else those that learned last."""
    receipts = history.receipts
    found = tuple(
        key for key in history.groups if key in receipts and (receipts[key].learned or receipts[key].adapters)
    )
    return found or history.learns


def _changes(history: History) -> list[Sequence[str]]:
    """When groups began or ceased to learn."""
    rows: list[Sequence[str]] = []
    for change in history.changes:
        said = [
            f"{group_words(keys, history.lower)} {verb}"
            for keys, verb in ((change.thawed, "thawed"), (change.frozen, "frozen"))
            if keys
        ]
        back = f", the weights of step {change.back_to:,} put back" if change.back_to >= 0 else ""
        rows.append((f"{change.step + 1:,}", ", ".join(said) + back, WHY[change.why]))
    return rows


WHY: dict[Why, str] = {
    "planned": "as planned",
    "plateau": "validation had stalled",
    "worse": "it had made nothing better",
    "by hand": "by hand",
}


def _receipts(history: History) -> list[Sequence[str]]:
    return [tuple(words(receipt) for _, words in RECEIPT_COLUMNS) for receipt in ordered_receipts(history)]


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A section with a Markdown table; nothing without rows."""
    if not rows:
        return []
    lines = [f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows)]
    return ["", f"## {name}", "", *lines]


def _checked(history: History, ran: Recipe) -> list[str]:
    """What was counted and compared after the run, each as a sentence."""
    return [line for text in after_sentences(history, ran) for line in ("", text)]
