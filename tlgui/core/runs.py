"""Run folders: one a run, holding the recipe that ran, its events, checkpoints and the model it made.

Layout: `recipe.toml`, `events.jsonl` (append-only), `checkpoints/`, `model/`, `report.html`, `README.md`; while a run
is going, `running` holds the process id.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO

from tlgui.core import events, recipe
from tlgui.core.errors import TlguiError
from tlgui.core.facts import RunSummary
from tlgui.core.goals import GOALS
from tlgui.core.history import History
from tlgui.core.recipe import Recipe


class RunFolder:
    """Paths of one run, and its append-only event log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe_file = path / "recipe.toml"
        self.events_file = path / "events.jsonl"
        self.checkpoints = path / "checkpoints"
        self.model = path / "model"
        self.adapter = path / "adapter"
        self.report = path / "report.html"
        self.card = path / "README.md"
        self._running = path / "running"
        self._claimed = False
        self._log: TextIO | None = None
        """The event log, held open while the run is claimed: to open it at each event takes longer than to write."""

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
                return cls(runs / one)
        except OSError as error:
            raise cannot_write(runs, error) from error
        raise TlguiError(f"There is a run {name} in {runs} already.", "Choose another name, or resume that run.")

    def begin(self, ran: Recipe) -> None:
        """Write what is there before the first step; if that fails, nothing stays.

        Raises:
            TlguiError: the disk is full.
        """
        try:
            self.checkpoints.mkdir()
            self.recipe_file.write_text(recipe.dump(ran), encoding="utf-8")
        except OSError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            raise cannot_write(self.path, error) from error

    def record(self, ran: Recipe) -> None:
        """Put a recipe in place of the one that is there, whole or not at all.

        Raises:
            TlguiError: the disk is full.
        """
        partial = self.recipe_file.with_suffix(".partial")
        try:
            partial.write_text(recipe.dump(ran), encoding="utf-8")
            began = self.recipe_file.stat()
            os.utime(partial, ns=(began.st_atime_ns, began.st_mtime_ns))  # it tells when the run was started
            partial.replace(self.recipe_file)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise cannot_write(self.path, error) from error

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
            if self._log is None:
                self._log = self.events_file.open("a", encoding="utf-8")
            self._log.write(events.to_line(event) + "\n")
            self._log.flush()
        except OSError as error:
            self._close_log()
            raise cannot_write(self.path, error) from error
        if not self._claimed:
            self._close_log()

    def events(self) -> Iterator[events.RunEvent]:
        """What happened so far; a half-written last line is left out."""
        try:
            with self.events_file.open(encoding="utf-8", errors="replace") as log:
                for line in log:
                    try:
                        event = events.from_line(line)
                    except (ValueError, TypeError, AttributeError):
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
            raise self._busy()
        try:
            self._running.unlink(missing_ok=True)  # of a process that is gone
            with self._running.open("x", encoding="ascii") as owner:
                owner.write(_identity(os.getpid()))
            self._end_half_line()
            self._claimed = True
        except FileExistsError as error:
            raise self._busy() from error
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def delete(self) -> None:
        """Remove the run and all it made.

        Raises:
            TlguiError: a file cannot be removed, or another process is training it.
        """
        if self.is_running():
            raise self._busy()
        try:
            shutil.rmtree(self.path)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def release(self) -> None:
        """Undo `claim`; also when it was never claimed."""
        self._claimed = False
        self._close_log()
        self._running.unlink(missing_ok=True)

    def _close_log(self) -> None:
        if self._log is not None:
            with contextlib.suppress(OSError):  # what could not be written has been told already
                self._log.close()
            self._log = None

    def is_running(self) -> bool:
        """Whether a living process has claimed the run."""
        try:
            owner = self._running.read_text(encoding="ascii")
            return owner != _identity(os.getpid()) and owner == _identity(int(owner.split()[0]))
        except (OSError, ValueError, IndexError):
            return False

    def _busy(self) -> TlguiError:
        return TlguiError(f"The run {self.name} is being trained by another process.", "Stop it there first.")

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
        ran, history = self.recipe(), History.of(self.events())
        metric = GOALS[ran.task].metric.key
        status = "running" if self.is_running() else _STATUS.get(type(history.ending), "interrupted")
        # What an interrupted run did after its last checkpoint is done again.
        step = history.saved_step if status == "interrupted" else history.step
        best = history.best
        started = datetime.fromtimestamp(self.recipe_file.stat().st_mtime).isoformat(timespec="seconds")
        unmoved = [receipt for receipt in history.receipts.values() if not receipt.learned]
        return RunSummary(
            name=self.name,
            folder=str(self.path),
            status=status,  # type: ignore[arg-type]
            task=ran.task,
            model=ran.model.source,
            data=ran.data.source,
            plan=plan_in_words(ran),
            step=step,
            total=history.total,
            metric=metric,
            best=None if best is None else best.metrics.get(metric, best.loss),
            best_step=0 if best is None else best.step,
            kept_step=-1 if history.kept is None else history.kept.step,
            kept_scored=history.kept is not None and history.kept.scored,
            seconds=history.seconds,
            started=started,
            can_resume=status in ("stopped", "interrupted", "failed") and self.can_go_on(),
            has_model=(self.model / "config.json").exists(),
            frozen_values=sum(receipt.parameters for receipt in unmoved),
            frozen_changed=sum(receipt.changed for receipt in unmoved) if history.receipts else -1,
        )


