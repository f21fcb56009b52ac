"""JSON in its two shapes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data import json_files
from tlgui.data.sources import open_source
from tlgui.data.tables import Table

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
RECORDS = st.lists(st.fixed_dictionaries({"text": TEXT, "label": TEXT, "note": TEXT}), min_size=1, max_size=8)


def cells(table: Table) -> dict[str, list[str]]:
    return table.rows(np.arange(len(table)))


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.sampled_from(["lines", "list", "indented"]), st.booleans())
def test_records_read_back_equal(records: list[dict[str, str]], shape: str, ascii_only: bool) -> None:
    if shape == "lines":
        content = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    else:
        content = json.dumps(records, ensure_ascii=ascii_only, indent=1 if shape == "indented" else None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text(content, encoding="utf-8")
        table = open_source(str(path), ReadingPart(), lambda event: None, Control()).table
        found = cells(table)
    assert [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)] == records


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_values_may_lie_across_blocks(write, opened, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(json_files, "BLOCK", block)
    path = write("a.jsonl", '{"text": "good \\"one\\"", "n": 12.50}\n\n{"text": "b", "more": [1, true]}\n')
    assert cells(opened(path).table) == {"text": ['good "one"', "b"], "n": ["12.50", ""], "more": ["", '["1", true]']}


def test_values_other_than_text_become_text(write, opened) -> None:
    path = write("a.json", '[{"a": null, "b": false, "c": 1e3, "d": {"e": "ü"}}, {"c": 5}]')
    assert cells(opened(path).table) == {"a": ["", ""], "b": ["false", ""], "c": ["1e3", "5"], "d": ['{"e": "ü"}', ""]}


def test_a_list_of_strings_is_one_column(write, opened) -> None:
    assert cells(opened(write("a.json", '["one", "two"]')).table) == {"text": ["one", "two"]}


REFUSED = {
    "broken line": ('{"text": "a"}\n{"text": "b", }\n{"text": "c"}' + "\n{}" * 20, "line 2 is not valid JSON"),
    "cut off": ('[{"text": "a"},\n{"text": "b', "line 2 is not valid JSON"),
    "list not closed": ('[{"text": "a"},\n', "line 2 is not valid JSON"),
    "numbers": ('{"text": "a"}\n17\n', "line 2, row 2: this is not an object"),
    "empty list": ("[]", "has no rows"),
    "many keys": ("\n".join(f'{{"k{i}": 1}}' for i in range(2000)), "more than 1,000 different keys"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_file_is_refused_with_its_line(write, opened, case: str) -> None:
    content, words = REFUSED[case]
    with pytest.raises(TlguiError) as raised:
        opened(write("a.jsonl", content))
    assert words in raised.value.title and "a.jsonl" in raised.value.title
