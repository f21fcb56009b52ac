"""Pairs of neighbouring texts out of documents."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.tasks.pairs import Pair, pairs

LIMIT = 24


def made(lengths: list[list[int]], limit: int = LIMIT, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[Pair]]:
    """Starts of the units, their documents, and the pairs of documents of some lengths."""
    starts = np.cumsum([0, *(n for document in lengths for n in document)])
    documents = np.repeat(np.arange(len(lengths)), [len(document) for document in lengths])
    return starts, documents, list(pairs(starts, documents, limit, np.random.default_rng(seed)))


UNITS = st.lists(st.lists(st.integers(1, LIMIT // 2), min_size=1, max_size=12), min_size=1, max_size=6)


@given(lengths=UNITS, seed=st.integers(0, 20))
def test_a_pair_fits_and_the_second_text_follows_where_it_is_said_to(lengths: list[list[int]], seed: int) -> None:
    starts, documents, found = made(lengths, seed=seed)
    of_token = np.repeat(documents, np.diff(starts))
    for pair in found:
        (a, b), (c, d) = pair.first, pair.second
        assert a < b and c < d
        assert (b - a) + (d - c) <= LIMIT
        assert len(set(of_token[a:b])) == len(set(of_token[c:d])) == 1
        if pair.follows:
            assert b == c and of_token[a] == of_token[c]
        elif len(lengths) > 1:
            assert of_token[a] != of_token[c]
        else:
            assert c != b and (d <= a or c >= b)


@given(lengths=UNITS, seed=st.integers(0, 20))
def test_a_document_is_gone_through_once(lengths: list[list[int]], seed: int) -> None:
    _, _, found = made(lengths, seed=seed)
    own = [span for pair in found for span in ((pair.first, pair.second) if pair.follows else (pair.first,))]
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(own))


def test_half_of_the_pairs_follow() -> None:
    random = np.random.default_rng(0)
    _, _, found = made([random.integers(2, 8, size=200).tolist() for _ in range(20)])
    assert len(found) > 500
    assert np.mean([pair.follows for pair in found]) == pytest.approx(0.5, abs=0.05)


def test_a_tenth_of_the_pairs_are_short() -> None:
    _, _, found = made([[1] * 400 for _ in range(20)], limit=40)
    lengths = np.array([pair.first[1] - pair.first[0] + pair.second[1] - pair.second[0] for pair in found])
    assert 0.04 < np.mean(lengths < 36) < 0.16


def test_one_short_text_makes_no_pair() -> None:
    assert made([[5]])[2] == []