def plan_in_words(ran: Recipe) -> str:
    """Which groups of a run learned, told without its model."""
    frozen = f"frozen: {', '.join(ran.transfer.frozen)}" if ran.transfer.frozen else "every group learns"
    words = {
        "feature-based": "features, new head",
        "gradual": "gradual" + (f", {frozen}" if ran.transfer.frozen else ""),
        "lora": f"LoRA of rank {ran.transfer.lora.rank}",
    }.get(ran.transfer.method, frozen)
    return f"{words}, from scratch" if ran.model.weights == "scratch" else words


_STATUS: dict[type, str] = {events.Finished: "finished", events.Stopped: "stopped", events.Failed: "failed"}


def find(runs: Path) -> list[RunSummary]:
    """Every readable run in a folder, newest first."""
    summaries = []
    try:
        paths = list(runs.iterdir()) if runs.is_dir() else []
    except OSError as error:
        raise TlguiError(f"{runs} cannot be read ({error.strerror}).", "Check who owns the folder.") from error
    for path in paths:
        with contextlib.suppress(TlguiError, OSError):  # a folder of somebody else's, or a damaged recipe
            if (path / "recipe.toml").exists():
                summaries.append(RunFolder(path).summary())
    return sorted(summaries, key=lambda run: run.started, reverse=True)


def to_resume(runs: Path, folder_name: str, wanted: Recipe) -> Path | None:
    """The run that is meant, if there is one: of that folder name, else the newest that began with the same recipe."""
    if folder_name:
        path = runs / folder_name
        return path if (path / "recipe.toml").exists() else None
    for run in find(runs):
        ran = RunFolder(Path(run.folder)).recipe()
        if run.status != "running" and _same_intention(ran, wanted):
            return Path(run.folder)
    return None


def _same_intention(ran: Recipe, wanted: Recipe) -> bool:
    """Whether a run's recipe is the wanted one, whatever was guessed or recorded since."""
    if not wanted.transfer.lora.matrices and set(ran.transfer.lora.matrices) >= _USUAL:
        ran = ran.edit("transfer.lora", matrices=())
    return _essence(ran) == _essence(wanted)


_USUAL = {"query", "value"}
"""What LoRA is put on where a recipe names no matrices; a family that computes others with them has those too."""


def _essence(ran: Recipe) -> tuple[object, ...]:
    head = ran.head.model_copy(update={"pooling": ran.pooling})
    return ran.name, ran.task, ran.model, ran.data.source, ran.transfer.model_copy(update={"changes": ()}), head


def _identity(process: int) -> str:
    """A process that a later one of the same number is not taken for."""
    import psutil  # the first paint does without it

    try:
        return f"{process} {psutil.Process(process).create_time()}"
    except psutil.Error as error:
        raise ProcessLookupError(process) from error


def cannot_write(path: Path, error: Exception) -> TlguiError:
    """The sentence for a full disk or a folder that cannot be written."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return TlguiError(f"{path} cannot be written ({reason}).", "Free some space or choose another folder.")
