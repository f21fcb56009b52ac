"""Continuing a text: what is drawn, one pass a piece, in turns, and with a stop."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from tiny_models import families_for, tiny_folder

from tlgui.core.answers import Guess
from tlgui.core.continuation import Drawing, NextWords, next_words_sentence
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Partial
from tlgui.inspect import shelf
from tlgui.inspect.continuation import continue_text, draw, next_words
from tlgui.inspect.shelf import open_for

ONE_WAY = families_for("next-word")
LIKELIEST = Drawing(words=12, temperature=0)


def quiet(event: Event) -> None:
    pass


@pytest.fixture(params=ONE_WAY)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    shelf.clear()
    return str(tiny_folder(tmp_path / request.param, request.param))


def by_hand(model: str, ids: list[int], count: int) -> list[int]:
    """The likeliest pieces, by a pass over all tokens each."""
    opened = open_for("next-word", model, quiet, Control())
    for _ in range(count):
        with torch.no_grad():
            ids = [*ids, int(opened.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax())]
    return ids


def test_the_likeliest_words_are_those_of_passes_over_all_tokens(model: str) -> None:
    (found,) = continue_text("w1 w2", [model], LIKELIEST, quiet, Control())
    ids = by_hand(model, [0, 2, 3], 12)[3:]
    ids = ids[: ids.index(0)] if 0 in ids else ids
    assert found.text.split() == [f"w{piece - 1}" for piece in ids]
    assert found.text.startswith(" ")


def test_a_piece_costs_a_pass_of_one_token(model: str) -> None:
    opened, passes = open_for("next-word", model, quiet, Control()), []
    opened.model.register_forward_pre_hook(
        lambda module, args, named: passes.append(named["input_ids"].shape[1]), with_kwargs=True
    )
    continue_text("w1 w2 w3 w4", [model], replace(LIKELIEST, words=6), quiet, Control())
    assert passes[0] == 5
    assert set(passes[1:]) == {1}


def test_a_text_longer_than_the_model_goes_on_from_its_later_half(model: str) -> None:
    opened = open_for("next-word", model, quiet, Control())
    never_ends = torch.tensor([float("-inf")] + [0.0] * 99)
    opened.model.get_output_embeddings().register_forward_hook(lambda _, __, logits: logits + never_ends)
    (found,) = continue_text("w1 w2", [model], replace(LIKELIEST, words=100), quiet, Control())
    assert len(found.text.split()) == 100
    assert not found.ended


def test_the_same_seed_draws_the_same_words_and_another_others(model: str) -> None:
    drawing = Drawing(words=20, temperature=1.5, top_k=0, top_p=1)
    texts = [
        continue_text("w1 w2", [model], replace(drawing, seed=seed), quiet, Control())[0].text for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_words_come_one_by_one_from_both_models_in_turn(tmp_path: Path) -> None:
    models = [str(tiny_folder(tmp_path / name, "gpt2", n_inner=size)) for name, size in (("one", 32), ("two", 48))]
    seen: list[Event] = []
    drawing = Drawing(words=5, temperature=1.0)
    found = continue_text("w1", models, drawing, seen.append, Control())
    parts = [event.value for event in seen if isinstance(event, Partial)]
    assert parts[-1] == found
    assert len(found) == 2
    for before, after in pairwise(parts):
        for one, two in zip(before, after, strict=True):
            assert two.text.startswith(one.text)
            assert len(two.text.split()) - len(one.text.split()) in (0, 1)
    assert parts[0][0].text and parts[0][1].text


def test_it_stops_between_two_words(model: str) -> None:
    control, seen = Control(), []

    def emit(event: Event) -> None:
        seen.append(event)
        if sum(isinstance(one, Partial) for one in seen) == 2:
            control.stop()

    drawing = Drawing(words=50, temperature=2.0, top_k=0, top_p=1)
    with pytest.raises(StopRequested):
        continue_text("w1", [model], drawing, emit, control)
    assert sum(isinstance(event, Partial) for event in seen) == 2


def test_draws_are_among_the_likeliest_with_their_shares() -> None:
    logits = torch.tensor([0.1, 0.4, 0.2, 0.25, 0.05]).log()

    def drawn(**settings: float) -> dict[int, float]:
        random = torch.Generator().manual_seed(0)
        found = [draw(logits.clone(), Drawing(**settings), random) for _ in range(4000)]  # type: ignore[arg-type]
        return {piece: found.count(piece) / 4000 for piece in set(found)}

    assert drawn(temperature=0.0) == {1: 1.0}
    every = drawn(temperature=1.0, top_k=0, top_p=1.0)
    assert every == pytest.approx({0: 0.1, 1: 0.4, 2: 0.2, 3: 0.25, 4: 0.05}, abs=0.03)
    assert drawn(temperature=1.0, top_k=2, top_p=1.0) == pytest.approx({1: 0.4 / 0.65, 3: 0.25 / 0.65}, abs=0.03)
    assert set(drawn(temperature=1.0, top_k=0, top_p=0.6)) == {1, 3}  # 0.65 is the first sum that reaches 0.6
    assert set(drawn(temperature=1.0, top_k=0, top_p=0.7)) == {1, 2, 3}
    assert set(drawn(temperature=1.0, top_k=0, top_p=0.01)) == {1}
    assert drawn(temperature=0.5, top_k=0, top_p=1.0)[1] > 0.5


def test_what_is_expected_next_is_what_the_model_says(model: str) -> None:
    found = next_words("w1 w2 ", model, model, 3, quiet, Control())
    assert found.original == found.adapted
    opened = open_for("next-word", model, quiet, Control())
    with torch.no_grad():
        shares = opened.model(input_ids=torch.tensor([[0, 2, 3]])).logits[0, -1].softmax(-1)
    best = shares.topk(3)
    assert [guess.share for guess in found.original] == pytest.approx(best.values.tolist())
    names = [f"w{piece - 1}" if piece else "end of the text" for piece in best.indices.tolist()]
    assert [guess.word for guess in found.original] == names


@pytest.mark.parametrize(
    ("drawing", "why"),
    [(Drawing(words=0), "number of words"), (Drawing(temperature=-1), "temperature"), (Drawing(top_p=0), "Top-p")],
)
def test_an_impossible_setting_is_refused(drawing: Drawing, why: str, tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match=why):
        continue_text("w1", [str(tmp_path)], drawing, quiet, Control())


def test_a_model_that_guesses_hidden_words_is_refused() -> None:
    with pytest.raises(TlguiError, match="BERT reads a text from both sides, so it cannot guess the next word"):
        next_words("The queen", "starter", "", 5, quiet, Control())


def test_what_both_expect_is_a_sentence() -> None:
    eggs, honey = Guess("eggs", 0.3), Guess("honey", 0.2)
    assert next_words_sentence(NextWords((eggs,))) == "The model expects “eggs” next, with 30 %."
    assert next_words_sentence(NextWords((eggs,), (eggs,))) == "Both expect “eggs” next, with 30 % before and 30 % now."
    assert next_words_sentence(NextWords((eggs,), (honey,))).endswith("After your texts it is “honey”, with 20 %.")
