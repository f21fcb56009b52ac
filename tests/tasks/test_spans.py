"""The best spans, against trying every one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tlgui.tasks.spans import NEVER, best_spans, in_passage, null_scores, span_scores

PASSAGE = torch.tensor([[3, 9], [2, 4]])


@pytest.mark.parametrize("longest", [1, 3, 50])
def test_the_best_spans_are_those_of_trying_every_one(longest: int) -> None:
    logits = torch.randn(2, 12, 2, generator=torch.Generator().manual_seed(0))
    values, places = best_spans(span_scores(logits, PASSAGE, longest), 5)
    for row, (low, high) in enumerate(PASSAGE.tolist()):
        every = [
            (float(logits[row, i, 0] + logits[row, j, 1]), [i, j])
            for i in range(low, high)
            for j in range(i, min(high, i + longest))
        ]
        every = sorted(every, reverse=True)[:5]
        found = [(v, p) for v, p in zip(values[row].tolist(), places[row].tolist(), strict=True) if v > NEVER]
        assert [place for _, place in found] == [place for _, place in every]
        assert np.allclose([value for value, _ in found], [value for value, _ in every])


def test_the_choice_is_among_the_passage_and_the_first_token() -> None:
    logits = torch.zeros(2, 12, 2)
    can = in_passage(logits, PASSAGE, first=True) > NEVER
    assert can[..., 0].sum(1).tolist() == [7, 3]
    assert can[:, 0].all()
    assert not in_passage(logits, PASSAGE, first=False)[:, 0].isfinite().any()


def test_no_answer_scores_as_a_span_at_the_first_token() -> None:
    logits = torch.arange(12.0).reshape(1, 6, 2)
    assert null_scores(logits).tolist() == [1.0]


def test_numbers_that_are_none_stay_within_the_window() -> None:
    logits = torch.full((2, 12, 2), float("nan"))
    assert int(best_spans(span_scores(logits, PASSAGE, 20), 3)[1].max()) < 12
