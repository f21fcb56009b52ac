"""Tables in text files: what is found out about them, and what is refused."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.sources import open_source
from tlgui.data.tables import Table

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\t\n\r"), max_size=30)


def cells(table: Table) -> dict[str, list[str]]:
    return table.rows(np.arange(len(table)))


def read_back(content: bytes, name: str, **reading: object) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        reading_part = ReadingPart.model_validate(reading)
        return cells(open_source(str(path), reading_part, lambda event: None, Control()).table)


def rows_of(cell: st.SearchStrategy[str], columns: int) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*[cell] * columns), min_size=1, max_size=8)


def written(rows: list[tuple[str, ...]], quoting: int) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["text", "label", "note"][: len(rows[0])])
    writer.writerows(rows)
    return out.getvalue().encode()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3).flatmap(lambda columns: rows_of(ANY_TEXT, columns)))
def test_a_csv_file_reads_back_equal(rows: list[tuple[str, ...]]) -> None:
    found = read_back(written(rows, csv.QUOTE_MINIMAL), "a.csv", delimiter=",", header=True, quoting=True)
    assert list(zip(*found.values(), strict=True)) == rows


@settings(max_examples=60, deadline=None)
@given(rows_of(ANY_TEXT, 3))
def test_what_a_quoted_csv_file_leaves_open_is_found_out(rows: list[tuple[str, ...]]) -> None:
    found = read_back(written(rows, csv.QUOTE_ALL), "a.csv")
    assert list(found) == ["text", "label", "note"]
    assert list(zip(*found.values(), strict=True)) == rows


@settings(max_examples=60, deadline=None)
@given(rows_of(PLAIN_TEXT, 3))
def test_a_tsv_file_without_quoting_reads_back_equal(rows: list[tuple[str, ...]]) -> None:
    content = "\n".join("\t".join(row) for row in [("text", "label", "note"), *rows]) + "\n"
    found = read_back(content.encode(), "a.tsv", header=True, quoting=False)
    assert list(zip(*found.values(), strict=True)) == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_byte_order_marks_are_found_out(write, opened, encoding: str) -> None:
    path = write("a.csv", "text,label\nSéance à l’été,gut\nnon…,schlecht\n".encode(encoding))
    table = opened(path).table
    assert cells(table) == {"text": ["Séance à l’été", "non…"], "label": ["gut", "schlecht"]}


def test_bytes_that_are_no_windows_1252_are_latin_1(write, opened) -> None:
    table = opened(write("a.csv", b"text,label\ncaf\xe9 \x81,pos\n")).table
    assert cells(table)["text"] == ["café \x81"]
    assert "Latin-1" in table.reading


def test_an_encoding_can_be_set(write, opened) -> None:
    table = opened(write("a.csv", "text,label\nпривет,да\n".encode("cp1251")), encoding="cp1251").table
    assert cells(table) == {"text": ["привет"], "label": ["да"]}


@pytest.mark.parametrize(("delimiter", "word"), [(",", "comma"), ("\t", "tab"), (";", "semicolon"), ("|", "bar")])
def test_delimiters_are_found_out(write, opened, delimiter: str, word: str) -> None:
    table = opened(write("a.csv", f"review{delimiter}stars\nVery good{delimiter}5\nBad: no{delimiter}1\n")).table
    assert table.names == ("review", "stars") and len(table) == 2
    assert table.reading == f"{word}, UTF-8, header in line 1" + (
        ", quotes are part of the text" if delimiter == "\t" else ""
    )


def test_one_column_needs_no_delimiter(write, opened) -> None:
    table = opened(write("a.csv", 'sentence\nGood, I think.\n"Bad, ""too""."\n')).table
    assert cells(table) == {"sentence": ["Good, I think.", 'Bad, "too".']}


HEADERS = {
    "known names": ("text,label\nfine,1\nbad,0\n", ("text", "label")),
    "names of one's own": (
        "opinion,verdict\nIt was all very good,x\nIt was bad to the end,y\n",
        ("opinion", "verdict"),
    ),
    "numbers below": ("remark,n\nIt was good,4\nIt was bad,1\n", ("remark", "n")),
    "none": ("It was good,pos\nIt was bad,neg\nIt was fine,pos\n", ("column 1", "column 2")),
    "none, ids": ("17,It was good,pos\n18,It was bad,neg\n", ("column 1", "column 2", "column 3")),
    "repeated and empty names": (",text,text\n0,good,x\n1,bad,y\n", ("column 1", "text", "text (2)")),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers_are_found_out(write, opened, case: str) -> None:
    content, names = HEADERS[case]
    assert opened(write("a.csv", content)).table.names == names


def test_header_and_quoting_can_be_set(write, opened) -> None:
    path = write("a.csv", 'text,label\n"good",1\n')
    assert cells(opened(path, header=False).table) == {"column 1": ["text", "good"], "column 2": ["label", "1"]}
    assert cells(opened(path, quoting=False).table) == {"text": ['"good"'], "label": ["1"]}


def test_quotes_inside_cells_are_text_where_they_close_nothing(write, opened) -> None:
    path = write("a.tsv", 'text\tlabel\n"Yes" he said\t1\n"No\t0\n')
    assert cells(opened(path).table)["text"] == ['"Yes" he said', '"No']


REFUSED = {
    "ragged": (
        b'text,label\n"a\nb",1\n\ngood,1,2\nbad,0\n',
        {},
        ("a.csv, line 5 (row 2) has 3 columns, but 2 are expected.",),
    ),
    "ragged, one": (b"text,label\ngood,1\nbad\n", {}, ("line 3 (row 2) has 1 column, but 2 are expected",)),
    "open quote": (b'text,label\ngood,"1\nbad,0\n', {"quoting": True}, ("row 1 opens a quote that is never closed",)),
    "empty": (b"", {}, ("a.csv is empty.",)),
    "only a header": (b"text,label\n", {}, ("a.csv has no rows.",)),
    "zero byte": (b"text,label\n" + b"fine,1\n" * 500 + b"go\0od,1\n", {}, ("line 502, character 3", "zero byte")),
    "binary": (bytes(range(256)) * 20 + b"\0" * 500, {}, ("a.csv is not text",)),
    "workbook": (b"PK\x03\x04rest", {}, ("Excel", "CSV")),
    "damaged UTF-8": ("text,label\nété,1\nça,0\n".encode() + b"b\xe9ton,1\n", {}, ("line 4, character 2", "UTF-8")),
    "not as set": (b"text,label\ncaf\xe9,1\n", {"encoding": "utf-8"}, ("line 2, character 4", "not UTF-8")),
    "unknown encoding": (b"text,label\n", {"encoding": "utf-9"}, ("utf-9",)),
    "codec of bytes": (b"text,label\n", {"encoding": "base64"}, ("There is no encoding “base64”",)),
    "UTF-16 without mark": ("text,label\ngood,1\n".encode("utf-16-le"), {}, ("UTF-16", "utf-16-le")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_file_is_refused_with_its_place(write, opened, home: Path, case: str) -> None:
    content, reading, words = REFUSED[case]
    with pytest.raises(TlguiError) as raised:
        opened(write("a.csv", content), **reading)
    assert all(word in str(raised.value) for word in words), str(raised.value)
    assert "a.csv" in raised.value.title and raised.value.hint
    assert not list(home.rglob("*.arrow")) and not list(home.rglob("*.part"))


def test_a_cell_of_200_mb_is_refused_by_line_and_column(write, opened) -> None:
    path = write("a.csv", "id,text,label\n1,good,1\n2,")
    with path.open("ab") as file:
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b",0\n")
    tracemalloc.start()
    try:
        with pytest.raises(
            TlguiError, match=r"a\.csv, line 3, column text: the cell is longer than 4 million characters"
        ):
            opened(path)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_a_quoted_cell_that_never_ends_is_refused_by_row(write, opened) -> None:
    path = write("a.csv", 'text,label\ngood,1\n"bad,0\n' + "fine,1\n" * 3_000_000)
    with pytest.raises(TlguiError, match=r"row \d+ is longer than 8 MB, or opens a quote that is never closed"):
        opened(path, quoting=True)


def test_a_missing_file_names_its_neighbour(write, opened) -> None:
    path = write("reviews.csv", "text,label\n")
    with pytest.raises(TlguiError, match=r"no file .*revews\.csv\. Did you mean reviews\.csv\?"):
        opened(path.with_name("revews.csv"))


def test_a_file_that_may_not_be_read_says_so(write, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.csv", "text,label\ngood,1\n")

    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, whom no permission stops
    with pytest.raises(TlguiError, match=r"a\.csv cannot be read \(Permission denied\)"):
        opened(path)
