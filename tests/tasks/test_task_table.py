"""The table of goals and the table of tasks agree."""

from __future__ import annotations

import pytest

from tlgui.core.goals import GOALS, Goal
from tlgui.data.truths import KINDS
from tlgui.inspect.evaluation import EVALUATIONS
from tlgui.models.loading import ARCHITECTURES, HEADS
from tlgui.tasks.table import TASKS


def test_every_goal_has_its_task_and_its_head() -> None:
    assert set(GOALS) == set(TASKS) == set(HEADS)
    assert set(EVALUATIONS) <= set(GOALS)


@pytest.mark.parametrize("goal", GOALS.values(), ids=lambda goal: goal.key)
def test_a_trained_model_of_a_goal_can_be_told_from_others(goal: Goal) -> None:
    assert goal.pretrained_head != (goal.key in ARCHITECTURES)


@pytest.mark.parametrize("goal", GOALS.values(), ids=lambda goal: goal.key)
def test_a_goal_whose_truth_is_no_class_has_it_looked_at(goal: Goal) -> None:
    assert goal.truth in ("", "class") or goal.truth in KINDS


@pytest.mark.parametrize("key", TASKS)
def test_a_task_is_filed_under_its_own_key(key: str) -> None:
    assert TASKS[key].key == key
