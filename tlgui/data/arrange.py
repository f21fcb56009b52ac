"""From a recipe to rows that are checked, chosen and split: what training and the Data page have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

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
from tlgui.data.watch import Watch


@dataclass
class Findings:
    """What the checks found, filled as they go."""

    leave_out: tuple[str, ...]
    tolerance: float = 0.0
    """Share of rows with an unusable label that are left out unasked."""
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

    def tolerate(self, check: RowCheck, found: Rows, rows: Rows) -> bool:
        """Whether so few labels cannot be used that their rows go unasked; then there is a note of it."""
        if check.kind != checks.UNUSABLE or check.kind in self.leave_out or len(found) > self.tolerance * len(rows):
            return False
        about = checks.problem(check, found, check.say(found, rows), check.fix)
        self.problems.append(replace(about, severity="should"))
        self.notes.append(f"{about.text} Left out, as at most {self.tolerance:.1%} may be.".replace("%", " %"))
        return True

    def drops(self, check: RowCheck | SplitCheck) -> bool:
        """Whether the rows concerned go. Rows that must not be trained on are not counted, settled or not."""
        return check.kind in self.leave_out or check.severity == "must"


@dataclass(frozen=True)
class Arranged:
    """A source as a recipe uses it; without rows on either side if its columns could not be told."""

    source: Source
    roles: Roles
    findings: Findings
    train: Rows | None = None
    held: Rows | None = None
    """Of `source.held` if it has such a table, else of `source.table`. Labels have the same ids on both sides."""


def arrange(recipe: Recipe, emit: Emit, control: Control) -> Arranged:
    """Open, check, choose and split; the same result each time for the same recipe and files.

    Raises:
        TlguiError: a source cannot be read, or `leave_out` names no kind of problem.
        StopRequested: between two blocks.
    """
    _refuse_unknown(recipe.data.leave_out)
    watch = Watch(emit, control)
    source = _open(recipe, emit, control)
    truth = GOALS[recipe.task].truth
    needs_label = bool(truth)
    roles = decide(source, recipe, needs_label)
    findings = Findings(
        recipe.data.leave_out, recipe.data.tolerance, problems=list(roles.problems), notes=list(source.notes)
    )
    columns = (*roles.text, *([roles.label] if roles.label else []))
    absent = [name for name in columns if source.held is not None and name not in source.held.names]
    if source.held is not None:
        findings.problems += [missing(source.held, name, source.held_name) for name in absent]
    if absent or not roles.text or (needs_label and not roles.label):
        return Arranged(source, roles, findings)

    rows = check_rows(read_rows(source.table, roles.text, roles.label, watch, truth=truth), findings)
    _check_whole(rows, findings)
    if 0 < recipe.data.rows < len(rows):
        rows = rows.keep(_chosen(rows, recipe))
    if source.held is not None:
        train, held = rows, read_rows(source.held, roles.text, roles.label, watch, source.held_name, truth)
        held = check_rows(held, findings)
    else:
        train, held = _cut(rows, recipe, source)
    train, held = _check_split(train, held, findings)
    if truth == "class":
        train, held = _with_ids(train, held, source.table.label_names.get(roles.label, ()))
    findings.problems.sort(key=lambda problem: problem.severity)  # "must" before "should"
    return Arranged(source, roles, findings, train, held)


def _refuse_unknown(kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        if kind not in checks.SETTLEABLE:
            raise TlguiError(
                f"“{kind}” in data.leave_out is no kind of problem.", f"The kinds are: {', '.join(checks.SETTLEABLE)}."
            )


def _open(recipe: Recipe, emit: Emit, control: Control) -> Source:
    """The source with the rows for validation that are not a share of its own: the recipe's second source, if any."""
    data = recipe.data
    source = open_source(data.source, recipe.reading, emit, control)
    if not isinstance(data.validation, str):
        return source
    second = open_source(data.validation, recipe.reading, emit, control)
    notes = () if source.held is not None else source.notes  # they would say that the source's own rows are used
    return replace(source, held=second.held or second.table, held_name=second.held_name or second.name, notes=notes)


def _strata(rows: Rows) -> np.ndarray | None:
    return rows.labels if rows.truth == "class" else None


def _chosen(rows: Rows, recipe: Recipe) -> np.ndarray:
    """Positions of the rows that the recipe's number of rows asks for: the first ones where their order counts."""
    wanted = recipe.data.rows
    if GOALS[recipe.task].reads_documents:
        return np.arange(wanted)
    return split.sample(_strata(rows), wanted, len(rows), recipe.train.seed)


def _cut(rows: Rows, recipe: Recipe, source: Source) -> tuple[Rows, Rows]:
    assert isinstance(recipe.data.validation, float)
    if GOALS[recipe.task].reads_documents:
        at = split.end_of_document(source.table.documents(rows.indices), recipe.data.validation)
        return rows.keep(np.arange(at)), rows.keep(np.arange(at, len(rows)))
    train, held = split.split(_strata(rows), len(rows), recipe.data.validation, recipe.train.seed)
    return rows.keep(train), rows.keep(held)


def _with_ids(train: Rows, held: Rows, official: Sequence[str]) -> tuple[Rows, Rows]:
    """Number the labels that can be learned; both sides then have the same label names."""
    there = [name for name, number in zip(train.label_names, train.counts(), strict=True) if number]
    names = sorted_labels(there, official)
    return train.renamed(names), held.renamed(names)


def check_rows(rows: Rows, findings: Findings) -> Rows:
    """Run the row checks; returns the rows that stay."""
    for check in checks.ROW_CHECKS:
        if not checks.concerns(check, rows) or (rows.file and not check.of_held):
            continue
        concerned = check.find(rows)
        if not concerned.any():
            findings.passed += [check.passed] if not rows.file else []
            continue
        found = rows.keep(concerned)
        if not findings.tolerate(check, found, rows):
            fix = check.fix if len(found) == 1 else check.fix_many
            findings.record(check, found, check.say(found, rows), fix, "Left out.")
        if findings.drops(check):
            rows = rows.keep(~concerned)
    return rows


def _check_whole(rows: Rows, findings: Findings) -> None:
    for check in checks.WHOLE_CHECKS:
        if not checks.concerns(check, rows):
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
        if not checks.concerns(check, train):
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
