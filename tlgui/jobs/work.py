"""What the window asks of the backend: each function returns work for the one worker thread.

The backend, and torch with it, is imported inside the closures: never on the GUI thread, nor before the first paint.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tlgui.core.continuation import Drawing
from tlgui.core.control import Control
from tlgui.core.events import Emit, Event, Finished
from tlgui.core.facts import CostFacts, LengthFacts
from tlgui.core.race import RaceSpec
from tlgui.core.recipe import Recipe
from tlgui.jobs.worker import Work


def look_at_machine() -> Work:
    """Finished(Machine)."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.train.devices import machine

        return Finished(machine())

    return work


def list_models() -> Work:
    """Finished(tuple[ModelEntry, ...])."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.models.catalogue import entries

        return Finished(tuple(entries()))

    return work


def list_runs(runs: Path) -> Work:
    """Finished(tuple[RunSummary, ...]), newest first."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.core.runs import find

        return Finished(tuple(find(runs)))

    return work


def discard_run(folder: Path) -> Work:
    """Finished(None) once the run and all it made are deleted."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.core.runs import RunFolder

        RunFolder(folder).delete()
        return Finished()

    return work


def look_at_model(recipe: Recipe) -> Work:
    """Finished(ModelFacts); a model of the Hub is downloaded first, with Progress."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.models.facts import look
        from tlgui.train.model_folder import rough_folder

        return Finished(look(recipe, rough_folder(recipe, emit, control)))

    return work


def look_at_data(recipe: Recipe) -> Work:
    """Finished(DataFacts)."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.data.checkup import look

        return Finished(look(recipe, emit, control))

    return work


def measure_lengths(recipe: Recipe) -> Work:
    """Finished(LengthFacts) of a sample of the rows."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.train.measure import lengths

        return Finished(lengths(recipe, emit, control))

    return work


def measure_cost(recipe: Recipe, lengths: LengthFacts, train_rows: int, validation_rows: int) -> Work:
    """Finished(CostFacts) from a few timed steps."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.train.measure import cost

        facts: CostFacts = cost(recipe, lengths, train_rows, validation_rows, emit, control)
        return Finished(facts)

    return work


def train(recipe: Recipe, runs: Path, foretold: CostFacts | None = None) -> Work:
    """A new run: its events, then Finished or Stopped(RunSummary, or None if discarded).

    Args:
        foretold: What was measured beforehand; the run tells how far it was off.
    """

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect import shelf
        from tlgui.train.session import run

        shelf.clear()  # the run needs the memory
        return run(recipe, runs, emit, control, foretold=foretold)

    return work


def resume(folder: Path) -> Work:
    """A run goes on from its last checkpoint."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect import shelf
        from tlgui.train.session import resume as go_on

        shelf.clear()
        return go_on(folder, emit, control)

    return work


def find_rate(recipe: Recipe) -> Work:
    """Finished(RateSearch); Partial(RateSearch) as it goes. Nothing is written."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.train.find_rate import search

        return Finished(search(recipe, emit, control))

    return work


def race(spec: RaceSpec, folder: Path) -> Work:
    """Finished or Stopped(RaceReport); Partial(RaceReport) after each run. What the folder holds is not run again."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect import shelf
        from tlgui.studies.race import run

        shelf.clear()  # the race needs the memory
        return run(spec, folder, emit, control)

    return work


def open_race(folder: Path) -> Work:
    """Finished(RaceReport) of a race on disk, or Finished(None) if there is none in the folder."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.studies.race import report_of

        return Finished(report_of(folder))

    return work


def guess_hidden(text: str, original: str, adapted: str, top: int = 5) -> Work:
    """Finished(tuple[HiddenWord, ...]); braces in the text mark hidden words; `adapted` may be empty."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.hidden_words import guess

        return Finished(guess(text, original, adapted, top, emit, control))

    return work


def continue_text(prompt: str, models: Sequence[str], drawing: Drawing) -> Work:
    """Finished(tuple[Continuation, ...]), one a model; Partial of the same after each word."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.continuation import continue_text

        return Finished(continue_text(prompt, models, drawing, emit, control))

    return work


def write_texts(task: str, prefix: str, text: str, models: Sequence[str], most: int) -> Work:
    """Finished(tuple[str, ...]), what each model writes, at most so many tokens; Partial of the same as they write."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.generation import write_texts

        return Finished(write_texts(task, prefix, text, models, most, emit, control))

    return work


def next_words(prompt: str, original: str, adapted: str, top: int = 5) -> Work:
    """Finished(NextWords); `adapted` may be empty."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.continuation import next_words

        return Finished(next_words(prompt, original, adapted, top, emit, control))

    return work


def classify(texts: Sequence[tuple[str, ...]], adapted: str) -> Work:
    """Finished(tuple[ClassAnswer, ...]) of a trained classifier (a run folder)."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.classes import answer

        return Finished(answer(texts, adapted, control))

    return work


def predict_number(texts: Sequence[tuple[str, ...]], adapted: str) -> Work:
    """Finished(tuple[NumberAnswer, ...]) of a model that was trained to predict a number (a run folder)."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.numbers import answer

        return Finished(answer(texts, adapted, control))

    return work


def tell_order(first: str, second: str, original: str, adapted: str) -> Work:
    """Finished(OrderAnswer); `adapted` may be empty."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.order import tell

        return Finished(tell(first, second, original, adapted, emit, control))

    return work


def mark_names(text: str, adapted: str) -> Work:
    """Finished(TagAnswer) of a model that was trained to mark names (a run folder)."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.tags import answer

        return Finished(answer(text, adapted, control))

    return work


def find_answer(question: str, passage: str, adapted: str, top: int = 5) -> Work:
    """Finished(FoundAnswer) of a model that was trained to answer questions (a run folder)."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.answers import find

        return Finished(find(question, passage, adapted, control, top))

    return work


def evaluate(run: str) -> Work:
    """Finished(Evaluation) of a run's model on its own validation rows."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.inspect.evaluation import of_run

        return Finished(of_run(run, emit, control))

    return work


def export(run: str, folder: Path) -> Work:
    """Finished(Path): a copy of the run's model as a Hugging Face folder."""

    def work(emit: Emit, control: Control) -> Event:
        from tlgui.export.folder import export_folder

        return Finished(export_folder(Path(run), folder))

    return work
