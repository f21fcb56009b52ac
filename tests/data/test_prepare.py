"""The rows of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Recipe, dump
from tlgui.data.prepare import Part, Prepared, prepare
from tlgui.data.rows import sorted_labels

GOOD = "".join(f"Text number {i} is a fine one,pos\nText number {i} is a poor one,neg\n" for i in range(30))


def prepared(recipe: Recipe) -> Prepared:
    return prepare(recipe, lambda event: None, Control())


def all_texts(part: Part) -> list[tuple[str, ...]]:
    return part.texts(np.arange(len(part)))


def test_texts_labels_and_row_numbers_belong_together(write, recipe) -> None:
    found = prepared(recipe(write("a.csv", f"text,label\n{GOOD}"), validation=0.25))
    assert found.label_names == ("neg", "pos")
    assert (len(found.train), len(found.validation)) == (45, 15)
    for part in (found.train, found.validation):
        assert part.labels is not None and part.labels.dtype == np.int64
        for (text,), label, row in zip(all_texts(part), part.labels, part.row_numbers, strict=True):
            assert text == f"Text number {(row - 1) // 2} is a {'fine' if row % 2 else 'poor'} one"
            assert found.label_names[label] == ("pos" if row % 2 else "neg")


def test_texts_come_in_the_order_asked_for(write, recipe) -> None:
    part = prepared(recipe(write("a.csv", f"text,label\n{GOOD}"))).train
    order = np.array([5, 0, 5, 3])
    assert part.texts(order) == [all_texts(part)[i] for i in order]


def test_pairs_are_two_strings(write, recipe) -> None:
    path = write("a.csv", "premise,hypothesis,label\n" + "".join(f"P {i},H {i},{i % 2}\n" for i in range(20)))
    assert all_texts(prepared(recipe(path)).train)[0] == ("P 0", "H 0")


def test_masked_words_need_no_labels(write, recipe) -> None:
    found = prepared(recipe(write("a.txt", "".join(f"Line {i}\n" for i in range(20))), task="mask"))
    assert found.train.labels is None and found.label_names == ()
    assert (len(found.train), len(found.validation)) == (18, 2)


def test_rows_takes_a_stratified_sample(write, recipe) -> None:
    found = prepared(recipe(write("a.csv", f"text,label\n{GOOD}"), rows=20, validation=0.2))
    assert (len(found.train), len(found.validation)) == (16, 4)
    assert found.train.labels is not None and np.bincount(found.train.labels).tolist() == [8, 8]


@pytest.mark.parametrize(
    ("names", "official", "ids"),
    [
        (["10", "9", "-1"], (), ("-1", "9", "10")),
        (["b", "a", "C"], (), ("C", "a", "b")),
        (["10", "9", "x"], (), ("10", "9", "x")),
        (["no", "yes"], ("yes", "no", "maybe"), ("yes", "no", "maybe")),
        (["no", "other"], ("yes", "no"), ("no", "other")),
    ],
)
def test_label_ids_follow_the_names(names: list[str], official: tuple[str, ...], ids: tuple[str, ...]) -> None:
    assert sorted_labels(names, official) == ids


def test_glue_keeps_its_official_order_and_dev_rows(shared_data: Path, home: Path, recipe) -> None:
    found = prepared(recipe(f"glue:{shared_data}/glue/RTE", validation=0.3))
    assert found.label_names == ("entailment", "not_entailment")
    assert (len(found.train), len(found.validation)) == (1244, 139)
    assert "dev.tsv is for validation" in found.notes[0]


def test_a_second_source_counts_more_than_the_dev_file(shared_data: Path, home: Path, recipe) -> None:
    test = shared_data / "glue/RTE/test.tsv"
    found = prepared(recipe(f"glue:{shared_data}/glue/RTE", validation=str(test)))
    assert len(found.validation) == 1384 and found.notes == ()


def test_rt_polarity_splits_evenly(shared_data: Path, home: Path, recipe) -> None:
    found = prepared(recipe(shared_data / "rt-polarity"))
    assert (len(found.train), len(found.validation)) == (9596, 1066)
    assert found.validation.labels is not None and np.bincount(found.validation.labels).tolist() == [533, 533]
    assert found.label_names == ("neg", "pos")


MUST = {
    "empty text": (
        "text,label\n" + GOOD + ",pos\n",
        {},
        ("a.csv: row 61, column text: the text is empty.", '"empty-text"'),
    ),
    "one class": ("text,label\n" + "".join(f"T {i},a\n" for i in range(60)), {}, ("all rows have the label a",)),
    "duplicates": ("text,label\n" + "Same,a\nSame,b\n" * 30, {}, ("all 60 rows have the same text",)),
    "no label": ("text\n" + "".join(f"Some text {i}\n" for i in range(60)), {}, ("no label column", "data.label")),
    "renamed column": ("text,label\n" + GOOD, {"label": "lable"}, ("a.csv has no column lable. Did you mean label?",)),
}


@pytest.mark.parametrize("case", MUST)
def test_what_must_be_settled_stops_a_run(write, recipe, case: str) -> None:
    content, data, words = MUST[case]
    with pytest.raises(TlguiError) as raised:
        prepared(recipe(write("a.csv", content), **data))
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_a_column_missing_from_the_second_source_names_the_file(write, recipe) -> None:
    path, held = write("a.csv", f"text,label\n{GOOD}"), write("b.csv", "text,lebel\nNew,neg\n")
    with pytest.raises(TlguiError, match=r"b\.csv has no column label\. Did you mean lebel\?"):
        prepared(recipe(path, validation=str(held)))


def test_what_should_be_settled_does_not_stop_a_run(write, recipe) -> None:
    found = prepared(recipe(write("a.csv", f"text,label\n{GOOD}{GOOD}")))
    assert len(found.train) + len(found.validation) == 120


def test_it_can_be_stopped(write, recipe) -> None:
    control = Control()
    control.stop()
    with pytest.raises(StopRequested):
        prepare(recipe(write("a.csv", f"text,label\n{GOOD}")), lambda event: None, control)


SCRIPT = """
import json, sys
from pathlib import Path
from tlgui.core import recipe
from tlgui.core.control import Control
from tlgui.data.prepare import prepare
found = prepare(recipe.load(Path(sys.argv[1])), lambda event: None, Control())
print(json.dumps([found.train.row_numbers.tolist(), found.validation.row_numbers.tolist(), found.label_names]))
"""


def test_every_process_prepares_the_same_rows(write, recipe, tmp_path: Path) -> None:
    path = write("a.csv", f"text,label\n{GOOD}{GOOD}")
    chosen = recipe(path, rows=100, validation=0.3, leave_out=("overlap", "duplicate"))
    file = write("recipe.toml", dump(chosen))
    answers = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    here = prepared(chosen)
    mine = [here.train.row_numbers.tolist(), here.validation.row_numbers.tolist(), list(here.label_names)]
    assert [json.loads(answer) for answer in answers] == [mine, mine]
