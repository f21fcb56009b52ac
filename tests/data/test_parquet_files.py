"""Parquet files, and the class names that `datasets` writes into them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tlgui.core.errors import TlguiError


@pytest.fixture
def file(tmp_path: Path, home: Path) -> Path:
    return tmp_path / "a.parquet"


def test_every_type_becomes_text(file: Path, opened) -> None:
    columns = {
        "text": ["good", None, "ünd"],
        "n": [1, 2, None],
        "day": [datetime.date(2024, 5, 1)] * 3,
        "yes": [True, False, None],
        "list": [["a"], [], None],
    }
    parquet.write_table(pa.table(columns), file)
    assert opened(file).table.rows(np.array([0, 1, 2])) == {
        "text": ["good", "", "ünd"],
        "n": ["1", "2", ""],
        "day": ["2024-05-01"] * 3,
        "yes": ["true", "false", ""],
        "list": ['["a"]', "[]", ""],
    }


def test_class_names_are_kept_in_their_order(file: Path, opened) -> None:
    features = {
        "label": {"names": ["neg", "pos"], "_type": "ClassLabel"},
        "text": {"_type": "Value", "dtype": "string"},
    }
    facts = json.dumps({"info": {"features": features}})
    table = pa.table({"text": ["a", "b", "c"], "label": [1, 0, -1]}).replace_schema_metadata({"huggingface": facts})
    parquet.write_table(table, file)
    found = opened(file).table
    assert found.rows(np.arange(3), ["label"]) == {"label": ["pos", "neg", ""]}
    assert found.label_names == {"label": ("neg", "pos")}


def test_many_blocks_keep_their_rows_in_order(file: Path, opened) -> None:
    parquet.write_table(pa.table({"text": [f"text {i}" for i in range(25_000)]}), file)
    table = opened(file).table
    picked = np.array([24_999, 0, 12_345, 9_999, 10_000])
    assert len(table) == 25_000
    assert table.rows(picked)["text"] == [f"text {i}" for i in picked]


def test_the_magic_bytes_count_more_than_the_ending(file: Path, opened) -> None:
    parquet.write_table(pa.table({"text": ["good"]}), file)
    assert opened(file.rename(file.with_suffix(".csv"))).table.reading == "Parquet"


@pytest.mark.parametrize("content", [b"", b"text,label\n", b"PAR1 and nothing else that is right"])
def test_damage_is_refused(file: Path, opened, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(TlguiError, match=r"a\.parquet is"):
        opened(file)


def test_a_cell_that_is_too_long_is_refused_by_row_and_column(file: Path, opened) -> None:
    parquet.write_table(pa.table({"text": ["good", "x" * 20_000_000], "label": ["a", "b"]}), file)
    with pytest.raises(TlguiError, match=r"a\.parquet, row 2, column text: the cell is longer"):
        opened(file)
