"""What the Train page says, before, during and after a run."""

from __future__ import annotations

import pytest

from tlgui.core import run_words
from tlgui.core.board import epoch_steps
from tlgui.core.events import Failed, Finished, Started, StepDone, Stopped, Validated
from tlgui.core.facts import (
    ColumnFacts,
    CostFacts,
    DataFacts,
    DataProblem,
    GroupFacts,
    MemoryFacts,
    ModelFacts,
    RunSummary,
)
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.run_words import Blocker

MODEL = ModelFacts(
    "starter", "Starter BERT", "", "bert", 1, 8, 1, 64, 100, "WordPiece", "", "",
    (GroupFacts("embeddings", 1), GroupFacts("0", 1), GroupFacts("head", 1, new=True)),
)  # fmt: skip
MEMORY = MemoryFacts(450_000_000, 180_000_000, 40_000_000, 80_000_000, 150_000_000)


def data(*problems: DataProblem) -> DataFacts:
    columns = (ColumnFacts("text", "text"), ColumnFacts("label", "label"))
    return DataFacts("x.csv", "x.csv", 8530, columns, "", (), problems, (), train_rows=7677, validation_rows=853)


def recipe(**train: int) -> Recipe:
    return Recipe().edit("data", source="x.csv").edit("train", **train)


def history(steps: int, total: int = 1440, *, best: bool = True) -> History:
    events = [StepDone(i, total, 0.5, 1e-5, 0.05) for i in range(1, steps + 1)]
    check = Validated(steps, 0.5, {"accuracy": 0.784}, best=best)
    return History.of([Started("r", 0, total, 480, (), "accuracy"), *events, check])


def test_nothing_blocks_a_whole_recipe():
    assert run_words.blockers(recipe(), MODEL, data()) == ()


def test_each_blocker_names_its_page():
    wrong = recipe(epochs=0).edit("data", source="").edit("transfer", frozen=("0-9",))
    problem = DataProblem("empty-text", "must", "Row 212, column text: the text is empty.")
    failure = Failed("The folder is no model.", "Pick another.")
    found = run_words.blockers(wrong, MODEL, data(problem), model_failure=failure)
    assert found[0] == Blocker("data", "There is no data yet. Open a file or a sample.")
    assert Blocker("train", "Epochs must be a whole number from 1 to 100,000.") in found
    assert Blocker("model", "The folder is no model. Pick another.") in found
    assert Blocker("data", problem.text) in found
    assert found[-1].page == "layers"


def test_what_should_be_settled_does_not_block():
    assert not run_words.blockers(
        recipe(), MODEL, data(DataProblem("same-text", "should", "Rows 1 and 2 are the same."))
    )


def test_the_plan_before_and_after_the_cost_is_known():
    unknown = run_words.plan_sentence(recipe(), data(), None)
    assert unknown.startswith("3 epochs over 7,677 rows, checked 4 times an epoch on 853 rows kept aside.")
    known = run_words.plan_sentence(recipe(validations=1), data(), CostFacts(0.05, 0.1, 1440, MEMORY))
    assert "checked once an epoch" in known
    assert known.endswith("1,440 steps, about 1 min and 900 MB.")


def test_a_batch_is_rows_or_tokens():
    assert run_words.settings_words(recipe(batch_size=8)) == "3 epochs, batch 8, 128 tokens"
    assert run_words.settings_words(recipe(batch_tokens=4096)) == "3 epochs, batches of 4,096 tokens, 128 tokens"
    assert epoch_steps(recipe(batch_size=8), data()) == 960
    assert epoch_steps(recipe(batch_tokens=4096), data()) == 0


@pytest.mark.parametrize(
    ("steps", "words"), [(1, "Epoch 1 of 3"), (480, "Epoch 1 of 3"), (481, "Epoch 2 of 3"), (1440, "Epoch 3 of 3")]
)
def test_an_epoch_ends_with_its_last_step(steps, words):
    assert run_words.epoch_words(history(steps), 3) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(101, "1 min 41 s left"), (12.4, "12 s left"), (4000, "1 h 7 min left"), (0, "1 s left")]
)
def test_time_left(seconds, words):
    assert run_words.left_words(seconds) == words


def test_the_question_before_discarding_tells_what_is_lost():
    title, text = run_words.discard_question(recipe(), "reviews-03", history(612))
    assert title == "Discard the run reviews-03?"
    assert text == "612 steps and the weights at step 612 (78.4 %) are deleted. “Stop and keep” would save them."
    assert run_words.discard_question(recipe(), "r", history(1, best=False))[1].startswith("1 step is deleted.")


def summary(status: str, **changes: object) -> RunSummary:
    values: dict[str, object] = dict(  # noqa: C408
        name="reviews-03", folder="", status=status, task="classify", model="starter", data="x.csv", plan="", step=612,
        total=1440, metric="accuracy", best=0.784, best_step=600, seconds=540.0, started="", can_resume=True,
        has_model=True, kept_step=600, kept_scored=True,
    )  # fmt: skip
    return RunSummary(**{**values, **changes})


def test_what_came_of_a_run():
    kept = "Accuracy 78.4 % at step 600; these weights are kept."
    assert run_words.outcome(Finished(), summary("finished")) == f"Finished in 9 min. {kept}"
    assert run_words.outcome(Stopped(), summary("stopped")) == f"Stopped at step 612 of 1,440. {kept}"
    unscored = summary("stopped", kept_step=612, kept_scored=False)
    said = run_words.outcome(Stopped(), unscored)
    assert said.endswith("The weights of step 612 are kept; no validation was made with them.")
    nothing = summary("interrupted", has_model=False, kept_step=-1)
    assert run_words.outcome(Finished(), nothing) == "Interrupted at step 612 of 1,440. No weights were kept."
    assert run_words.outcome(Stopped(), None) == "The run was discarded. Nothing of it is left."
    assert run_words.outcome(Failed("", ""), None) == ""
