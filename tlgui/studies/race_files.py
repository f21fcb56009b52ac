"""A race on disk: `race.toml` says what is compared, `cells.jsonl` has a line for each finished run.

Both are written whole or not at all, so a race that was killed at any place goes on with the runs that it lacks.
"""

from __future__ import annotations

import json
import os
import tomllib
import zlib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from tlgui.core import recipe as recipes
from tlgui.core.errors import TlguiError
from tlgui.core.race import ALL, Cell, RaceSpec
from tlgui.core.race_plan import base_of
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder, cannot_write

SCHEMA = 1
_BEFORE_ALL = {"race.partial", "running"}
"""What a process may leave that was killed before it had written `race.toml`."""


@dataclass(frozen=True)
class Found:
    """What the data and the model turned out to be."""

    rows: int
    """To learn from."""
    score_rows: int
    """That score every run."""
    fingerprint: str
    """Of the encoded texts, the labels and the pretrained weights."""
    keys: tuple[str, ...] = ()
    """The model's groups, bottom to top."""
    new: tuple[str, ...] = ()
    """Of these, the ones that start at random."""


@dataclass(frozen=True)
class Record:
    """One finished run, with what comparisons and estimates need of it."""

    cell: Cell
    right: np.ndarray
    """Whether each scoring row was answered rightly, bool, shape (score rows,)."""
    steps: int
    elapsed: float
    """Seconds with everything: opening the model and scoring too, but not the features that it shares."""
    training: float
    """Seconds of its steps alone."""
    shared: float = 0.0
    """Seconds of shared features that were computed while it ran."""
    baseline: float | None = None
    """Score of logistic regression on the same features, where there was one."""
    settings: str = ""
    """Checksum of the recipe that ran."""

    @property
    def key(self) -> tuple[str, int, int]:
        return self.cell.strategy, self.cell.labels, self.cell.seed


def settings_of(recipe: Recipe) -> str:
    """Checksum of what decides the result of a run; the number of threads and the name do not."""
    told = recipes.dump(recipe.edit("", name="race").edit("train", threads=0))
    return f"{zlib.crc32(told.encode()):08x}"


class RaceFolder:
    """The files of one race."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec_file = path / "race.toml"
        self.cells_file = path / "cells.jsonl"
        self.report = path / "report.html"
        self.results = path / "results.csv"
        self._owner = RunFolder(path)

    def begin(self, spec: RaceSpec, found: Found) -> None:
        """Claim the folder for this process and write what is compared; what earlier runs left there stays.

        Raises:
            TlguiError: the folder holds another race, is in use, or cannot be written.
        """
        earlier = self.read()
        if earlier is not None:
            self._require_same(spec, found, *earlier)
        elif self.path.is_dir() and any(file.name not in _BEFORE_ALL for file in self.path.iterdir()):
            raise TlguiError(f"The folder {self.path} holds something else.", "Choose an empty folder for the race.")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._owner.claim()
            _write_whole(self.spec_file, tomli_w.dumps(_values(spec, found)))
            self._drop_half_line()
        except OSError as error:
            self._owner.release()
            raise cannot_write(self.path, error) from error

    def release(self) -> None:
        """Let other processes go on with the race."""
        self._owner.release()

    def read(self) -> tuple[RaceSpec, Found] | None:
        """What the folder compares, or None if it holds no race.

        Raises:
            TlguiError: its file is damaged or from a newer version.
        """
        try:
            values = tomllib.loads(self.spec_file.read_text(encoding="utf-8"))
            if values["schema"] > SCHEMA:
                raise TlguiError(f"The race in {self.path} is from a newer version.", "Update TLGUI.")
            plain = {name: values[name] for name in ("seeds", "least_steps", "score_rows")}
            spec = RaceSpec(
                recipe=recipes.from_values(values["recipe"], where="The recipe of the race"),
                strategies=tuple(values["strategies"]),
                labels=tuple(ALL if wanted == "all" else int(wanted) for wanted in values["labels"]),
                **plain,
            )
            found = Found(**values["found"])
            return spec, replace(found, keys=tuple(found.keys), new=tuple(found.new))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise TlguiError(f"{self.path} cannot be read ({error.strerror}).", "Check who owns the folder.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise TlguiError(f"{self.spec_file} is damaged ({error}).", "Choose another folder.") from error

    def append(self, record: Record) -> None:
        """Add a finished run; it is on the disk when this returns.

        Raises:
            TlguiError: the disk is full or the folder cannot be written.
        """
        try:
            with self.cells_file.open("ab") as file:
                file.write(_line(record).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def records(self) -> dict[tuple[str, int, int], Record]:
        """Finished runs by strategy, labels and seed, the latest of each; a half-written line is left out."""
        try:
            lines = self.cells_file.read_bytes().split(b"\n")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise TlguiError(f"{self.path} cannot be read ({error.strerror}).", "Check who owns the folder.") from error
        return {record.key: record for record in map(_record, lines) if record is not None}

    def _require_same(self, spec: RaceSpec, found: Found, old_spec: RaceSpec, old: Found) -> None:
        if _essence(spec) != _essence(old_spec):
            raise TlguiError(
                f"The folder {self.path} holds a race with another recipe or other settings.",
                "Choose another folder, or the same recipe, least steps and scoring rows.",
            )
        if found != old:
            raise TlguiError(
                f"The model or the data of the race in {self.path} has changed, so its runs cannot be compared.",
                "Choose another folder and run all of it again.",
            )

    def _drop_half_line(self) -> None:
        """A killed process may have left half a line; what follows must not be joined to it."""
        if not self.cells_file.exists():
            return
        with self.cells_file.open("rb+") as file:
            whole = file.read().rfind(b"\n") + 1
            file.truncate(whole)


def _essence(spec: RaceSpec) -> RaceSpec:
    """What two races in one folder must share: all but how far they go."""
    recipe = base_of(spec.recipe).edit("", name="race", probes=()).edit("train", threads=0)
    return replace(spec, recipe=recipe, strategies=(), labels=(), seeds=1)


def _values(spec: RaceSpec, found: Found) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "strategies": list(spec.strategies),
        "labels": ["all" if wanted == ALL else wanted for wanted in spec.labels],
        "seeds": spec.seeds,
        "least_steps": spec.least_steps,
        "score_rows": spec.score_rows,
        "found": asdict(found),
        "recipe": tomllib.loads(recipes.dump(spec.recipe)),
    }


def _line(record: Record) -> str:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    values["cell"] = asdict(record.cell)
    values["right"] = np.packbits(record.right).tobytes().hex()
    return json.dumps({**values, "rows": len(record.right)}) + "\n"


def _record(line: bytes) -> Record | None:
    try:
        values = json.loads(line)
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(values.pop("right")), dtype=np.uint8))
        right = bits[: values.pop("rows")].astype(bool)
        return Record(**{**values, "cell": Cell(**values["cell"]), "right": right})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _write_whole(file: Path, text: str) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
