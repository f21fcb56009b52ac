"""CoNLL files with the traps that published ones have, and which of their sentences cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.word_lists import split
from tlgui.data import conll_files
from tlgui.data.arrange import Arranged, arrange
from tlgui.data.prepare import prepare
from tlgui.data.tables import Table


def cells(table: Table) -> dict[str, list[str]]:
    return table.rows(np.arange(len(table)))


@pytest.mark.parametrize("ending", ["conll", "bio", "iob", "iob2", "CONLL"])
@pytest.mark.parametrize("gap", ["\t", " ", "   "])
@pytest.mark.parametrize("empty", ["", " ", "\t", " \t  "])
def test_a_sentence_is_a_row(write, opened, ending: str, gap: str, empty: str) -> None:
    text = f"We{gap}O\nleft{gap}O\nTrieste{gap}B-PLACE\n{empty}\n{empty}\nGood{gap}O\n"
    source = opened(write(f"a.{ending}", text))
    assert cells(source.table) == {"tokens": ["We left Trieste", "Good"], "tags": ["O O B-PLACE", "O"]}


def test_tokens_come_first_tags_last_and_what_is_between_has_a_column_of_its_own(write, opened) -> None:
    text = (
        "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n-DOCSTART- -X- -X- O\nPeter NNP B-NP B-PER\n"
    )
    table = opened(write("a.conll", text)).table
    assert cells(table) == {
        "tokens": ["EU rejects", "Peter"],
        "column 2": ["NNP VBZ", "NNP"],
        "column 3": ["B-NP B-VP", "B-NP"],
        "tags": ["B-ORG O", "B-PER"],
    }
    assert table.reading == "CoNLL, 4 columns, UTF-8"


def test_comments_are_left_out_and_tokens_that_look_like_them_stay(write, opened) -> None:
    spaces = opened(write("a.conll", "# id = 1\n# text = We # won\nWe O\n# O\nwon O\n\n# O\n#tag B-x\n"))
    assert cells(spaces.table) == {"tokens": ["We # won", "# #tag"], "tags": ["O O O", "O B-x"]}
    tabs = opened(write("b.conll", "# sent 1\n#tag\tO\n# \tO\n\n# sent 2\n#\tO\n"))
    assert cells(tabs.table) == {"tokens": ["#tag #", "#"], "tags": ["O O", "O"]}


def test_tokens_that_hold_what_sets_tokens_apart_are_kept_as_a_list(write, opened) -> None:
    text = "New York\tB-place\n[1]\tO\n\n\u00a0\tO\n\n\u2028x\tO\ny\x85\tO\n"
    tokens = cells(opened(write("a.conll", text)).table)["tokens"]
    assert [split(cell.strip()) for cell in tokens] == [["New York", "[1]"], ["\u00a0"], ["\u2028x", "y\x85"]]
    assert json.loads(tokens[0]) == ["New York", "[1]"]


def test_tokens_alone_have_no_tags(write, opened) -> None:
    assert cells(opened(write("a.conll", "We\nleft\n\nGood\n")).table) == {"tokens": ["We left", "Good"]}
    assert cells(opened(write("b.conll", "We\tO\nleft\t\n\nGood\n")).table)["tags"] == ['["O", ""]', ""]


def test_any_file_can_be_named_as_one(write, opened) -> None:
    path = write("train.txt", "We O\nleft O\n")
    assert cells(opened(f"conll:{path}").table) == {"tokens": ["We left"], "tags": ["O O"]}
    assert cells(opened(path).table) == {"text": ["We O", "left O"]}


def test_a_plain_text_of_tokens_and_tags_is_one_by_its_looks(write, opened) -> None:
    names = ["tokens", "column 2", "tags"]
    assert list(opened(write("a.txt", "-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\n")).table.names) == names
    assert list(opened(write("b.txt", "I like vitamin O\n\nwe like B-vitamins too\n")).table.names) == ["text"]


@pytest.mark.parametrize(
    ("train", "dev", "test"),
    [
        ("train.txt", "valid.txt", "test.txt"),
        ("train.conll", "dev.conll", "test.conll"),
        ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated.conll"),
        ("en-train.bio", "en-valid.bio", "en-test.bio"),
    ],
)
@pytest.mark.parametrize("scheme", ["", "conll:"])
def test_a_folder_of_parts(write, opened, train: str, dev: str, test: str, scheme: str) -> None:
    folder = write(f"set/{train}", "We O\nEU B-ORG\n").parent
    write(f"set/{dev}", "Good NN O\n\nEU NNP B-ORG\n")
    write(f"set/{test}", "No x y z\n")
    write("set/README.md", "about these files")
    source = opened(f"{scheme}{folder}")
    assert cells(source.table)["tokens"] == ["We EU"]
    assert source.held is not None
    assert cells(source.held)["tags"] == ["O", "B-ORG"]
    assert source.held_name == dev
    assert source.notes[-1] == f"{test} is not used, so it can be a last test."


def test_names_that_only_contain_a_part_are_no_parts_where_they_are_not_clear(write, opened) -> None:
    folder = write("set/a-train.conll", "We O\n").parent
    write("set/b-train.conll", "We O\n")
    write("set/a-dev.conll", "We O\n")
    with pytest.raises(TlguiError, match=r"several tables: a-dev\.conll"):
        opened(folder)


def test_a_sentence_that_never_ends_is_named(write, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conll_files, "MAX_LINE", 100)
    text = "Good O\n\n" + "word O\n" * 30
    with pytest.raises(TlguiError, match=r"a.conll, line 3: the sentence that begins here never ends"):
        opened(write("a.conll", text))


def test_a_file_of_nothing_but_gaps_has_no_rows(write, opened) -> None:
    with pytest.raises(TlguiError, match=r"a\.conll has no rows"):
        opened(write("a.conll", "-DOCSTART- O\n\n \n"))


def test_rows_come_in_blocks(write, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conll_files, "MAX_LINE", 60)
    text = "".join(f"token{i} O\n\n" for i in range(50))
    assert cells(opened(write("a.conll", text)).table)["tokens"] == [f"token{i}" for i in range(50)]


# What is used of them


def arranged(recipe) -> Arranged:
    return arrange(recipe, lambda event: None, Control())


GOOD = "".join(f"{i}\tO\nword\tB-thing\n\n" for i in range(60))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("We\tO\nleft\n\n", "token 2, “left”, has no tag"),
        ("We\tO\n\tO\n\n", "token 2 is empty"),
    ],
)
def test_a_token_without_its_tag_is_named(write, recipe, row: str, why: str) -> None:
    found = arranged(recipe(write("a.conll", GOOD + row), "tag", tolerance=0.0))
    (problem,) = found.findings.problems
    assert (problem.kind, problem.severity, problem.rows) == ("unusable-label", "must", (61,))
    assert problem.text == f"Row 61, column tags: {why}."


def jsonl(rows: list[tuple[object, object]]) -> str:
    return "".join(json.dumps({"id": i, "tokens": a, "ner_tags": b}) + "\n" for i, (a, b) in enumerate(rows))


@pytest.mark.parametrize("joined", [False, True])
def test_a_table_of_lists_is_read_too_and_counts_that_differ_are_named(write, recipe, joined: bool) -> None:
    lists = [([str(i), "word"], ["O", "B-thing"]) for i in range(60)] + [(["We", "left"], ["O", "O", "O"])]
    rows = [(" ".join(a), " ".join(b)) for a, b in lists] if joined else lists
    found = arranged(recipe(write("a.jsonl", jsonl(rows)), "tag", tolerance=0.0))
    assert (found.roles.text, found.roles.label) == (("tokens",), "ner_tags")
    (problem,) = found.findings.problems
    assert problem.text == "Row 61, column ner_tags: there are 2 tokens and 3 tags."


def test_a_sentence_without_tokens_is_named(write, recipe) -> None:
    rows = [([str(i), "word"], ["O", "B-thing"]) for i in range(60)]
    found = arranged(recipe(write("a.jsonl", jsonl([*rows, ([], [])])), "tag", tolerance=0.0))
    assert [problem.text for problem in found.findings.problems] == ["Row 61, column ner_tags: there are no tokens."]


def test_two_columns_of_tokens_are_refused(write, recipe) -> None:
    rows = [([str(i), "word"], ["O", "B-thing"]) for i in range(60)]
    found = arranged(recipe(write("a.jsonl", jsonl(rows)), "tag", text=("tokens", "id"), tolerance=0.0))
    assert "tags need one column of tokens, not two" in found.findings.problems[0].text


def test_wnut_is_read_as_it_stands(shared_data: Path, recipe, home: Path) -> None:
    prepared = prepare(recipe(shared_data / "wnut17", "tag"), lambda event: None, Control())
    assert (len(prepared.train) + len(prepared.validation)) > 4000
    assert prepared.label_column == "tags"
    for name, sentences in (("train", 3394), ("dev", 1009), ("test", 1287)):
        found = arranged(recipe(shared_data / "wnut17" / f"{name}.conll", "tag"))
        text = (shared_data / "wnut17" / f"{name}.conll").read_text(encoding="utf-8")
        lines = [line.split("\t") for line in text.split("\n")]
        table = cells(found.source.table)
        assert len(table["tokens"]) == sentences
        tokens = [fields[0] for fields in lines if len(fields) > 1 and fields[0].strip()]
        assert [word for cell in table["tokens"] for word in split(cell)] == tokens
