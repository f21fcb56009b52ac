"""`tlgui layers`, `check-data`, `runs` and `doctor`: what is there, without changing it."""

from __future__ import annotations

import argparse
from pathlib import Path

from tlgui import __version__
from tlgui.commands.base import DONE, USER_INPUT, Answer, plain
from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.events import Emit


def layers_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="starter", help="starter, a folder, hub:NAME or new:NAME")
    parser.add_argument("--task", default="classify", help="the goal, which decides the head")


def layers(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.freeze import title
    from tlgui.core.recipe import Recipe, require
    from tlgui.models.facts import look
    from tlgui.train.model_folder import rough_folder

    recipe = Recipe(task=args.task).edit("model", source=args.model).edit("data", source="-")
    require(recipe)
    facts = look(recipe, rough_folder(recipe, emit, control))
    lines = [f"{facts.name} ({facts.family}), bottom to top"]
    names = [title(group.key, facts.lower) for group in facts.groups]
    wide = max([11, *map(len, names)]) + 1
    rows = zip(names, facts.groups, strict=True)
    lines += [f"{name:<{wide}}{g.parameters:>14,}{'  new' if g.new else ''}" for name, g in rows]
    lines.append(f"{'':<{wide}}{facts.parameters:>14,}")
    return Answer({**plain(facts), "parameters": facts.parameters}, lines)


def check_data_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="any data source of a recipe")
    parser.add_argument("--task", default="classify", help="the goal the rows are for")


def check_data(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core import recipe as recipes
    from tlgui.core.recipe import Recipe
    from tlgui.data.checkup import look

    made = recipes.absolute(Recipe(task=args.task).edit("data", source=args.file), Path.cwd())
    recipes.require(made)
    facts = look(made, emit, control)
    lines = [f"{facts.name}: {facts.rows:,} rows, read as {facts.reading}"]
    lines += [f"  column {column.name}: {column.role}" for column in facts.columns]
    lines += [f"  label {name}: {count:,}" for name, count in facts.labels.items()]
    lines += [f"{'must be settled' if p.severity == 'must' else 'worth a look'}: {p.text}" for p in facts.problems]
    if not facts.problems:
        lines.append("No problems found.")
    value = {key: item for key, item in plain(facts).items() if key != "preview"}
    return Answer(value, lines, USER_INPUT if any(p.severity == "must" for p in facts.problems) else DONE)


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """For a command that takes none of its own."""


def runs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR")


def runs(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.run_words import run_in_words
    from tlgui.core.runs import find

    folder = args.runs or paths.runs()
    found = find(folder)
    lines = [run_in_words(run) for run in found] or [f"No runs in {folder} yet."]
    return Answer({"folder": folder, "runs": found}, lines)


def doctor(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.doctor import examine

    findings = examine()
    lines = [f"{'ok' if f.good else 'LACKS':<6} {f.what}: {f.found}{'' if f.good else '. ' + f.hint}" for f in findings]
    return Answer({"version": __version__, "findings": findings}, lines)
