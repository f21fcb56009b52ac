"""From a recipe to rows that are checked, chosen and split: what training and the Data page have in common."""

from __future__ import annotations

from dataclasses import dataclass, field

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.facts import DataProblem
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.data import checks, split
from tlgui.data.checks import RowCheck, SplitCheck
from tlgui.data.roles import Roles, decide, missing
from tlgui.data.rows import Rows, read_rows, sorted_labels
from tlgui.data.sources import Source, open_source
from tlgui.data.tables import Table
from tlgui.data.watch import Watch


@dataclass
class Findings:
    """What the checks found, filled as they go."""

    leave_out: tuple[str, ...]
    problems: list[DataProblem] = field(default_factory=list)
    settled: list[DataProblem] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def record(self, check: RowCheck | SplitCheck, found: Rows, text: str, fix: str, done: str) -> None:
        """Keep what a check found; it is settled if the recipe leaves its kind out."""
        about = checks.problem(check, found, text, fix)
        if check.kind in self.leave_out:
            self.settled.append(about)
            self.notes.append(f"{about.text} {done}")
        else:
            self.problems.append(about)

    def drops(self, check: RowCheck | SplitCheck) -> bool:
        """Whether the rows concerned go. Rows that must not be trained on are not counted, settled or not."""
        return check.kind in self.leave_out or check.severity == "must"


@dataclass(frozen=True)
class Arranged:
    """A source as a recipe uses it; without rows on either side if its columns could not be told."""

    source: Source
    roles: Roles
    findings: Findings
    held_table: Table
    """Where the validation rows are; the source's own table unless they have a table of their own."""
    train: Rows | None = None
    held: Rows | None = None
    label_names: tuple[str, ...] = ()


def arrange(recipe: Recipe, emit: Emit, control: Control) -> Arranged:
    """Open, check, choose and split; the same result each time for the same recipe and files.

    Raises:
        TlguiError: a source cannot be read, or `leave_out` names no kind of problem.
        StopRequested: between two blocks.
    """
    watch = Watch(emit, control)
    data = recipe.data
    if unknown := [kind for kind in data.leave_out if kind not in checks.SETTLEABLE]:
        raise TlguiError(
            f"“{unknown[0]}” in data.leave_out is no kind of problem.",
            f"The kinds are: {', '.join(checks.SETTLEABLE)}.",
        )
    source = open_source(data.source, data.reading, emit, control)
    held_table, held_name = source.held, source.held_name
    if isinstance(data.validation, str):
        second = open_source(data.validation, data.reading, emit, control)
        held_table, held_name = second.held or second.table, second.held_name or second.name
    needs_label = GOALS[recipe.task].needs_label
    roles = decide(source, recipe, needs_label)
    findings = Findings(data.leave_out, list(roles.problems), notes=_notes(source, recipe))
    columns = (*roles.text, *([roles.label] if roles.label else []))
    if held_table is not None:
        findings.problems += [missing(held_table, n, held_name) for n in columns if n not in held_table.names]
    if not roles.text or (needs_label and not roles.label) or _lacks(held_table, columns):
        return Arranged(source, roles, findings, held_table or source.table)

    rows = check_rows(read_rows(source.table, roles.text, roles.label, watch), findings)
    _check_whole(rows, findings)
    seed = recipe.train.seed
    labels = rows.labels if roles.label else None
    rows = rows.keep(split.sample(labels, data.rows, len(rows), seed))
    if held_table is not None:
        train = rows
        held = check_rows(read_rows(held_table, roles.text, roles.label, watch, held_name), findings)
    else:
        assert isinstance(data.validation, float)
        labels = rows.labels if roles.label else None
        train, held = (rows.keep(part) for part in split.split(labels, len(rows), data.validation, seed))
    train, held = _check_split(train, held, findings)
    names: tuple[str, ...] = ()
    if roles.label:
        there = [name for name, number in zip(train.label_names, train.counts(), strict=True) if number]
        names = sorted_labels(there, source.table.label_names.get(roles.label, ()))
        train, held = train.renamed(names), held.renamed(names)
    findings.problems.sort(key=lambda problem: problem.severity)  # "must" before "should"
    return Arranged(source, roles, findings, held_table or source.table, train, held, names)


def check_rows(rows: Rows, findings: Findings) -> Rows:
    """Run the row checks; returns the rows that stay."""
    for check in checks.ROW_CHECKS:
        if (check.needs_label and not rows.label_column) or (rows.file and not check.of_held):
            continue
        concerned = check.find(rows)
        if not concerned.any():
            findings.passed += [check.passed] if not rows.file else []
            continue
        found = rows.keep(concerned)
        findings.record(
            check, found, check.say(found, rows), check.fix if len(found) == 1 else check.fix_many, "Left out."
        )
        if findings.drops(check):
            rows = rows.keep(~concerned)
    return rows


def _check_whole(rows: Rows, findings: Findings) -> None:
    for check in checks.WHOLE_CHECKS:
        if check.needs_label and not rows.label_column:
            continue
        if text := check.say(rows):
            findings.problems.append(
                DataProblem(check.kind, check.severity, text, count=len(rows), column=rows.label_column)
            )
        elif check.passed:
            findings.passed.append(check.passed)


def _check_split(train: Rows, held: Rows, findings: Findings) -> tuple[Rows, Rows]:
    """Run the checks of one side against the other; returns both as they are used."""
    for check in checks.SPLIT_CHECKS:
        if check.needs_label and not train.label_column:
            continue
        concerned = check.find(train, held)
        if not concerned.any():
            findings.passed.append(check.passed)
            continue
        found = held.keep(concerned)
        fix, done = (check.fix_held, "Left out.") if held.file else (check.fix, "Moved to training.")
        findings.record(check, found, check.say(found), fix, done)
        if findings.drops(check):
            train, held = train if held.file else train.merged(found), held.keep(~concerned)
    if not len(held) and len(train) >= checks.FEWEST_ROWS:
        findings.problems.append(DataProblem("no-validation", "must", "No rows are left for validation."))
    return train, held


def _lacks(table: Table | None, columns: tuple[str, ...]) -> bool:
    return table is not None and not set(columns) <= set(table.names)


def _notes(source: Source, recipe: Recipe) -> list[str]:
    """What the source says about itself, unless a second source makes it untrue."""
    return [] if isinstance(recipe.data.validation, str) and source.held is not None else list(source.notes)
