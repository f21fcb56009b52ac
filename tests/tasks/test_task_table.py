"""The table of goals and the table of tasks agree."""

from __future__ import annotations

import pytest

from tlgui.core.goals import GOALS
from tlgui.inspect.evaluation import EVALUATIONS
from tlgui.models.loading import HEADS
from tlgui.tasks.table import TASKS


def test_every_goal_has_its_task_head_and_evaluation() -> None:
    assert set(GOALS) == set(TASKS) == set(HEADS) == set(EVALUATIONS)


@pytest.mark.parametrize("key", TASKS)
def test_a_task_is_filed_under_its_own_key(key: str) -> None:
    assert TASKS[key].key == key
