"""The plumbing of `dev.py bench`: tables, medians, turns, processes; the measurements themselves are made by hand."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from bench import command, materials
from bench import table as measurements
from bench.figures import Figure, Quality, table
from bench.materials import BenchError
from bench.sides import epoch_seconds, open_layers, run, script, tlgui, trainer
from bench.table import MEASUREMENTS, Measurement
from bench.work import Settings, Turn, Work, recipe_of, spec_of

from tlgui.core import recipe as recipes

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="measured on Linux and macOS only")
REPEATS = [
    {"TLGUI": {"epoch_s": 2.0, "accuracy": 0.70}, "Trainer": {"epoch_s": 3.0, "accuracy": 0.72}},
    {"TLGUI": {"epoch_s": 4.0, "accuracy": 0.74}, "Trainer": {"epoch_s": 8.0, "accuracy": 0.73}},
    {"TLGUI": {"epoch_s": 3.0, "accuracy": 0.72}, "Trainer": {"epoch_s": 5.1, "accuracy": 0.74}},
]
SPEED = Figure("an epoch", "Trainer.epoch_s", "TLGUI.epoch_s", at_least=1.6)


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Made-up sentences in place of the real ones."""
    rows = [(f"w{i % 90} the film w{i % 7} was" + " fine" * (i % 5), "good" if i % 2 else "bad") for i in range(6000)]
    monkeypatch.setitem(materials.CORPORA, "rt-polarity", lambda folder: (rows, rows[:100]))
    return tmp_path


@pytest.fixture
def turn(texts: Path) -> Turn:
    """A turn over 32 rows, one thread."""
    for name in ("turn", "shared"):
        (texts / name).mkdir()
    return Turn(settings(rows=32), texts / "turn", texts / "shared", seed=3)


def settings(**some: object) -> Settings:
    return replace(Settings(python=Path(sys.executable), data=Path("nowhere"), threads=1, repeats=2), **some)


def test_the_ratio_is_taken_in_each_repeat_and_its_median_counts() -> None:
    told = SPEED.told(REPEATS)
    assert (told["low"], told["median"], told["high"]) == pytest.approx((1.5, 1.7, 2.0))
    assert (told["asked"], told["held"]) == ("≥ 1.6", True)
    assert replace(SPEED, at_least=1.8).told(REPEATS)["held"] is False
    assert replace(SPEED, at_least=None, at_most=1.6).told(REPEATS)["held"] is False
    assert replace(SPEED, at_least=None).told(REPEATS)["held"] is None


def test_quality_is_the_same_within_the_spread_of_the_seeds() -> None:
    one = Quality("TLGUI.accuracy", "Trainer.accuracy")
    assert one.told(REPEATS)["held"] is True
    worse = [{**repeat, "TLGUI": {"accuracy": repeat["TLGUI"]["accuracy"] - 0.1}} for repeat in REPEATS]
    assert one.told(worse)["held"] is False
    assert one.told(REPEATS[:1])["held"] is None, "one seed has no spread"


def test_the_table_has_a_row_a_figure_with_units_ranges_and_verdict() -> None:
    figures = (SPEED, Quality("TLGUI.accuracy", "Trainer.accuracy"))
    lines = table([{"name": "all", "figures": [figure.told(REPEATS) for figure in figures]}]).splitlines()
    assert len({len(line) for line in lines}) == 1
    speed, quality = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:])
    both = "Trainer 5.10 s (3.00 to 8.00), TLGUI 3.00 s (2.00 to 4.00)"
    assert speed == ["all", "an epoch", both, "1.70 × (1.50 to 2.00)", "≥ 1.6: held"]
    assert quality[3:] == ["-0.010", "within the spread of the seeds: held"]


