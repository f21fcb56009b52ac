"""The goals that can be trained: adding one is adding a row."""

from __future__ import annotations

from tlgui.tasks.base import Task
from tlgui.tasks.classify import Classify
from tlgui.tasks.mask import Mask

TASKS: dict[str, Task] = {task.key: task for task in (Classify(), Mask())}
