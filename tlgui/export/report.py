"""The report of a run: one HTML file with its curves, readable without this program and without a network."""

from __future__ import annotations

import html
from collections.abc import Sequence

from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS, Metric
from tlgui.core.history import History
from tlgui.core.plan import duration
from tlgui.core.runs import RunFolder, cannot_write

WIDTH, HEIGHT, EDGE = 720, 240, 44
"""Of a plot, in the units of its view box."""
MOST_POINTS = 600

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; color: #1b1e22; }
h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 2rem 0 .3rem }
table { border-collapse: collapse } td, th { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top }
svg { width: 100%; height: auto } .dim { color: #565e68 }
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
    goal, history = GOALS[summary.task], History.of(folder.events())
    best = goal.metric.show(summary.best) if summary.best is not None else "not scored"
    steps = [float(s) for s in history.steps]
    validated = [(float(v.step), v.loss) for v in history.validations]
    loss = [("training, each step", "#8CBBD9", list(zip(steps, history.losses.tolist(), strict=True)))]
    loss.append(("smoothed", "#0072B2", list(zip(steps, history.smoothed.tolist(), strict=True))))
    loss.append(("validation", "#B94700", validated))
    parts = [
        f"<h1>{html.escape(summary.name)}</h1>",
        f"<p>{html.escape(goal.title)}. {html.escape(goal.metric.title)} {best} at step {summary.best_step:,}; "
        f"{summary.step:,} of {summary.total:,} steps in {duration(summary.seconds)}.</p>",
        _plot("Loss", loss, summary.total),
    ]
    parts += [_metric_plot(metric, history, summary.total) for metric in goal.metrics if metric.key != "loss"]
    rows = "".join(f"<tr><td class=dim>step {n.step:,}</td><td>{html.escape(n.text)}</td></tr>" for n in history.notes)
    recipe = html.escape(folder.recipe_file.read_text(encoding="utf-8"))
    parts += [f"<h2>What happened</h2><table>{rows}</table>", f"<h2>Recipe</h2><pre>{recipe}</pre>"]
    return page(summary.name, parts)


def page(title: str, parts: Sequence[str]) -> str:
    """A whole HTML file of some parts of it; needs nothing beside it."""
    head = f"<meta charset=utf-8><title>{html.escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _metric_plot(metric: Metric, history: History, total: int) -> str:
    points = [(float(v.step), v.metrics[metric.key]) for v in history.validations if metric.key in v.metrics]
    return _plot(metric.title, [("validation", "#007A5A", points)], total)


def _plot(title: str, series: Sequence[tuple[str, str, list[tuple[float, float]]]], total: int) -> str:
    values = [y for _, _, points in series for _, y in points]
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0

    def place(point: tuple[float, float]) -> str:
        x = EDGE + point[0] / max(1, total) * (WIDTH - 2 * EDGE)
        return f"{x:.1f},{HEIGHT - EDGE / 2 - (point[1] - low) / span * (HEIGHT - EDGE):.1f}"

    drawn, names = [], []
    for name, colour, points in series:
        thin = points[:: max(1, len(points) // MOST_POINTS)]
        drawn.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{" ".join(map(place, thin))}"/>'
        )
        names.append(f'<span style="color:{colour}">{html.escape(name)}</span>')
    ticks = "".join(
        f'<text x="{EDGE - 6}" y="{y + 4}" text-anchor="end" font-size="11">{value:.3g}</text>'
        for y, value in ((EDGE / 2, high), (HEIGHT - EDGE / 2, low))
    )
    frame = (
        f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{HEIGHT - EDGE / 2}" y2="{HEIGHT - EDGE / 2}" stroke="#7b838d"/>'
    )
    end = f'<text x="{WIDTH - EDGE}" y="{HEIGHT - 6}" text-anchor="end" font-size="11">step {total:,}</text>'
    inside = f"{frame}{ticks}{end}{''.join(drawn)}"
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">{inside}</svg>'
    return f"<h2>{html.escape(title)}</h2><div>{' · '.join(names)}</div>{svg}"
