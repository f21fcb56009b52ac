"""`tlgui race`: strategies of transfer compared on one data set."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tlgui.commands.base import DONE, STOPPED, Answer, recipe_of
from tlgui.core import paths
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Note, Partial, Progress, Stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a recipe file or sample:NAME; its transfer section is replaced")
    parser.add_argument(
        "--strategies",
        default="scratch,feature-based,top-2,everything",
        metavar="A,B",
        help="of scratch, feature-based, head, top-K, gradual, gradual-K, everything, lora",
    )
    parser.add_argument("--labels", default="50,200,all", metavar="N,N", help="labelled rows to learn from")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each; below 3 the spread is not known")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the race; what it holds is not run again")
    parser.add_argument("--score-rows", type=int, default=2000, metavar="N", help="rows that score a run; 0 = all")
    parser.add_argument("--least-steps", type=int, default=100, metavar="N", help="few rows are read more often")


def race(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.race import RaceSpec
    from tlgui.core.race_plan import base_of, folder_name
    from tlgui.core.race_words import read_labels
    from tlgui.studies.race import run

    try:
        labels = read_labels(args.labels)
    except ValueError as error:
        raise TlguiError(str(error), "Change --labels.") from error
    spec = RaceSpec(
        recipe=base_of(recipe_of(args.recipe)),
        strategies=tuple(key.strip() for key in args.strategies.split(",") if key.strip()),
        labels=labels,
        seeds=args.seeds,
        least_steps=args.least_steps,
        score_rows=args.score_rows,
    )
    folder = args.out or paths.home() / "races" / folder_name(spec)
    ending = run(spec, folder, _told(emit), control)
    report = getattr(ending, "value", None)
    if report is None:
        raise StopRequested
    return Answer(report, _lines(report), STOPPED if isinstance(ending, Stopped) else DONE)


def _told(emit: Emit) -> Emit:
    """Each run of the race as a sentence, and its steps as progress of its own."""
    from tlgui.core.race_words import left_words

    running = ""

    def tell(event: Event) -> None:
        nonlocal running
        if isinstance(event, Partial):
            report = event.value
            running = report.running
            emit(Note(0, f"{running}. Done: {left_words(report.done, report.total, report.seconds_left)}."))
        elif isinstance(event, Progress) and running:
            emit(Progress(running, event.done, event.total))
        else:
            emit(event)

    return tell


def _lines(report: object) -> list[str]:
    from tlgui.core.race import RaceReport
    from tlgui.core.race_words import ended_words, foot_note
    from tlgui.studies.report import table

    assert isinstance(report, RaceReport)
    lines = [*_aligned(table(report)), foot_note(report), ""]
    lines += [f"{verdict.claim}: {verdict.chip}. {verdict.text}" for verdict in report.verdicts]
    lines += [report.advice] if report.advice else []
    return [*lines, "", f"{ended_words(report)}. Report: {Path(report.folder) / 'report.html'}"]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of figures, the first one to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            f"{cell:<{width}}" if place == 0 else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