def test_two_numbers_of_one_side_are_told_apart_by_their_names() -> None:
    figure = Figure("one answer", "TLGUI.answer_ms", "TLGUI.forward_ms")
    told = figure.told([{"TLGUI": {"answer_ms": 5.0, "forward_ms": 10.0}}])
    assert "| answer 5.0 ms, forward 10.0 ms | 0.50 × (0.50 to 0.50) |" in table([{"name": "a", "figures": [told]}])


def test_an_epoch_is_all_between_two_validations_but_the_scoring() -> None:
    checks = [{"at": 100.0, "seconds": 5.0}, {"at": 120.0, "seconds": 4.0}, {"at": 139.0, "seconds": 6.0}]
    assert epoch_seconds(checks) == [16.0, 13.0]
    assert epoch_seconds(checks[:1]) == []


def test_every_measurement_has_a_name_of_its_own_and_figures_of_its_sides() -> None:
    assert [n for n, count in Counter(one.name for one in MEASUREMENTS).items() if count > 1] == []
    for one in MEASUREMENTS:
        names = {n for f in one.figures for n in (f.of, f.over if isinstance(f, Figure) else f.beside) if n}
        assert {name.rpartition(".")[0] for name in names} == one.sides.keys(), one.name
        assert one.name in command.listing()


def test_measurements_are_picked_by_name_and_a_wrong_one_lists_them() -> None:
    assert [one.name for one in command.named(["words", "everything"])] == ["everything", "words"]
    assert command.named([]) == list(MEASUREMENTS)
    with pytest.raises(BenchError, match=r"“wrods” is no measurement(.|\n)*words .* min"):
        command.named(["wrods"])


def test_a_wrong_name_is_told_before_anything_is_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(parsed("wrods"), Path(sys.executable), lambda: pytest.fail("it set up")) == 1
    assert "“wrods” is no measurement" in capsys.readouterr().err


def test_missing_texts_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"are not in .*--data"):
        materials.sentences("SST-2", tmp_path, 10, 10)


def test_too_few_texts_are_a_sentence(texts: Path) -> None:
    with pytest.raises(BenchError, match="has 6,000 rows to train on, not 7,000"):
        materials.sentences("rt-polarity", texts, 7000, 10)


def test_full_texts_are_words_of_one_piece(texts: Path) -> None:
    (texts / "vocab.txt").write_text("the\nfilm\nwas\n")
    rows, held = materials.full_texts("rt-polarity", texts, 3, 1, texts / "vocab.txt")
    assert [len(text.split()) for text, _ in (*rows, *held)] == [126] * 4
    assert set(rows[0][0].split()) == {"the", "film", "was"}


def test_recipe_and_plain_values_say_the_same(turn: Turn) -> None:
    work = Work(frozen=("embeddings", "0-3"), epochs=4, learning_rate=1e-3, one_in=2)
    spec = spec_of(work, turn)
    file = turn.folder / "recipe.toml"
    file.write_text(recipe_of(work, turn), encoding="utf-8")
    recipe = recipes.load(file)
    for name in ("epochs", "batch_size", "learning_rate", "max_length", "seed", "threads"):
        assert getattr(recipe.train, name) == spec[name]
    assert (recipe.data.source, recipe.data.validation) == (spec["train"], spec["validation"])
    assert (list(recipe.transfer.frozen), recipe.model.source) == (spec["frozen"], spec["model"])
    assert (recipe.train.validations, recipe.task) == (1, spec["task"])
    assert len(Path(spec["train"]).read_text().splitlines()) == 1 + 32 // 2
    assert spec_of(replace(work, own_split=True), turn)["validation"] == 0.1


