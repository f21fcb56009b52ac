"""What is known of the draft: asked anew when it changes, never of an older draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tiny_runs import tiny_recipe

from tlgui.core.samples import SAMPLES
from tlgui.ui.workbench import Workbench

LONG = 60_000


@pytest.fixture
def tiny(bench: Workbench, tmp_path: Path) -> Workbench:
    bench.draft.replace(tiny_recipe(tmp_path))
    return bench


def known(bench: Workbench, *names: str) -> bool:
    return all(getattr(bench.findings, name) for name in names)


def test_nothing_is_asked_before_the_first_paint(tiny: Workbench) -> None:
    assert tiny.worker.idle
    tiny.draft.edit("train", epochs=5)
    assert tiny.worker.idle


def test_everything_is_found_out_in_the_end(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    qtbot.waitUntil(lambda: known(tiny, "machine", "models", "model", "data", "lengths", "cost"), timeout=LONG)
    found = tiny.findings
    assert found.model is not None
    assert found.data is not None
    assert found.cost is not None
    assert found.model.keys == ("embeddings", "0", "1", "2", "pooler", "head")
    assert (found.data.train_rows, found.data.validation_rows) == (64, 16)
    assert found.cost.steps == 16
    assert found.models[0].source == "starter"


def test_a_change_drops_only_what_depends_on_it(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    qtbot.waitUntil(lambda: known(tiny, "model", "data", "cost"), timeout=LONG)
    model = tiny.findings.model
    tiny.draft.edit("data", validation=0.5)
    assert tiny.findings.data is None
    assert tiny.findings.cost is None
    assert tiny.findings.model is model
    assert tiny.findings.is_looking("data")
    qtbot.waitUntil(lambda: known(tiny, "data", "cost"), timeout=LONG)
    assert tiny.findings.data is not None
    assert tiny.findings.data.train_rows == 40


def test_of_two_quick_changes_the_second_is_answered(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    tiny.draft.edit("data", validation=0.5)
    tiny.draft.edit("data", validation=0.25)
    qtbot.waitUntil(lambda: known(tiny, "data"), timeout=LONG)
    assert tiny.findings.data is not None
    assert tiny.findings.data.train_rows == 60


def test_a_failure_is_kept_until_its_cause_changes(tiny: Workbench, qtbot: QtBot) -> None:
    good = tiny.draft.recipe
    tiny.draft.edit("model", source="/nowhere")
    tiny.findings.begin()
    qtbot.waitUntil(lambda: tiny.findings.failure("model") is not None, timeout=LONG)
    failure = tiny.findings.failure("model")
    assert failure is not None
    assert "/nowhere" in failure.title
    assert tiny.findings.model is None
    tiny.draft.replace(good)
    assert tiny.findings.failure("model") is None
    qtbot.waitUntil(lambda: known(tiny, "model"), timeout=LONG)


def test_a_cancelled_look_stays_unanswered(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    tiny.findings.cancel("data")
    qtbot.waitUntil(lambda: known(tiny, "model") and tiny.worker.idle, timeout=LONG)
    assert tiny.findings.data is None
    assert tiny.findings.failure("data") is None
    assert not tiny.findings.is_looking("data")


def test_a_renewed_answer_stands_until_the_new_one_comes(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    qtbot.waitUntil(lambda: known(tiny, "models") and not tiny.findings.is_looking("runs"), timeout=LONG)
    before = tiny.findings.models
    tiny.findings.renew("models")
    assert tiny.findings.models is before
    assert tiny.findings.is_looking("models")
    qtbot.waitUntil(lambda: not tiny.findings.is_looking("models"), timeout=LONG)
    assert tiny.findings.models == before
    assert tiny.findings.models is not before


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_fills_every_page(bench: Workbench, qtbot: QtBot, key: str) -> None:
    bench.draft.replace(SAMPLES[key].recipe())
    bench.findings.begin()
    qtbot.waitUntil(lambda: known(bench, "model", "data", "lengths"), timeout=LONG)
    assert bench.findings.data is not None
    assert not [problem for problem in bench.findings.data.problems if problem.severity == "must"]


def test_another_head_shows_the_old_groups_until_the_new_ones_are_known(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    qtbot.waitUntil(lambda: known(tiny, "model"), timeout=LONG)
    usual, recipe = tiny.findings.model, tiny.draft.recipe
    assert usual is not None
    tiny.draft.edit("transfer", method="feature-based")
    assert tiny.findings.model is usual
    assert tiny.findings.is_looking("model")
    qtbot.waitUntil(lambda: not tiny.findings.is_looking("model"), timeout=LONG)
    assert tiny.findings.model is not None
    assert "pooler" not in tiny.findings.model.keys
    assert tiny.findings.recall("model", recipe) is usual
    tiny.draft.edit("transfer", method="fine-tune")
    assert tiny.findings.model is usual
    assert not tiny.findings.is_looking("model")


def test_another_model_is_never_stood_in_for(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    qtbot.waitUntil(lambda: known(tiny, "model"), timeout=LONG)
    tiny.draft.edit("model", source="/nowhere")
    assert tiny.findings.model is None


def test_what_was_forgotten_is_looked_up_again(tiny: Workbench, qtbot: QtBot) -> None:
    tiny.findings.begin()
    qtbot.waitUntil(lambda: known(tiny, "model"), timeout=LONG)
    tiny.findings.again("model")
    assert tiny.findings.model is None
    assert tiny.findings.is_looking("model")
    assert tiny.findings.recall("model", tiny.draft.recipe) is None
