"""Everything `data.source` may name, and the traps of the real data beside the project."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import pytest

from tlgui.core import paths
from tlgui.core.errors import TlguiError
from tlgui.data import glue
from tlgui.data.tables import Table


def cells(table: Table) -> dict[str, list[str]]:
    return table.rows(np.arange(len(table)))


def test_plain_text_is_one_passage_a_line(write, opened) -> None:
    table = opened(write("a.txt", " one\u2028two \r\n\n \nthree\x85four\r\nfive\n")).table
    assert cells(table) == {"text": ["one\u2028two", "three\x85four", "five"]}


def test_any_other_ending_is_plain_text_unless_a_delimiter_is_set(write, opened) -> None:
    path = write("a.list", "text;label\ngood;1\n")
    assert cells(opened(path).table) == {"text": ["text;label", "good;1"]}
    assert cells(opened(path, delimiter=";").table) == {"text": ["good"], "label": ["1"]}


def test_a_file_a_class_takes_labels_from_the_endings(write, opened) -> None:
    path = write("films.pos", "Séance exquise…\nFun\n".encode("cp1252"))
    write("films.neg", "Dull\n\n")
    write("README.txt", "about these files")
    source = opened(path.parent)
    assert cells(source.table) == {"text": ["Dull", "Séance exquise…", "Fun"], "label": ["neg", "pos", "pos"]}
    assert (source.text, source.label) == (("text",), "label")


def test_a_file_a_class_takes_labels_from_the_stems(write, opened) -> None:
    folder = write("texts/praise.txt", "Good\n").parent
    write("texts/blame.txt", "Bad\n")
    assert cells(opened(folder).table)["label"] == ["blame", "praise"]


def test_a_folder_a_class_reads_whole_files(write, opened) -> None:
    folder = write("films/pos/1.txt", "Good.\nVery good.\n").parent.parent
    write("films/neg/1.txt", "Bad.")
    write("films/neg/.hidden", "no")
    write("films/neg/2.bin", b"\0\0")
    assert cells(opened(folder).table) == {"text": ["Bad.", "Good.\nVery good."], "label": ["neg", "pos"]}


def test_a_folder_of_parts_keeps_the_validation_rows_apart(write, opened) -> None:
    folder = write("set/train.csv", "text,label\ngood,1\nbad,0\n").parent
    write("set/dev.csv", "text,label\nfine,1\n")
    write("set/test.csv", "text\nunknown\n")
    source = opened(folder)
    assert len(source.table) == 2 and source.held is not None and cells(source.held)["text"] == ["fine"]
    assert source.notes == (
        "The rows of dev.csv are for validation; no share of the training rows is held back.",
        "test.csv is not used, so it can be a last test.",
    )


def test_parts_may_hold_classes(write, opened) -> None:
    for part in ("train", "test"):
        for label in ("neg", "pos"):
            path = write(f"imdb/{part}/{label}/1.txt", f"{part} {label}")
    source = opened(path.parents[2])
    assert cells(source.table) == {"text": ["train neg", "train pos"], "label": ["neg", "pos"]}
    assert source.held is None and source.label == "label"


def test_a_folder_with_one_table_is_that_table(write, opened) -> None:
    path = write("one/a.csv", "text,label\ngood,1\n")
    assert opened(path.parent).name == "a.csv"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (("a.csv", "b.csv"), "holds several tables: a.csv, b.csv"),
        ((), "holds no texts"),
        (("x/a.csv", "y/b.csv"), "hold no text files"),
    ],
)
def test_a_folder_that_cannot_be_understood_says_what_it_holds(write, opened, tmp_path, files, words) -> None:
    (tmp_path / "f").mkdir()
    for file in files:
        write(f"f/{file}", "text,label\ngood,1\n")
    with pytest.raises(TlguiError, match=words):
        opened(tmp_path / "f")


def test_samples_are_found_by_name(write, opened, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("samples/reviews.csv", "text,label\ngood,1\n")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    assert opened("sample:reviews").name == "reviews.csv"
    with pytest.raises(TlguiError, match=r"no sample “review”\. The samples are: reviews\."):
        opened("sample:review")


def hub_of(files: dict[str, tuple[Path, ...]]) -> types.ModuleType:
    module = types.ModuleType("tlgui.data.hub")
    module.open_dataset = lambda name, emit, control: files  # type: ignore[attr-defined]
    return module


def test_a_hub_set_joins_its_shards(write, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shards = write("s/0.csv", "text,label\na,1\n"), write("s/1.csv", "label,text\n0,b\n")
    held = write("s/v.csv", "text,label\nc,1\n")
    monkeypatch.setitem(sys.modules, "tlgui.data.hub", hub_of({"train": shards, "validation": (held,)}))
    source = opened("hub:someone/films")
    assert source.name == "someone/films"
    assert cells(source.table) == {"text": ["a", "b"], "label": ["1", "0"]}
    assert source.held is not None and len(source.held) == 1


def test_shards_with_other_columns_are_refused(write, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shards = write("s/0.csv", "text,label\na,1\n"), write("s/1.csv", "text,class\nb,1\n")
    monkeypatch.setitem(sys.modules, "tlgui.data.hub", hub_of({"train": shards}))
    with pytest.raises(TlguiError, match=r"1\.csv has other columns than 0\.csv"):
        opened("hub:films")


GLUE_ROWS = {
    "CoLA": (8551, 1043),
    "SST-2": (67349, 872),
    "MRPC": (3668, 408),
    "STS-B": (5749, 1500),
    "RTE": (1244, 139),
    "WNLI": (565, 70),
}


@pytest.mark.parametrize("task", GLUE_ROWS)
def test_glue_tasks_read_whole_with_official_labels(shared_data: Path, home: Path, opened, task: str) -> None:
    source = opened(f"glue:{shared_data}/glue/{task}")
    row = glue.TASKS[task]
    assert source.held is not None
    assert (len(source.table), len(source.held)) == GLUE_ROWS[task]
    assert source.text == row.text and source.label == row.label
    if row.labels:
        assert set(source.table.column(row.label).unique().to_pylist()) == {name for _, name in row.labels}
    assert "dev.tsv is for validation" in source.notes[0]


@pytest.mark.parametrize("task", GLUE_ROWS)
def test_glue_files_read_the_same_when_nothing_is_known_of_them(
    shared_data: Path, home: Path, opened, task: str
) -> None:
    known = opened(f"glue:{shared_data}/glue/{task}").table
    found = opened(shared_data / "glue" / task / "train.tsv").table
    assert len(found) == len(known)
    columns = [name for name in known.names if name != glue.TASKS[task].label]
    places = [known.names.index(name) for name in columns]
    for name, place in zip(columns, places, strict=True):
        assert found.column(found.names[place]).equals(known.column(name))
    assert (found.names == known.names) == (task != "CoLA")


def test_mrpc_keeps_its_quotes_and_loses_its_mark(shared_data: Path, home: Path, opened) -> None:
    table = opened(f"glue:{shared_data}/glue/MRPC").table
    assert table.names[0] == "Quality" and "byte-order mark" in table.reading
    assert '"the witness"' in table.rows(np.array([0]))["#1 String"][0]
    lines = (shared_data / "glue/MRPC/train.tsv").read_text("utf-8-sig").split("\n")
    assert table.rows(np.array([3667]))["#2 String"][0] == lines[3668].split("\t")[4]


def test_rt_polarity_is_two_classes_of_one_size(shared_data: Path, home: Path, opened) -> None:
    table = opened(shared_data / "rt-polarity").table
    labels = table.column("label").to_pylist()
    assert (labels.count("pos"), labels.count("neg")) == (5331, 5331)
    assert all(cell.strip() for cell in table.column("text").to_pylist())


def test_wikitext_is_running_text(shared_data: Path, home: Path, opened) -> None:
    path = shared_data / "wikitext-2/valid.txt"
    table = opened(path).table
    assert len(table) == sum(bool(line.strip()) for line in path.read_text("utf-8").split("\n"))


MNLI = 'index\tgenre\tsentence1\tsentence2\tlabel1\tgold_label\n0\tfiction\tA "b.\tB.\tneutral\tneutral\n'
QQP = 'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWhy\t"How\t1\n4\t5\tbroken\nrow\t0\n'
QNLI = "index\tquestion\tsentence\tlabel\n0\tWho?\tIt was she.\tentailment\n1\tWho?\tIt rains.\tnot_entailment\n"


@pytest.mark.parametrize(
    ("task", "content", "labels"),
    [("MNLI", MNLI, ["neutral"]), ("QQP", QQP, ["duplicate"]), ("QNLI", QNLI, ["entailment", "not_entailment"])],
)
def test_glue_tasks_that_are_not_beside_the_project(write, opened, task: str, content: str, labels: list[str]) -> None:
    folder = write(f"{task}/train.tsv", content).parent
    write(f"{task}/{glue.TASKS[task].dev}", content)
    source = opened(f"glue:{folder}")
    assert source.table.column(source.label).to_pylist() == labels
    assert set(source.text) <= set(source.table.names)


def test_glue_names_what_is_missing(write, opened) -> None:
    folder = write("SST-2/train.tsv", "sentence\tlabel\ngood\t1\n").parent
    with pytest.raises(TlguiError, match=r"holds no dev\.tsv"):
        opened(f"glue:{folder}")
    with pytest.raises(TlguiError, match=r"SST-3 is no GLUE task.*CoLA, SST-2"):
        opened(f"glue:{folder.with_name('SST-3')}")
    write("SST-2/dev.tsv", "sentence\tclass\ngood\t1\n")
    with pytest.raises(TlguiError, match=r"dev\.tsv is not SST-2's: it has no column label"):
        opened(f"glue:{folder}")
