"""The report of a run: one HTML file with its curves, readable without this program and without a network."""

from __future__ import annotations

import html
from collections.abc import Sequence

from tlgui.core import transfer_words
from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS, Metric
from tlgui.core.history import History
from tlgui.core.outlook import Outlook, outlook
from tlgui.core.plan import duration
from tlgui.core.runs import RunFolder, cannot_write
from tlgui.export import figures
from tlgui.export.figures import Series, Yardstick

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; color: #1b1e22; }
h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 2rem 0 .3rem }
table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top }
svg { width: 100%; height: auto } .dim { color: #565e68 }
th.right, td.right { text-align: right; font-variant-numeric: tabular-nums }
pre { background: #f6f7f9; padding: .8rem; overflow-x: auto }
"""


def write_report(folder: RunFolder, summary: RunSummary) -> None:
    """Write `report.html` of a run.

    Raises:
        TlguiError: the disk is full.
    """
    try:
        folder.report.write_text(report(folder, summary), encoding="utf-8")
    except OSError as error:
        raise cannot_write(folder.path, error) from error


def report(folder: RunFolder, summary: RunSummary) -> str:
    """The report as HTML."""
    goal, history, ran = GOALS[summary.task], History.of(folder.events()), folder.recipe()
    view = outlook(history, ran)
    best = goal.metric.show(summary.best) if summary.best is not None else "not scored"
    parts = [
        f"<h1>{html.escape(summary.name)}</h1>",
        f"<p>{html.escape(goal.title)}. {html.escape(goal.metric.title)} {best} at step {summary.best_step:,}; "
        f"{summary.step:,} of {summary.total:,} steps in {duration(summary.seconds)}.</p>",
        *(f"<p>{html.escape(text)}</p>" for text in transfer_words.after_sentences(history, ran)),
        _loss_plot(history, view),
    ]
    scored = history.validations[-1].metrics if history.validations else {}
    shown = [metric for metric in goal.metrics if metric.key != "loss" and metric.key in scored]
    parts += [_metric_plot(metric, history, view, goal.key) for metric in shown]
    parts.append(figures.heat_map("How far each group has moved", history, view))
    if history.mix is not None:
        parts.append(figures.bars("How the head mixes the layers", history.mix))
    rows = "".join(f"<tr><td class=dim>step {n.step:,}</td><td>{html.escape(n.text)}</td></tr>" for n in history.notes)
    recipe = html.escape(folder.recipe_file.read_text(encoding="utf-8"))
    parts += [_receipts(history), f"<h2>What happened</h2><table>{rows}</table>"]
    return page(summary.name, [*parts, f"<h2>Recipe</h2><pre>{recipe}</pre>"])


def page(title: str, parts: Sequence[str]) -> str:
    """A whole HTML file of some parts of it; needs nothing beside it."""
    head = f"<meta charset=utf-8><title>{html.escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _loss_plot(history: History, view: Outlook) -> str:
    steps = [float(step) for step in history.steps]
    return figures.plot(
        "Loss",
        (
            Series("training, each step", "#8CBBD9", list(zip(steps, history.losses.tolist(), strict=True))),
            Series("smoothed", "#0072B2", list(zip(steps, history.smoothed.tolist(), strict=True))),
            Series("validation", "#B94700", [(float(v.step), v.loss) for v in history.validations]),
        ),
        view,
    )


def _metric_plot(metric: Metric, history: History, view: Outlook, task: str) -> str:
    points = [(float(v.step), v.metrics[metric.key]) for v in history.validations if metric.key in v.metrics]
    compared = history.baseline.metrics.get(metric.key) if history.baseline else None
    yardstick = None
    if compared is not None:
        yardstick = Yardstick(transfer_words.baseline_words(metric.show(compared), task), compared)
    return figures.plot(metric.title, (Series("validation", "#007A5A", points),), view, yardstick)


def _receipts(history: History) -> str:
    """What the run did to each group, topmost first; empty without receipts."""
    receipts = transfer_words.ordered_receipts(history)
    if not receipts:
        return ""
    columns = transfer_words.RECEIPT_COLUMNS
    sides = ["", *[" class=right"] * (len(columns) - 1)]
    head = "".join(f"<th{side}>{name}</th>" for side, (name, _) in zip(sides, columns, strict=True))
    rows = [
        "".join(f"<td{side}>{html.escape(words(one))}</td>" for side, (_, words) in zip(sides, columns, strict=True))
        for one in receipts
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<h2>Receipts</h2><table class=receipts><tr>{head}</tr>{body}</table>"
