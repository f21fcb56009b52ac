"""Which groups learn in which step: exactly the planned ones, from the top down; a plan that makes no sense is told."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tlgui.core.freeze import layer_keys
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import describe_schedule, make_schedule, plan_problems, start_plan, thaw_order
from tlgui.core.transfer import Method

KEYS = ("embeddings", "0", "1", "2", "3", "pooler", "head")
TOP_DOWN = ("3", "2", "1", "0", "embeddings")


def recipe(method: Method = "gradual", frozen: tuple[str, ...] = (), epochs: int = 6, **gradual: object) -> Recipe:
    made = Recipe().edit("train", epochs=epochs).edit("transfer", method=method, frozen=frozen)
    return made.edit("transfer.gradual", **gradual)


def fields(
    made: Recipe, keys: tuple[str, ...] = KEYS, steps_per_epoch: int = 10, new: tuple[str, ...] = ()
) -> list[str]:
    return [problem.field for problem in plan_problems(made, keys, new, steps_per_epoch)]


@st.composite
def models(draw: st.DrawFn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of a model, and some that stay frozen for good, as a recipe lists them; something is left to thaw."""
    layers = draw(st.integers(1, 12))
    keys = ("embeddings", *map(str, range(layers)), *(("pooler",) if draw(st.booleans()) else ()), "head")
    frozen = draw(st.sets(st.sampled_from(keys[: layers + 1]), max_size=layers))
    return keys, tuple(key for key in keys if key in frozen)


