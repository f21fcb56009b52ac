"""Run folders: one a run, holding the recipe that ran, its events, checkpoints and the model it made.

Layout: `recipe.toml`, `events.jsonl` (append-only), `checkpoints/`, `model/`, `report.html`, `README.md`; while a run
is going, `running` holds the process id.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psutil

from tlgui.core import events, recipe
from tlgui.core.errors import TlguiError
from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe


class RunFolder:
    """Paths of one run, and its append-only event log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe_file = path / "recipe.toml"
        self.events_file = path / "events.jsonl"
        self.checkpoints = path / "checkpoints"
        self.model = path / "model"
        self.report = path / "report.html"
        self.card = path / "README.md"
        self._running = path / "running"

    @classmethod
    def create(cls, runs: Path, name: str, *, exact: bool = False) -> RunFolder:
        """Make a folder that did not exist before: `NAME-01`, `NAME-02`, …, or exactly `NAME`.

        Raises:
            TlguiError: the runs folder cannot be written, or the exact name is taken.
        """
        names = [name] if exact else (f"{name}-{number:02d}" for number in itertools.count(1))
        try:
            runs.mkdir(parents=True, exist_ok=True)
            for one in names:
                try:
                    (runs / one).mkdir()
                except FileExistsError:
                    continue
                (runs / one / "checkpoints").mkdir()
                return cls(runs / one)
        except OSError as error:
            raise cannot_write(runs, error) from error
        raise TlguiError(f"There is a run {name} in {runs} already.", "Choose another name, or resume that run.")

    @property
    def name(self) -> str:
        return self.path.name

    def recipe(self) -> Recipe:
        return recipe.load(self.recipe_file)

    def can_go_on(self) -> bool:
        """Whether there is a checkpoint to resume from."""
        return any(self.checkpoints.glob("last-*"))

    def append(self, event: events.RunEvent) -> None:
        """Add one line to the log; it is on its way to the disk when this returns.

        Raises:
            TlguiError: the disk is full or the folder cannot be written.
        """
        try:
            with self.events_file.open("a", encoding="utf-8") as log:
                log.write(events.to_line(event) + "\n")
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def events(self) -> Iterator[events.RunEvent]:
        """What happened so far; a half-written last line is left out."""
        try:
            with self.events_file.open(encoding="utf-8") as log:
                for line in log:
                    try:
                        event = events.from_line(line)
                    except (ValueError, TypeError):
                        continue
                    if event is not None:
                        yield event
        except FileNotFoundError:
            return

    def claim(self) -> None:
        """Mark the run as going in this process.

        Raises:
            TlguiError: another process is training it.
        """
        if self.is_running():
            raise TlguiError(f"The run {self.name} is already being trained.", "Stop it there first.")
        try:
            self._running.write_text(str(os.getpid()), encoding="ascii")
            self._end_half_line()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def delete(self) -> None:
        """Remove the run and all it made.

        Raises:
            TlguiError: a file cannot be removed.
        """
        try:
            shutil.rmtree(self.path)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def release(self) -> None:
        """Undo `claim`; also when it was never claimed."""
        self._running.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether a living process has claimed the run."""
        try:
            owner = int(self._running.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return False
        return owner != os.getpid() and psutil.pid_exists(owner)

    def _end_half_line(self) -> None:
        """A killed process may have left half a line; what follows must not be joined to it."""
        if self.events_file.exists() and not self.events_file.read_bytes().endswith(b"\n"):
            with self.events_file.open("a", encoding="utf-8") as log:
                log.write("\n")

    def summary(self) -> RunSummary:
        """The run in one line.

        Raises:
            TlguiError: the recipe cannot be read.
        """
        ran = self.recipe()
        step = total = best_step = 0
        best: float | None = None
        seconds, learns = 0.0, 0
        ending: events.RunEvent | None = None
        metric = GOALS[ran.task].metric.key
        for event in self.events():
            match event:
                case events.Started():
                    total, step, ending, learns = event.total, event.first_step, None, len(event.learns)
                case events.StepDone():
                    step, total, seconds = event.step, event.total, seconds + event.seconds
                case events.Validated(best=True):
                    best, best_step = event.metrics.get(metric, event.loss), event.step
                case events.Finished() | events.Stopped() | events.Failed():
                    ending = event
                case _:
                    pass
        if self.is_running():
            status = "running"
        else:
            kinds = {events.Finished: "finished", events.Stopped: "stopped", events.Failed: "failed"}
            status = kinds.get(type(ending), "interrupted")
        started = datetime.fromtimestamp(self.recipe_file.stat().st_ctime).isoformat(timespec="seconds")
        frozen = ", ".join(ran.transfer.frozen)
        return RunSummary(
            name=self.name,
            folder=str(self.path),
            status=status,  # type: ignore[arg-type]
            task=ran.task,
            model=ran.model.source,
            data=ran.data.source,
            plan=f"frozen: {frozen}"
            if frozen
            else f"every group learns ({learns})"
            if learns
            else "every group learns",
            step=step,
            total=total,
            metric=metric,
            best=best,
            best_step=best_step,
            seconds=seconds,
            started=started,
            can_resume=status in ("stopped", "interrupted", "failed") and self.can_go_on(),
            has_model=(self.model / "config.json").exists(),
        )


def find(runs: Path) -> list[RunSummary]:
    """Every readable run in a folder, newest first."""
    summaries = []
    for path in runs.iterdir() if runs.is_dir() else ():
        if (path / "recipe.toml").exists():
            try:
                summaries.append(RunFolder(path).summary())
            except TlguiError:
                continue
    return sorted(summaries, key=lambda run: run.started, reverse=True)


def to_resume(runs: Path, folder_name: str | None, recipe_name: str) -> Path | None:
    """The run that is meant, if there is one: of that folder name, else the newest of that recipe name."""
    if folder_name:
        path = runs / folder_name
        return path if (path / "recipe.toml").exists() else None
    found = (Path(run.folder) for run in find(runs) if run.can_resume)
    return next((path for path in found if RunFolder(path).recipe().name == recipe_name), None)


def cannot_write(path: Path, error: OSError) -> TlguiError:
    """The sentence for a full disk or a folder that cannot be written."""
    reason = error.strerror or type(error).__name__
    return TlguiError(f"{path} cannot be written ({reason}).", "Free some space or choose another folder.")
