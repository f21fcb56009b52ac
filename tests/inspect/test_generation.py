"""What models write for an input: side by side, as it grows, stoppable; and how a run does on rows with outputs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tiny_models import tiny_folder
from tiny_runs import tiny_recipe
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Finished, Partial
from tlgui.core.history import History
from tlgui.core.runs import RunFolder
from tlgui.inspect import evaluation, generation
from tlgui.train import session


def quiet(event: Event) -> None:
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = tiny_recipe(tmp_path_factory.mktemp("pairs"), "text-to-text", epochs=8, learning_rate=0.02)
    ending = session.run(recipe.edit("transfer", frozen=()), tmp_path_factory.mktemp("runs"), quiet, Control())
    assert isinstance(ending, Finished)
    return Path(ending.value.folder)


def test_two_models_write_one_after_the_other(run: Path) -> None:
    original = RunFolder(run).recipe().model.source
    seen: list[Event] = []
    found = generation.write_texts(
        "text-to-text", "w2 >", "w20 w30 w40", (original, str(run)), 6, seen.append, Control()
    )
    parts = [event.value for event in seen if isinstance(event, Partial)]
    assert len(found) == 2
    assert parts[-1] == found
    assert all(len(part) == 2 for part in parts)
    assert parts[0][1] == ""  # the second waits for the first


def test_what_is_written_is_what_transformers_alone_would_write(run: Path) -> None:
    folders = [Path(RunFolder(run).recipe().model.source), run / "model"]
    wanted = []
    for folder in folders:
        model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        for number in range(20, 32):
            inputs = tokenizer(f"w2 > w{number} w30 w40", return_tensors="pt")
            tokens = model.generate(**inputs, max_new_tokens=6, do_sample=False, num_beams=1)
            wanted.append(tokenizer.decode(tokens[0], skip_special_tokens=True).strip())
    found = [
        generation.write_texts("text-to-text", "w2 >", f"w{number} w30 w40", (str(folder),), 6, quiet, Control())[0]
        for folder in folders
        for number in range(20, 32)
    ]
    assert found == wanted
    assert any(found)


def test_writing_stops(run: Path) -> None:
    control = Control()
    with pytest.raises(StopRequested):
        generation.write_texts(
            "text-to-text", "w2 >", "w20 w30 w40 w50 w60", (str(run),), 6, lambda event: control.stop(), control
        )


def test_an_empty_input_is_refused(run: Path) -> None:
    with pytest.raises(TlguiError, match="no text to write for"):
        generation.write_texts("text-to-text", "w2 >", " ", (str(run),), 6, quiet, Control())


def test_a_model_that_only_reads_is_refused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "bert")
    with pytest.raises(TlguiError, match="only reads and cannot write"):
        generation.write_texts("text-to-text", "", "w1", (str(folder),), 6, quiet, Control())


def test_gaps_are_filled_in_their_places(tmp_path: Path) -> None:
    folder = str(tiny_folder(tmp_path / "t5", "t5"))
    (found,) = generation.write_texts("corrupt", "", "w1 {w2} w3", (folder,), 6, quiet, Control())
    words = found.split()
    assert (words[0], words[-1]) == ("w1", "w3") or words == ["w1", "w3"]


def test_the_evaluation_of_a_run_is_its_best_validation(run: Path) -> None:
    found = evaluation.of_run(str(run), quiet, Control())
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    assert {**found.metrics} == pytest.approx(dict(best.metrics), abs=1e-6)
    assert found.rows == 16
    assert found.metrics["f1"] == pytest.approx((found.metrics["f1:w1 >"] + found.metrics["f1:w2 >"]) / 2)


def test_predictions_are_written_with_their_inputs(run: Path, tmp_path: Path) -> None:
    source = RunFolder(run).recipe().data.source
    assert evaluation.predict(source, str(run), tmp_path / "out.csv", quiet, Control()) == 80
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "prefix", "input", "output"]
    prefix, text = rows[7]["prefix"], rows[7]["input"]
    (alone,) = generation.write_texts("text-to-text", prefix, text, (str(run),), 6, quiet, Control())
    assert rows[7]["output"] == alone