@given(models(), st.integers(1, 9), st.integers(1, 40))
def test_each_step_has_exactly_the_groups_whose_time_has_come(
    model: tuple[tuple[str, ...], tuple[str, ...]], every: int, steps_per_epoch: int
) -> None:
    keys, frozen = model
    made = recipe(frozen=frozen, epochs=200, every=every, unit="steps")
    order = [key for key in (*reversed(layer_keys(keys)), "embeddings") if key not in frozen]
    assume(len(order) * every < 200 * steps_per_epoch)
    assert plan_problems(made, keys, (), steps_per_epoch) == []
    schedule = make_schedule(made, keys, steps_per_epoch)
    top = {"pooler", "head"} & set(keys)
    for done in range((len(order) + 1) * every + 1):
        expected = top | set(order[: done // every])
        assert set(schedule.after(done).learning) == expected, done
    assert schedule.ever == top | set(order)


@given(models(), st.floats(0.05, 3.0), st.integers(1, 60))
def test_a_plan_without_a_problem_has_stages_of_at_least_a_step_from_the_top_down(
    model: tuple[tuple[str, ...], tuple[str, ...]], every: float, steps_per_epoch: int
) -> None:
    keys, frozen = model
    made = recipe(frozen=frozen, epochs=40, every=every)
    schedule = make_schedule(made, keys, steps_per_epoch)
    times = [0, *(thaw.after for thaw in schedule.thaws)]
    holds = all(a < b for a, b in pairwise(times)) and times[-1] < 40 * steps_per_epoch
    found = plan_problems(made, keys, (), steps_per_epoch)
    assert bool(found) != holds
    assert {problem.field for problem in found} <= {"transfer.gradual.every"}
    order = thaw_order(start_plan(made.edit("transfer", method="fine-tune").transfer, keys))
    assert [thaw.key for thaw in schedule.thaws] == list(order)


@pytest.mark.parametrize(
    ("gradual", "field"),
    [
        ({"every": 0.01}, "transfer.gradual.every"),  # less than a step of ten
        ({"every": 1.3}, "transfer.gradual.every"),  # the fifth group would thaw after 65 of 60 steps
        ({"every": 12, "unit": "steps"}, "transfer.gradual.every"),
        ({"at": {"3": 7.0}}, "transfer.gradual.at"),  # before it: lower groups, and the end
        ({"at": {"3": 1.0, "2": 1.01}}, "transfer.gradual.at"),  # a stage of no step
        ({"at": {"3": 2.5}}, "transfer.gradual.at"),  # layer 2 would thaw at 2
        ({"at": {"0": 0.0}}, "transfer.gradual.at"),  # from the start, below layers that thaw later
        ({"at": {"7": 1.0}}, "transfer.gradual.at"),
        ({"at": {"embeddings": 6.0}}, "transfer.gradual.at"),  # after the last step
        ({"at": {"embeddings": 5.97}}, "transfer.gradual.at"),  # the same, rounded to a whole step
    ],
)
def test_a_plan_that_cannot_be_kept_is_a_problem_of_its_field(gradual: dict[str, object], field: str) -> None:
    assert fields(recipe(**gradual)) == [field]


def test_what_depends_on_the_data_is_left_until_it_is_known() -> None:
    assert fields(recipe(every=0.01), steps_per_epoch=0) == []
    assert fields(recipe(every=2.0, epochs=6), steps_per_epoch=0) == ["transfer.gradual.every"]  # epochs are known


def test_own_times_move_one_group_and_leave_the_others() -> None:
    made = recipe(every=1, at={"2": 1.5, "embeddings": 5.9})
    assert fields(made) == []
    schedule = make_schedule(made, KEYS, 10)
    assert [(thaw.key, thaw.after) for thaw in schedule.thaws] == [
        ("3", 10), ("2", 15), ("1", 30), ("0", 40), ("embeddings", 59)
    ]  # fmt: skip


def test_top_layers_may_learn_from_the_start() -> None:
    schedule = make_schedule(recipe(at={"3": 0.0, "2": 0.0}, every=1), KEYS, 10)
    assert schedule.start.learning == ("2", "3", "pooler", "head")
    assert [(thaw.key, thaw.after) for thaw in schedule.thaws] == [("1", 10), ("0", 20), ("embeddings", 30)]


def test_groups_that_share_a_time_of_their_own_thaw_together() -> None:
    made = recipe(at={"1": 3.0, "0": 3.0, "embeddings": 3.0})
    assert fields(made) == []
    assert set(make_schedule(made, KEYS, 10).after(30).learning) == set(KEYS)
    assert make_schedule(made, KEYS, 10).after(29).learning == ("2", "3", "pooler", "head")


def test_by_plateau_nothing_thaws_by_the_clock() -> None:
    schedule = make_schedule(recipe(rule="plateau", frozen=("embeddings", "1")), KEYS, 10)
    assert (schedule.thaws, schedule.waiting) == ((), ("3", "2", "0"))
    assert schedule.after(10_000) == schedule.start
    assert schedule.ever == {"3", "2", "0", "pooler", "head"}


@pytest.mark.parametrize(
    ("method", "frozen", "new", "learning"),
    [
        ("feature-based", (), (), {"head"}),
        ("feature-based", (), ("pooler", "head"), {"pooler", "head"}),
        ("feature-based", ("0-2",), ("head",), {"head"}),
        ("fine-tune", (), (), set(KEYS)),
        ("fine-tune", ("embeddings", "0-1"), (), {"2", "3", "pooler", "head"}),
        ("fine-tune", ("0", "2"), (), {"embeddings", "1", "3", "pooler", "head"}),
        ("gradual", (), (), {"pooler", "head"}),
        ("lora", (), (), {"0", "1", "2", "3", "pooler", "head"}),
        ("lora", ("0-1",), (), {"2", "3", "pooler", "head"}),
    ],
)
def test_what_learns_in_the_first_step(
    method: Method, frozen: tuple[str, ...], new: tuple[str, ...], learning: set[str]
) -> None:
    made = recipe(method, frozen)
    assert fields(made, new=new) == []
    assert set(make_schedule(made, KEYS, 10, new).start.learning) == learning


@pytest.mark.parametrize("method", ["fine-tune", "gradual", "lora"])
def test_a_plan_in_which_nothing_learns_is_a_problem(method: Method) -> None:
    assert fields(recipe(method, KEYS)) == ["transfer.frozen"]


@pytest.mark.parametrize(("method", "frozen"), [("gradual", ("embeddings", "0-3")), ("lora", ("0-3",))])
def test_a_method_without_a_layer_to_work_on_is_a_problem(method: Method, frozen: tuple[str, ...]) -> None:
    assert fields(recipe(method, frozen)) == ["transfer.frozen"]


@pytest.mark.parametrize("method", ["feature-based", "fine-tune", "gradual", "lora"])
def test_a_plan_for_a_deeper_model_is_a_problem_that_names_the_groups_there_are(method: Method) -> None:
    (problem,) = plan_problems(recipe(method, ("0-11",)), KEYS, (), 10)
    assert problem.field == "transfer.frozen"
    assert "embeddings, 0 to 3, pooler, head" in problem.text


@pytest.mark.parametrize(
    ("section", "values", "field"),
    [
        ("transfer", {"rates": {"11": 1e-4}}, "transfer.rates"),
        ("transfer", {"changes": [{"step": 3, "groups": ("11",), "learns": True}]}, "transfer.changes"),
        ("head", {"features": "11", "pooling": "mean"}, "head.features"),
        ("head", {"features": "pooler", "pooling": "mean"}, "head.features"),
    ],
)
def test_other_settings_that_name_a_group_the_model_has_not(
    section: str, values: dict[str, object], field: str
) -> None:
    assert fields(recipe("fine-tune").edit(section, **values)) == [field]


Changes = list[tuple[int, tuple[str, ...], bool]]


def changed(made: Recipe, changes: Changes) -> Recipe:
    return made.edit("transfer", changes=[{"step": s, "groups": g, "learns": on} for s, g, on in changes])


def test_changes_by_hand_hold_from_the_next_step_and_after_the_clock() -> None:
    made = changed(recipe(every=1), [(10, ("3",), False), (12, ("3", "0"), True)])
    assert fields(made) == []
    schedule = make_schedule(made, KEYS, 10)
    learning = {done: set(schedule.after(done).learning) - {"pooler", "head"} for done in (9, 10, 11, 12, 20)}
    assert learning == {9: set(), 10: set(), 11: set(), 12: {"3", "0"}, 20: {"3", "2", "0"}}


@pytest.mark.parametrize(
    "changes",
    [
        [(3, ("pooler", "head"), False)],  # nothing has thawed by then
        [(60, ("3",), True)],  # the run has 60 steps
    ],
)
def test_recorded_changes_that_make_no_sense(changes: Changes) -> None:
    assert fields(changed(recipe(every=1), changes)) == ["transfer.changes"]


@given(st.lists(st.tuples(st.integers(0, 59), st.sets(st.sampled_from(KEYS), min_size=1), st.booleans()), max_size=6))
def test_a_plan_that_is_let_through_never_has_a_step_in_which_nothing_learns(
    moves: list[tuple[int, set[str], bool]],
) -> None:
    changes = [(step, tuple(sorted(groups)), learns) for step, groups, learns in moves]
    made = changed(recipe(every=1), changes)
    assume(not fields(made))
    schedule = make_schedule(made, KEYS, 10)
    assert all(schedule.after(done).learning for done in range(60))
    assert set().union(*(schedule.after(done).learning for done in range(60))) <= schedule.ever


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (recipe("feature-based"), "features feed a new head"),
        (recipe("fine-tune", ("embeddings", "0-1")), "top 2 layers learn"),
        (recipe(every=1), "5 groups thaw, one each epoch"),
        (recipe(every=30, unit="steps", frozen=("embeddings", "0-2")), "1 group thaws, one every 30 steps"),
        (recipe(at={"3": 0.5}), "5 groups thaw at times of their own"),
        (recipe(rule="plateau"), "5 groups thaw when learning stalls"),
        (recipe("lora"), "LoRA of rank 8 on every layer"),
        (recipe("lora", ("0",)), "LoRA of rank 8 on 3 layers"),
    ],
)
def test_plans_in_words(made: Recipe, words: str) -> None:
    assert describe_schedule(made, KEYS) == words
