"""The command line: one row a command; results on stdout, progress on stderr.

Exit codes: 0 done, 1 a fault of ours, 2 the user's input (nothing is written), 130 stopped.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import locale
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tlgui import __version__
from tlgui.core import installation, paths
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Stopped

DONE, OUR_FAULT, USER_INPUT, STOPPED = 0, 1, 2, 130


@dataclass(frozen=True)
class Answer:
    """What a command found: an object for programs and lines for people."""

    value: Any
    lines: Sequence[str]
    code: int = DONE


@dataclass(frozen=True)
class Command:
    """One row of the table of commands."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Emit, Control], Answer]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, or the window if none is named; returns the exit code."""
    _prepare_streams()
    args = make_parser().parse_args(argv)
    if args.command is None:
        return _open_window(args)
    command = next(c for c in COMMANDS if c.name == args.command)
    from tlgui.progress import Terminal

    control = Control()
    terminal = Terminal(sys.stderr)
    try:
        installation.check_version()
        with stopping_on_signals(control):
            answer = command.run(args, terminal.show, control)
    except TlguiError as error:
        return _tell_failure(args, terminal, USER_INPUT, error.title, error.hint)
    except (StopRequested, KeyboardInterrupt):
        return _tell_failure(args, terminal, STOPPED, "Stopped.", "")
    except Exception as error:  # noqa: BLE001 - the last place that can tell the user
        traceback.print_exc()
        return _tell_failure(args, terminal, OUR_FAULT, f"Unexpected {type(error).__name__}: {error}", "Report this.")
    terminal.close()
    try:
        print(json.dumps(plain(answer.value)) if args.json else "\n".join(answer.lines), flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _tell_failure(args, terminal, OUR_FAULT, f"The output cannot be written ({error.strerror}).", "")
    return answer.code


def window() -> int:
    """Entry point of the program without a console; its one argument is a recipe, as a file manager gives it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # Windows gives no streams to a program without a console
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for good
    words = sys.argv[1:]
    return main(["--open", *words] if words and not words[0].startswith("-") else words)


def _prepare_streams() -> None:
    """Make sure that printing never fails: a terminal that cannot show a letter shows a question mark.

    A frozen build speaks UTF-8 whatever the locale; files and pipes are given that, a terminal what it can show.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = locale.getencoding() if stream.isatty() else stream.encoding
            stream.reconfigure(encoding=encoding, errors="replace")


def make_parser() -> argparse.ArgumentParser:
    """The parser for every command of the table."""
    parser = argparse.ArgumentParser(
        prog="tlgui", description="Transfer learning in NLP. Without a command: the window."
    )
    parser.add_argument("--version", action="version", version=f"tlgui {__version__}")
    parser.add_argument("--smoke-test", metavar="DIR", type=Path, help="click through the window, one PNG a page")
    parser.add_argument("--open", metavar="RECIPE", help="a recipe file or sample:NAME to open in the window")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        one = commands.add_parser(command.name, help=command.summary, description=command.summary)
        one.add_argument("--json", action="store_true", help="print one JSON object")
        command.arguments(one)
    return parser


def plain(value: Any) -> Any:
    """Dataclasses, paths and tuples as what JSON has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value


@contextmanager
def stopping_on_signals(control: Control) -> Iterator[None]:
    """Let Ctrl-C and a polite kill stop the work between two steps; a second one ends the process."""

    def stop(number: int, frame: FrameType | None) -> None:
        control.stop()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_failure(args: argparse.Namespace, terminal: Any, code: int, title: str, hint: str) -> int:
    terminal.close()
    print(f"{title} {hint}".strip(), file=sys.stderr)
    if args.json:
        print(json.dumps({"error": {"title": title, "hint": hint}, "code": code}))
    return code


def _open_window(args: argparse.Namespace) -> int:
    from tlgui.ui import desktop

    try:
        installation.check_version()
        desktop.check()
        if args.smoke_test is not None:
            from tlgui.ui.smoke import run_smoke

            return run_smoke(args.smoke_test)
        from tlgui.ui.app import run_window

        return run_window(_recipe(args.open) if args.open else None)
    except TlguiError as error:
        print(f"{error.title} {error.hint}", file=sys.stderr)
        if not sys.stderr.isatty():
            desktop.tell(error.title, error.hint)
        return USER_INPUT


def _recipe(source: str) -> Any:
    """A recipe file, or the recipe of a sample."""
    from tlgui.core import recipe, samples

    if source.startswith("sample:"):
        return samples.find(source).recipe()
    return recipe.load(Path(source))


# --- commands -------------------------------------------------------------------------------------------------------


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a recipe file, a run folder with --resume, or sample:NAME")
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR", help="where run folders are made")
    parser.add_argument("--name", help="name of the run folder, exactly; else the recipe's name with a number")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run of that name from its last checkpoint"
    )


def _train(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.runs import RunFolder, to_resume
    from tlgui.train import session

    runs = args.runs or paths.runs()
    if args.resume and (Path(args.recipe) / "recipe.toml").exists():
        ending: Event = session.resume(Path(args.recipe), emit, control)
    else:
        recipe = _recipe(args.recipe)
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


def _fill_mask_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="[MASK] or braces around a word hide it")
    parser.add_argument("--model", default="starter", help="starter, a folder, a run folder or hub:NAME")
    parser.add_argument("--against", default="", metavar="MODEL", help="a second model to compare with")
    parser.add_argument("-k", type=int, default=5, help="guesses for each hidden word")


def _fill_mask(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.hidden_words import guess

    if args.k < 1:
        raise TlguiError("-k must be at least 1.", "Ask for one guess or more.")
    words = guess(args.text, args.model, args.against, args.k, emit, control)
    lines = []
    for number, word in enumerate(words, 1):
        lines.append(f"Hidden {number}" + (f" ({word.word})" if word.word else ""))
        width = max(len(g.word) for g in (*word.original, *word.adapted)) + 2
        columns = [[f"{g.word:<{width}}{g.share:>7.1%}" for g in guesses] for guesses in (word.original, word.adapted)]
        lines += [f"  {left}   {right}".rstrip() for left, right in _side_by_side(*columns)]
    return Answer({"text": args.text, "model": args.model, "against": args.against, "hidden": words}, lines)


def _side_by_side(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    return [(a, right[i] if i < len(right) else "") for i, a in enumerate(left)]


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the rows: any data source of a recipe")
    parser.add_argument("--model", required=True, help="a run folder or a model folder")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv")


def _predict(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.evaluation import predict

    rows = predict(args.file, args.model, args.out, emit, control)
    return Answer({"rows": rows, "out": args.out}, [f"{rows:,} rows written to {args.out}."])


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="labelled rows: any data source of a recipe")
    parser.add_argument("--model", required=True, help="a run folder or a model folder")


def _evaluate(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.evaluation import of_file

    found = of_file(args.file, args.model, emit, control)
    lines = [f"{found.rows:,} rows", *(f"{key}: {value:.4f}" for key, value in found.metrics.items())]
    if found.confusion:
        lines += ["", "rows: truth, columns: guess", "\t".join(["", *found.labels])]
        lines += ["\t".join([name, *map(str, row)]) for name, row in zip(found.labels, found.confusion, strict=True)]
    return Answer(found, lines)


def _layers_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="starter", help="starter, a folder or hub:NAME")
    parser.add_argument("--task", default="classify", help="the goal, which decides the head")


def _layers(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.freeze import title
    from tlgui.core.recipe import Recipe, require
    from tlgui.models.facts import look

    recipe = Recipe(task=args.task).edit("model", source=args.model).edit("data", source="-")
    require(recipe)
    facts = look(recipe, emit, control)
    lines = [f"{facts.name} ({facts.family}), bottom to top"]
    lines += [f"{title(g.key):<12}{g.parameters:>14,}{'  new' if g.new else ''}" for g in facts.groups]
    lines.append(f"{'':<12}{facts.parameters:>14,}")
    return Answer({**plain(facts), "parameters": facts.parameters}, lines)


def _check_data_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="any data source of a recipe")
    parser.add_argument("--task", default="classify", help="the goal the rows are for")


def _check_data(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
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


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """For a command that takes none of its own."""


def _runs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR")


def _runs(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.run_words import run_in_words
    from tlgui.core.runs import find

    folder = args.runs or paths.runs()
    found = find(folder)
    lines = [run_in_words(run) for run in found] or [f"No runs in {folder} yet."]
    return Answer({"folder": folder, "runs": found}, lines)


def _doctor(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.inspect.doctor import examine

    findings = examine()
    lines = [f"{'ok' if f.good else 'LACKS':<6} {f.what}: {f.found}{'' if f.good else '. ' + f.hint}" for f in findings]
    return Answer({"version": __version__, "findings": findings}, lines)


COMMANDS: tuple[Command, ...] = (
    Command("train", "train a recipe", _train_arguments, _train),
    Command("fill-mask", "guess hidden words", _fill_mask_arguments, _fill_mask),
    Command("predict", "label the rows of a file", _predict_arguments, _predict),
    Command("evaluate", "score a trained model on labelled rows", _evaluate_arguments, _evaluate),
    Command("layers", "list the groups of a model, bottom to top", _layers_arguments, _layers),
    Command("check-data", "look for problems in a file of texts", _check_data_arguments, _check_data),
    Command("runs", "list the runs", _runs_arguments, _runs),
    Command("doctor", "tell what this machine has and lacks", _no_arguments, _doctor),
)
