"""The race of strategies: a plain function of (spec, folder, emit, control) for window, terminal and tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tlgui.core.control import Control, StopRequested
from tlgui.core.events import Emit, Event, Finished, Partial, Stopped
from tlgui.core.plan import count
from tlgui.core.race import RaceReport, RaceSpec, strategy
from tlgui.studies.race_files import RaceFolder
from tlgui.studies.report import write_report
from tlgui.studies.standings import Key, Results, report
from tlgui.studies.track import Track, lay


def run(spec: RaceSpec, folder: Path, emit: Emit, control: Control) -> Event:
    """Run what the folder does not hold yet of a race; a run that is finished is on the disk.

    Returns:
        Finished(RaceReport), or Stopped(RaceReport) with what is done. `Partial` brings a report before each run.
    Raises:
        TlguiError: the user's input cannot be used, or the folder holds another race; nothing has been written.
        StopRequested: before the folder was made.
    """
    track = lay(spec, emit, control)
    race = RaceFolder(folder)
    race.begin(track.spec, track.found)
    try:
        return _go(track, race, emit, control)
    finally:
        race.release()


def report_of(folder: Path) -> RaceReport | None:
    """What a folder's race has found so far; None if there is no race in it.

    Raises:
        TlguiError: a file is damaged.
    """
    race = RaceFolder(folder)
    read = race.read()
    return None if read is None else report(Results(*read, race.records()), folder)


def _go(track: Track, race: RaceFolder, emit: Emit, control: Control) -> Event:
    results = Results(track.spec, track.found, race.records())
    ending: type[Finished] | type[Stopped] = Finished
    try:
        for key in [key for key in results.queue if key not in results.done]:
            emit(Partial(report(results, race.path, _words(key, track.spec.seeds))))
            control.check()
            record = track.run(key, emit, control)
            race.append(record)
            results = replace(results, records={**results.records, key: record})
    except StopRequested:
        ending = Stopped
    last = report(results, race.path)
    write_report(last, race.path)
    return ending(last)


def _words(key: Key, seeds: int) -> str:
    name, rows, seed = key
    return f"{strategy(name).title}, {count(rows, 'label')}" + (f", seed {seed + 1} of {seeds}" if seeds > 1 else "")
