"""Flat token arrays and their padded batches."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tlgui.tasks.encoded import Gatherer

rows_of_tokens = st.lists(st.lists(st.integers(0, 30000), min_size=1, max_size=20), min_size=1, max_size=30)


@given(rows_of_tokens, st.data())
def test_what_is_gathered_comes_back_padded(rows: list[list[int]], data: st.DataObject) -> None:
    half = len(rows) // 2
    with Gatherer({"input_ids": np.int32}) as gatherer:
        gatherer.add({"input_ids": rows[:half]})
        gatherer.add({"input_ids": rows[half:]})
        encoded = gatherer.finish()
    assert encoded.lengths.tolist() == [len(row) for row in rows]
    chosen = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1)))
    padded, attention = encoded.padded("input_ids", chosen, -7), encoded.attention(chosen)
    for i, row in enumerate(chosen):
        assert padded[i, attention[i] == 1].tolist() == rows[row]
        assert (padded[i, attention[i] == 0] == -7).all()
    assert (encoded.some(chosen).padded("input_ids", np.arange(len(chosen)), -7) == padded).all()


def test_nothing_gathered_is_empty() -> None:
    with Gatherer({"input_ids": np.int32}) as gatherer:
        assert len(gatherer.finish()) == 0
