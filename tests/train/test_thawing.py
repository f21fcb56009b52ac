"""Groups that thaw and freeze while a run goes on: when, why, how it is said, and that it comes out the same again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from tiny_runs import gradual, loop_in_memory, stalling, tiny_recipe

from tlgui.core import events
from tlgui.core.control import Control
from tlgui.core.errors import RecipeError
from tlgui.core.events import Event, Note, PlanChanged, StepDone
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.core.transfer import HandChange
from tlgui.tasks.base import Scores
from tlgui.train import loop, session

Move = tuple[int, tuple[str, ...], tuple[str, ...], str]


def run(
    recipe: Recipe, runs: Path, emit: Callable[[Event], None] = lambda e: None, control: Control | None = None
) -> Path:
    ending = session.run(recipe, runs, emit, control or Control())
    return Path(ending.value.folder)  # type: ignore[union-attr]


def of(run: Path) -> History:
    return History.of(RunFolder(run).events())


def moves(history: History) -> list[Move]:
    return [(change.step, change.thawed, change.frozen, change.why) for change in history.changes]


def same(one: History, two: History) -> bool:
    """Whether two runs came out the same to the last bit, whoever made their changes."""

    def all_of(history: History) -> tuple[object, ...]:
        scored = [(v.step, v.loss, dict(v.metrics), v.best) for v in history.validations]
        changed = [(c.step, c.learns, c.thawed, c.frozen, c.why, c.back_to) for c in history.changes]
        after = {key: receipt.after for key, receipt in history.receipts.items()}
        return history.losses.tolist(), history.rates.tolist(), scored, history.probes, changed, after

    return all_of(one) == all_of(two)


def wishing(control: Control, wishes: Sequence[tuple[int, tuple[str, ...], bool]]) -> Callable[[Event], None]:
    """Ask for groups once a step is done."""

    def emit(event: Event) -> None:
        for step, groups, learns in wishes:
            if isinstance(event, StepDone) and event.step == step:
                control.wish(groups, learns=learns)

    return emit


def test_layers_thaw_at_their_steps_and_say_so(tmp_path: Path) -> None:
    recipe = gradual(tiny_recipe(tmp_path, validations=1), every=3, unit="steps", at={"embeddings": 12.0})
    history = of(run(recipe, tmp_path / "runs"))
    assert moves(history) == [
        (3, ("2",), (), "planned"),
        (6, ("1",), (), "planned"),
        (9, ("0",), (), "planned"),
        (12, ("embeddings",), (), "planned"),
    ]
    assert history.learns == history.groups == ("embeddings", "0", "1", "2", "pooler", "head")
    said = [note.text for note in history.notes if note.step == 3]
    assert said[0] == "Layer 2 thawed, as planned. Rate 9.3e-4."  # step 4 of 16, warm for 2


def test_two_groups_of_one_time_thaw_in_one_change(tmp_path: Path) -> None:
    recipe = gradual(tiny_recipe(tmp_path, validations=1), at=dict.fromkeys(("1", "0", "embeddings"), 1.5), every=0.5)
    recipe = recipe.edit("transfer", layer_decay=0.5)
    history = of(run(recipe, tmp_path / "runs"))
    assert moves(history) == [(4, ("2",), (), "planned"), (12, ("embeddings", "0", "1"), (), "planned")]
    said = [note.text for note in history.notes if note.step == 12]
    assert said[-1] == "Layers 0 to 1 and embeddings thawed, as planned. Rates 8.9e-6 to 3.6e-5."


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"every": 0.01}, "transfer.gradual.every"),
        ({"every": 1.0}, "transfer.gradual.every"),
        ({"every": 0.5, "at": {"2": 0.6, "1": 0.55}}, "transfer.gradual.at"),
        ({"every": 0.5, "at": {"9": 0.6}}, "transfer.gradual.at"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_told_before_anything_is_written(
    tmp_path: Path, settings: dict[str, object], field: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        run(gradual(tiny_recipe(tmp_path), **settings), tmp_path / "runs")
    assert field in [problem.field for problem in caught.value.problems]
    assert not (tmp_path / "runs").exists()


WISHES = ((3, ("embeddings", "0"), True), (3, ("pooler",), False), (6, ("2",), False), (11, ("2", "pooler"), True))


def test_changes_by_hand_are_recorded_and_the_recipe_replays_them(tmp_path: Path) -> None:
    control = Control()
    folder = run(tiny_recipe(tmp_path), tmp_path / "runs", wishing(control, WISHES), control)
    history = of(folder)
    assert moves(history) == [
        (3, ("embeddings", "0"), (), "by hand"),
        (3, (), ("pooler",), "by hand"),
        (6, (), ("2",), "by hand"),
        (11, ("2", "pooler"), (), "by hand"),
    ]
    assert history.learns == history.groups
    recorded = RunFolder(folder).recipe()
    assert recorded.transfer.changes == tuple(HandChange(step=s, groups=g, learns=on) for s, g, on in WISHES)
    assert [n.text for n in history.notes if n.step == 6][-1] == "Layer 2 frozen by hand."
    assert same(of(run(recorded, tmp_path / "runs")), history)
    assert not same(of(run(tiny_recipe(tmp_path), tmp_path / "runs")), history)


def test_a_wish_during_a_replay_finds_its_place_among_the_recorded_ones(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, validations=1).edit(
        "transfer", changes=({"step": 9, "groups": ("0",), "learns": True},)
    )
    control = Control()
    folder = run(recipe, tmp_path / "runs", wishing(control, [(4, ("embeddings",), True)]), control)
    assert moves(of(folder)) == [(4, ("embeddings",), (), "by hand"), (9, ("0",), (), "by hand")]
    assert [change.step for change in RunFolder(folder).recipe().transfer.changes] == [4, 9]


@pytest.mark.parametrize("stop_after", [2, 3, 5, 6, 12])
def test_going_on_makes_the_changes_that_come_and_keeps_those_that_were(tmp_path: Path, stop_after: int) -> None:
    recipe = gradual(tiny_recipe(tmp_path, validations=1), every=3, unit="steps").edit(
        "transfer", changes=[{"step": s, "groups": g, "learns": on} for s, g, on in WISHES]
    )
    whole = of(run(recipe, tmp_path / "runs"))
    control = Control()
    stopped = run(
        recipe,
        tmp_path / "runs",
        lambda e: control.stop() if isinstance(e, StepDone) and e.step == stop_after else None,
        control,
    )
    session.resume(stopped, lambda e: None, Control())
    assert same(of(stopped), whole)


@pytest.mark.parametrize(
    ("transfer", "groups", "learns", "says"),
    [
        ({}, ("7",), True, "“7” is no group of this model, so nothing was changed by hand."),
        ({}, ("2",), True, "Layer 2 learns already."),
        ({}, ("embeddings", "0"), False, "Layer 0 and embeddings are frozen already."),
        (
            {},
            ("1", "2", "pooler", "head"),
            False,
            "Nothing was changed by hand. Every group is frozen, so nothing would",
        ),
        (
            {"method": "lora"},
            ("0",),
            True,
            "Layer 0 has no LoRA adapters in this run and cannot be thawed.",
        ),
        ({"method": "lora"}, ("embeddings",), True, "Embeddings have no LoRA adapters"),
        (
            {"method": "feature-based"},
            ("1",),
            True,
            "Only the head learns in feature-based transfer. So layer 1 cannot be thawed by hand.",
        ),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_a_sentence(
    tmp_path: Path, transfer: dict[str, object], groups: tuple[str, ...], learns: bool, says: str
) -> None:
    control = Control()
    recipe = tiny_recipe(tmp_path, validations=1, epochs=1).edit("transfer", **transfer)
    folder = run(recipe, tmp_path / "runs", wishing(control, [(2, groups, learns)]), control)
    history = of(folder)
    assert history.changes == []
    assert any(note.step == 2 and note.text.startswith(says) for note in history.notes)
    assert RunFolder(folder).recipe().transfer.changes == ()


def test_a_wish_after_the_last_step_is_answered(tmp_path: Path) -> None:
    control = Control()
    recipe = tiny_recipe(tmp_path, validations=1, epochs=1)
    history = of(run(recipe, tmp_path / "runs", wishing(control, [(8, ("0",), True)]), control))
    assert history.changes == []
    assert "No step is left, so layer 0 cannot be changed by hand any more." in [note.text for note in history.notes]


def test_adapters_can_be_frozen_and_thawed_by_hand(tmp_path: Path) -> None:
    control = Control()
    recipe = tiny_recipe(tmp_path).edit("transfer", method="lora", frozen=("0",))
    folder = run(recipe, tmp_path / "runs", wishing(control, [(3, ("2",), False), (9, ("2",), True)]), control)
    assert moves(of(folder)) == [(3, (), ("2",), "by hand"), (9, ("2",), (), "by hand")]
    assert same(of(run(RunFolder(folder).recipe(), tmp_path / "runs")), of(folder))


def test_a_recorded_thaw_of_a_layer_without_adapters_is_told_before_anything_is_written(tmp_path: Path) -> None:
    changes = [{"step": 3, "groups": ("0",), "learns": True}]
    recipe = tiny_recipe(tmp_path).edit("transfer", method="lora", frozen=("0",), changes=changes)
    with pytest.raises(RecipeError) as caught:
        run(recipe, tmp_path / "runs")
    assert [problem.field for problem in caught.value.problems] == ["transfer.changes"]
    assert not (tmp_path / "runs").exists()


def test_lora_resumes_exactly(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("transfer", method="lora", frozen=("0",)).edit("transfer.lora", dropout=0.1)
    whole, control = of(run(recipe, tmp_path / "runs")), Control()
    stopped = run(
        recipe,
        tmp_path / "runs",
        lambda e: control.stop() if isinstance(e, StepDone) and e.step == 5 else None,
        control,
    )
    session.resume(stopped, lambda e: None, Control())
    assert same(of(stopped), whole)


def scripted(monkeypatch: pytest.MonkeyPatch, values: str) -> None:
    """Let the validations score what the letters say: b is better than all before, w is worse."""
    letters = iter(values)
    best = [0.0]

    def score(self: loop.Loop) -> Scores:
        better = next(letters) == "b"
        best[0] += better
        return Scores(100.0 - best[0] if better else 200.0, {"accuracy": best[0] if better else 0.0, "macro_f1": 0.0})

    monkeypatch.setattr(loop.Loop, "score", score)


@pytest.mark.parametrize(
    ("letters", "checks", "expected"),
    [
        # one validation before training, then one after each 2 of 16 steps
        ("bbbbbbbbb", 2, []),
        ("bwwbwwbbb", 2, [(4, ("2",), (), "plateau"), (10, ("1",), (), "plateau")]),
        ("bwwwwwwww", 2, [(4, ("2",), (), "plateau"), (8, (), ("2",), "worse")]),
        ("bwwwbwwww", 2, [(4, ("2",), (), "plateau"), (12, ("1",), (), "plateau")]),
        ("bwbwbwbwb", 1, [(2, ("2",), (), "plateau"), (6, ("1",), (), "plateau"), (10, ("0",), (), "plateau"),
                          (14, ("embeddings",), (), "plateau")]),
        ("bwbwwwwww", 1, [(2, ("2",), (), "plateau"), (6, ("1",), (), "plateau"), (8, (), ("1",), "worse")]),
    ],
)  # fmt: skip
def test_a_stalled_validation_thaws_and_a_second_one_undoes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letters: str, checks: int, expected: list[Move]
) -> None:
    scripted(monkeypatch, letters)
    recipe = gradual(tiny_recipe(tmp_path), rule="plateau", checks=checks).edit("", probes=())
    assert moves(of(run(recipe, tmp_path / "runs"))) == expected


def test_an_early_end_waits_until_nothing_is_left_to_thaw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, "bwwwwwwwwwww")
    recipe = gradual(tiny_recipe(tmp_path, epochs=3, patience=2), rule="plateau", checks=2).edit("", probes=())
    history = of(run(recipe, tmp_path / "runs"))
    assert moves(history) == [(4, ("2",), (), "plateau"), (8, (), ("2",), "worse")]
    assert history.step == 12  # two validations after thawing was over
    scripted(monkeypatch, "b" + "w" * 12)
    clock = gradual(tiny_recipe(tmp_path, epochs=3, patience=2), every=5, unit="steps").edit("", probes=())
    assert of(run(clock, tmp_path / "runs")).step == 24  # the embeddings thaw after step 20


def test_a_waiting_group_that_was_thawed_or_frozen_by_hand_is_not_thawed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, "bbbwbwwww")
    control = Control()
    recipe = gradual(tiny_recipe(tmp_path), rule="plateau", checks=1).edit("", probes=())
    wishes = [(1, ("2", "1"), True), (3, ("1",), False)]
    history = of(run(recipe, tmp_path / "runs", wishing(control, wishes), control))
    assert moves(history)[2:] == [(6, ("0",), (), "plateau"), (10, ("embeddings",), (), "plateau"),
                                  (12, (), ("embeddings",), "worse")]  # fmt: skip


def test_a_thaw_that_did_no_good_puts_the_best_weights_back(tmp_path: Path) -> None:
    kept: dict[str, dict[str, torch.Tensor]] = {}
    seen: list[Event] = []

    def weights() -> dict[str, torch.Tensor]:
        return {name: p.detach().clone() for name, p in made.setup.parameters.items()}

    def emit(event: Event) -> None:
        seen.append(event)
        if isinstance(event, events.Validated) and event.best:
            kept["best"] = weights()
        if isinstance(event, StepDone):
            kept.setdefault("after undoing", weights()) if undone() else kept.update(before=weights())

    def undone() -> list[PlanChanged]:
        return [e for e in seen if isinstance(e, PlanChanged) and e.why == "worse"]

    made = loop_in_memory(stalling(tmp_path), emit)
    first = weights()
    put_back = made.store.put_back_best
    made.store.put_back_best = lambda: (put_back(), kept.update(back=weights()))[0]  # type: ignore[method-assign]
    made.run()
    (change,) = undone()
    assert (change.frozen, change.back_to) == (("2",), 12)
    best = max(e.step for e in seen if isinstance(e, events.Validated) and e.best and e.step < change.step)
    assert change.back_to == best
    layer = made.setup.learnable(["2"])
    assert any(not torch.equal(kept["before"][name], first[name]) for name in layer)
    assert all(torch.equal(kept["back"][name], first[name]) for name in layer)  # it had not learned at the best
    assert not any(made.optimizer.state.get(parameter) for parameter in layer.values())
    note = next(e.text for e in seen if isinstance(e, Note) and "frozen again" in e.text)
    assert note.startswith("Layer 2 made nothing better in one check, so it is frozen again and thawing ends.")


def test_the_weights_that_are_put_back_are_those_of_the_best_validation(tmp_path: Path) -> None:
    seen: list[Event] = []
    made = loop_in_memory(stalling(tmp_path), seen.append)
    snapshots: list[dict[str, torch.Tensor]] = []
    save_best, put_back = made.store.save_best, made.store.put_back_best

    def weights() -> dict[str, torch.Tensor]:
        return {name: p.detach().clone() for name, p in made.setup.parameters.items()}

    made.store.save_best = lambda: (snapshots.append(weights()), save_best())[1]  # type: ignore[method-assign]

    def check() -> None:
        put_back()
        assert all(torch.equal(snapshots[-1][name], value) for name, value in weights().items())
        snapshots.append({})

    made.store.put_back_best = check  # type: ignore[method-assign]
    made.run()
    assert {} in snapshots


def test_gradual_by_plateau_replays_from_its_recorded_recipe_to_the_last_bit(tmp_path: Path) -> None:
    control = Control()
    wishes = [(18, ("0",), True), (18, ("2",), False)]  # the second ends the trial of layer 2
    for asked in ([], wishes):
        folder = run(stalling(tmp_path), tmp_path / "runs", wishing(control, asked), control)
        whole = of(folder)
        assert moves(whole)[0] == (16, ("2",), (), "plateau")
        assert same(of(run(RunFolder(folder).recipe(), tmp_path / "runs")), whole)


@pytest.mark.parametrize("stop_after", [12, 16, 17, 20, 21, 24])
def test_gradual_by_plateau_goes_on_exactly(tmp_path: Path, stop_after: int) -> None:
    whole = of(run(stalling(tmp_path), tmp_path / "runs"))
    assert moves(whole) == [(16, ("2",), (), "plateau"), (20, (), ("2",), "worse")]
    control = Control()
    stopped = run(
        stalling(tmp_path),
        tmp_path / "runs",
        lambda e: control.stop() if isinstance(e, StepDone) and e.step == stop_after else None,
        control,
    )
    session.resume(stopped, lambda e: None, Control())
    assert same(of(stopped), whole)