def test_a_process_is_timed_and_its_own_memory_told(turn: Turn) -> None:
    """Started, as the bench does, by a process that is small itself, as its memory would count."""
    held = "import time; held = bytearray(300_000_000); print(time.time())"
    small = (
        "import sys; from pathlib import Path; from bench.sides import run; from bench.work import Settings, Turn\n"
        f"folder = Path({str(turn.folder)!r}); settings = Settings(python=Path(sys.executable), data=folder)\n"
        f"ran = run([sys.executable, '-c', {held!r}], Turn(settings, folder, folder, seed=0))\n"
        "print(ran.peak_bytes, ran.began, ran.output.strip(), ran.seconds)"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    told = subprocess.run([sys.executable, "-c", small], env=environ, capture_output=True, text=True, check=True).stdout
    peak, began, said, seconds = map(float, told.split())
    assert 300e6 < peak < 340e6
    assert 0 < said - began < seconds


def test_a_process_that_fails_is_told_with_its_last_words(turn: Turn) -> None:
    with pytest.raises(BenchError, match=r"no such thing(.|\n)*failed"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"], turn)


def test_a_process_is_ended_once_what_was_waited_for_is_there(turn: Turn) -> None:
    place = turn.folder / "there"
    code = f"open({str(place)!r}, 'w').close(); import time; time.sleep(600)"
    assert run([sys.executable, "-c", code], turn, place.exists).seconds < 60


def test_sides_take_turns_and_the_results_are_written(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order: list[tuple[str, int]] = []

    def side(name: str) -> measurements.Side:
        def take(turn: Turn) -> dict[str, float]:
            assert list(turn.folder.iterdir()) == [] and (turn.shared / "made").exists()
            order.append((name, turn.seed))
            return {"epoch_s": 1.0 + turn.seed, "steps": 4}

        return take

    both = Measurement(
        "fake",
        "nothing",
        0,
        {"TLGUI": side("TLGUI"), "Trainer": side("Trainer")},
        (SPEED,),
        prepare=lambda turn: (turn.shared / "made").touch(),
    )
    command.measure_all([both], settings(), texts / "new" / "results.json")
    assert order == [("TLGUI", 0), ("Trainer", 0), ("Trainer", 1), ("TLGUI", 1)]
    (written,) = json.loads((texts / "new" / "results.json").read_text())["measurements"]
    assert [repeat["TLGUI"]["epoch_s"] for repeat in written["repeats"]] == [1.0, 2.0]
    assert (written["figures"][0]["median"], written["figures"][0]["held"]) == (1.0, False)
    printed = capsys.readouterr().out
    assert command.run(parsed("--show", str(texts / "new" / "results.json")), Path(), lambda: None) == 0
    assert capsys.readouterr().out.strip() in printed


def test_sides_that_did_not_do_the_same_are_refused() -> None:
    sides = {name: lambda turn, steps=steps: {"steps": steps} for name, steps in (("TLGUI", 4), ("Trainer", 5))}
    with pytest.raises(BenchError, match="did not do the same"):
        command.measure(Measurement("fake", "nothing", 0, sides, ()), settings())


def test_a_script_tells_its_numbers_and_when_it_was_ready(turn: Turn) -> None:
    (turn.folder / "one.py").write_text("import time; print('hello'); print('{\"at\": %f, \"x_ms\": 5}' % time.time())")
    numbers = script(str(turn.folder / "one.py"))(turn)
    assert numbers.keys() == {"start_s", "x_ms", "peak_mb"}
    assert 0 < numbers["start_s"] < 60


@pytest.mark.long
def test_all_sides_train_the_same_on_a_tiny_model(turn: Turn) -> None:
    from tiny_models import tiny_folder

    tiny_folder(turn.folder / "model")
    work = Work(frozen=("embeddings", "0-1"), epochs=2, model=str(turn.folder / "model"))
    ours, peer, bound = (side(work)(turn) for side in (tlgui, trainer, open_layers))
    assert ours.keys() == peer.keys() > {"later_epochs_s", "first_step_s", "whole_s", "peak_mb", "accuracy"}
    assert ours["steps"] == peer["steps"] == 4
    for numbers in (ours, peer):
        assert 0 < numbers["first_step_s"] < numbers["whole_s"]
    assert 0 < bound["later_epochs_s"] < ours["whole_s"]


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)
