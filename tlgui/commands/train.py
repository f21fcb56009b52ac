"""`tlgui train`: a recipe becomes a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tlgui.commands.base import DONE, STOPPED, Answer, recipe_of
from tlgui.core import paths
from tlgui.core.control import Control, StopRequested
from tlgui.core.events import Emit, Event, Stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a recipe file, a run folder with --resume, or sample:NAME")
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR", help="where run folders are made")
    parser.add_argument("--name", help="name of the run folder, exactly; else the recipe's name with a number")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run of that name from its last checkpoint"
    )


def train(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.runs import RunFolder, to_resume
    from tlgui.train import session

    runs = args.runs or paths.runs()
    if args.resume and (Path(args.recipe) / "recipe.toml").exists():
        ending: Event = session.resume(Path(args.recipe), emit, control)
    else:
        recipe = recipe_of(args.recipe)
        earlier = to_resume(runs, args.name or "", recipe) if args.resume else None
        if earlier is None:
            ending = session.run(recipe, runs, emit, control, exact_name=args.name or "")
        else:
            ending = session.resume(earlier, emit, control)
    summary = getattr(ending, "value", None)
    if summary is None:
        raise StopRequested
    from tlgui.core.run_words import run_in_words

    lines = [run_in_words(summary), f"Folder: {summary.folder}", *_probe_lines(RunFolder(Path(summary.folder)))]
    return Answer(summary, lines, STOPPED if isinstance(ending, Stopped) else DONE)


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
            lines.append(f"{points[0][1]:>8.1%} {after:>8.1%}   {text}")
    return lines
