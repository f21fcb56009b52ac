"""`tlgui train`: a recipe becomes a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tlgui.commands.base import DONE, STOPPED, Answer, recipe_of
from tlgui.core import launch, paths
from tlgui.core.control import Control, StopRequested
from tlgui.core.events import Emit, Event, Stopped
from tlgui.core.facts import RateSearch


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a recipe file, a run folder with --resume, or sample:NAME")
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR", help="where run folders are made")
    parser.add_argument("--name", help="name of the run folder, exactly; else the recipe's name with a number")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--resume", action="store_true", help="go on with the run of that name from its last checkpoint"
    )
    instead.add_argument(
        "--find-lr", action="store_true", help="look for a learning rate; nothing is trained or written"
    )


def train(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    if args.find_lr:
        return _find_rate(args, emit, control)
    from tlgui.core.runs import RunFolder
    from tlgui.train import session
    from tlgui.train.processes import joined

    with joined() as processes:
        runs = args.runs or paths.runs()
        earlier = processes.from_first(lambda: _earlier(args, runs))
        if earlier is None:
            name, recipe = args.name or "", recipe_of(args.recipe)
            ending: Event = session.run(recipe, runs, emit, control, exact_name=name, processes=processes)
        else:
            ending = session.resume(earlier, emit, control, processes)
    summary = getattr(ending, "value", None)
    if summary is None:
        raise StopRequested
    from tlgui.core.run_words import run_in_words

    lines = [run_in_words(summary), f"Folder: {summary.folder}", *_probe_lines(RunFolder(Path(summary.folder)))]
    return Answer(summary, lines, STOPPED if isinstance(ending, Stopped) else DONE)


def _earlier(args: argparse.Namespace, runs: Path) -> Path | None:
    """The run to go on with; None = a new one."""
    from tlgui.core.runs import to_resume

    if not args.resume:
        return None
    if (Path(args.recipe) / "recipe.toml").exists():
        return Path(args.recipe)
    return to_resume(runs, args.name or "", recipe_of(args.recipe))


def _find_rate(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    launch.require_alone("The search for a rate")
    from tlgui.train.find_rate import search

    found = search(recipe_of(args.recipe), emit, control)
    first = f"Suggested rate: {found.suggestion:.1e}. " if found.suggestion else ""
    return Answer(found, [f"{first}{found.why}", "", *_curve_lines(found)])


def _curve_lines(found: RateSearch) -> list[str]:
    """The smoothed loss at every fifth rate, a bar each; bars end where the loss is twice that of the start."""
    shown = list(zip(found.rates, found.smoothed, strict=True))[::5]
    most = 2 * found.smoothed[0] if shown else 1.0
    bars = ("#" * round(40 * min(loss / most, 1.0)) for _, loss in shown)
    lines = [f"{rate:>9.1e} {loss:>9.3f}  {bar}" for (rate, loss), bar in zip(shown, bars, strict=True)]
    return [f"{'rate':>9} {'loss':>9}", *lines]


def _probe_lines(folder: Any) -> list[str]:
    """The kept sentences before and after, as a table."""
    from tlgui.core.goals import GOALS
    from tlgui.core.history import History

    recipe, history = folder.recipe(), History.of(folder.events())
    scores = [history.probes.get(i) for i in range(len(recipe.probes))]
    if not any(scores):
        return []
    lines = ["", f"{'before':>8} {'after':>8}   kept sentence ({GOALS[recipe.task].probe_shows})"]
    best = history.best.step if history.best else 0
    for text, points in zip(recipe.probes, scores, strict=True):
        if points:
            after = next((score for step, score in points if step == best), points[-1][1])
            lines.append(f"{points[0][1]:>8.1%} {after:>8.1%}   {' / '.join(text.splitlines())}")
    return lines
