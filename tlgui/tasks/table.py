"""The goals that can be trained: adding one is adding a row."""

from __future__ import annotations

from tlgui.tasks.answer import Answer
from tlgui.tasks.base import Task
from tlgui.tasks.classify import Classify
from tlgui.tasks.corruption import Corrupt
from tlgui.tasks.mask import Mask
from tlgui.tasks.mask_nsp import MaskAndOrder
from tlgui.tasks.next_word import NextWord
from tlgui.tasks.regress import Regress
from tlgui.tasks.tag import Tag
from tlgui.tasks.text_to_text import TextToText

TASKS: dict[str, Task] = {
    task.key: task
    for task in (
        Classify(),
        Regress(),
        Mask(),
        MaskAndOrder(),
        NextWord(),
        Answer(),
        Tag(),
        TextToText(),
        Corrupt(),
    )
}
