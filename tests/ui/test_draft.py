"""The draft: it speaks only when something changed, and every change can be undone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from tlgui.core.recipe import Recipe
from tlgui.ui.draft import UNDO_STEPS, Draft

EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("train"), st.just("epochs"), st.integers(1, 5)),
        st.tuples(st.just("train"), st.just("seed"), st.integers(0, 3)),
        st.tuples(st.just("model"), st.just("weights"), st.sampled_from(["pretrained", "scratch"])),
        st.tuples(st.just(""), st.just("name"), st.sampled_from(["a", "b"])),
    ),
    max_size=30,
)


def test_an_edit_that_changes_nothing_says_nothing(qtbot: QtBot) -> None:
    draft = Draft(Recipe())
    heard: list[str] = []
    draft.changed.connect(lambda: heard.append(draft.recipe.name))
    draft.edit("train", epochs=draft.recipe.train.epochs)
    assert not heard
    assert not draft.can_undo
    draft.edit("", name="other")
    assert heard == ["other"]


@given(EDITS)
def test_undo_goes_back_to_the_start_and_redo_to_the_end(edits: list[tuple[str, str, object]]) -> None:
    start = Recipe()
    draft = Draft(start)
    for section, field, value in edits:
        draft.edit(section, **{field: value})
    end = draft.recipe
    while draft.can_undo:
        draft.undo()
    assert draft.recipe == start
    while draft.can_redo:
        draft.redo()
    assert draft.recipe == end


def test_a_new_edit_ends_the_redo(qtbot: QtBot) -> None:
    draft = Draft(Recipe())
    draft.edit("train", epochs=7)
    draft.undo()
    draft.edit("train", epochs=9)
    assert not draft.can_redo
    draft.redo()
    assert draft.recipe.train.epochs == 9


def test_the_past_has_a_limit(qtbot: QtBot) -> None:
    draft = Draft(Recipe())
    for epochs in range(10, 10 + UNDO_STEPS + 50):
        draft.edit("train", epochs=epochs)
    steps = 0
    while draft.can_undo:
        draft.undo()
        steps += 1
    assert steps == UNDO_STEPS + 1
