"""What the Race page reads and says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from race_reports import COUNTS, race_report
from ui_facts import EMPTY_TEXT, model, table

from tlgui.core import race_words
from tlgui.core.events import Failed
from tlgui.core.goals import GOALS
from tlgui.core.race import ALL, RaceSpec
from tlgui.core.samples import SAMPLES

RECIPE = SAMPLES["reviews"].recipe()


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("50, 200, all", (50, 200, ALL)),
        ("all 200;50", (50, 200, ALL)),
        ("ALL", (ALL,)),
        ("50, 50 ,50", (50,)),
        ("  ", ()),
    ],
)
def test_label_counts_are_read_as_people_type_them(text: str, labels: tuple[int, ...]) -> None:
    assert race_words.read_labels(text) == labels


@given(st.sets(st.integers(1, race_words.MOST), min_size=1, max_size=6), st.booleans())
def test_label_counts_survive_being_shown(counts: set[int], whole: bool) -> None:
    labels = (*sorted(counts), *([ALL] if whole else []))
    assert race_words.read_labels(race_words.show_labels(labels)) == labels


@pytest.mark.parametrize("word", ["fifty", "-3", "0", "5.5", "1e3", "²", "99999999999", "²0"])
def test_what_is_no_number_is_named(word: str) -> None:
    with pytest.raises(ValueError, match="is no number of rows") as told:
        race_words.read_labels(f"50, {word}")
    assert f"“{word}”" in str(told.value)


def test_what_keeps_a_race_from_starting_names_the_page_that_settles_it() -> None:
    def pages(recipe=RECIPE, found=model(), data=table(), going="", **failures):  # noqa: B008 - made once is enough
        return [b.page for b in race_words.blockers(recipe, found, data, failures, going)]

    assert pages() == []
    assert pages(RECIPE.edit("", task="mask")) == ["goal"]
    assert pages(RECIPE.edit("data", source="")) == ["data"]
    assert pages(data=table(EMPTY_TEXT)) == ["data"]
    assert pages(found=None, model=Failed("There is no folder /x.", "Check the path.")) == ["model"]
    assert pages(going="run") == ["train"]
    assert pages(going="race") == []
    assert pages(RECIPE.edit("transfer", frozen=("40-41",))) == []  # each strategy brings its own plan


def test_a_run_waits_for_a_race_and_says_so() -> None:
    assert race_words.waits_for("") == race_words.waits_for("run") == ()
    [told] = race_words.waits_for("race")
    assert told.page == "race"
    assert "when it has ended" in told.text


def test_problems_of_fields_are_told_by_field() -> None:
    spec = RaceSpec(RECIPE, strategies=("top-9",), labels=(50, 9000), seeds=3)
    assert race_words.field_problems(spec, None, None) == {}
    found = race_words.field_problems(spec, None, table())
    assert "360 rows" in found["labels"]
    fitting = RaceSpec(RECIPE, strategies=("top-9",), labels=(50, ALL), seeds=3)
    assert "6 layers" in race_words.field_problems(fitting, model(), table())["strategies"]


def test_how_far_a_race_is() -> None:
    going = race_report(cells=12, running="Top 2 layers, 200 labels, seed 1")
    assert race_words.going_words(going) == "12 of 36 runs, about 15 min left"
    assert race_words.running_words(going, "step 3 of 100") == "Top 2 layers, 200 labels, seed 1, step 3 of 100"
    assert race_words.running_words(None, "") == "Getting ready"
    assert race_words.going_words(race_report(cells=1, seconds_left=-1.0)) == "1 of 36 runs"
    assert race_words.ended_words(race_report()) == "36 of 36 runs, 1 h 12 min"
    assert race_words.plan_words(36, 1440.0) == "36 runs, about 24 min"
    assert race_words.plan_words(1, -1.0) == "1 run"
    assert race_words.rail_words(going, active=True) == "12 of 36"
    assert race_words.rail_words(None, active=True) == "starting"
    assert race_words.rail_words(going, active=False) == ""


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (1, "40 validation rows. One seed, so the spread is not known."),
        (2, "40 validation rows. Bands and ± are one standard deviation over 2 seeds. Two seeds say little of the"),
        (3, "40 validation rows. Bands and ± are one standard deviation over 3 seeds."),
    ],
)
def test_the_foot_says_what_the_spread_is(seeds: int, words: str) -> None:
    assert race_words.foot_note(race_report(seeds=seeds)).startswith(words)


def test_the_table_has_a_figure_a_label_count_and_marks_the_best() -> None:
    rows = {row.strategy: row for row in race_words.table_rows(race_report())}
    assert rows["everything"].scores == ("58.0", "70.5", "84.1")
    assert rows["everything"].spread == "± 0.4"
    assert rows["everything"].parameters == "22.7 M"
    assert (rows["everything"].minutes, rows["feature-based"].minutes) == ("7.4", "0.50")
    best = {key: row.best for key, row in rows.items() if any(row.best)}
    assert best == {
        "everything": (False, False, True),
        "top-2": (False, True, False),
        "feature-based": (True,) + (False,) * 2,
    }


def test_the_table_of_a_race_that_has_just_begun() -> None:
    rows = race_words.table_rows(race_report(cells=2))
    assert rows[0].scores == ("53.8", "–", "–")
    assert rows[0].spread == ""  # one seed has no spread
    assert rows[3].scores == ("–", "–", "–")
    assert rows[3].minutes == "–"


def test_a_loss_is_best_where_it_is_lowest() -> None:
    rows = race_words.table_rows(race_report(metric="loss", task="mask"))
    assert not GOALS["mask"].metric.higher_is_better
    assert [row.strategy for row in rows if row.best[0]] == ["scratch"]
    assert rows[0].scores[0] == "0.58"


def test_the_baseline_is_a_line_of_its_own_and_never_the_best() -> None:
    rows = race_words.table_rows(race_report(baseline={50: 0.99, 360: 0.725}))
    assert rows[-1].title == race_words.BASELINE
    assert rows[-1].scores == ("99.0", "–", "72.5")
    assert not any(rows[-1].best)


def test_the_last_column_says_what_its_spread_is_over() -> None:
    assert race_words.count_words(50, 360) == "50 labels"
    assert race_words.last_column(360, COUNTS[-1], 3) == "All labels, ± over 3 seeds"
    assert race_words.last_column(200, COUNTS[-1], 1) == "200 labels"


def test_a_unit_stays_with_its_figure() -> None:
    told = race_words.bound("It takes 23 s, 4 min in all, and costs 1.1 points at 81 %. 3 seeds ran.")
    assert told.replace("\N{NO-BREAK SPACE}", "_") == (
        "It takes 23_s, 4_min in all, and costs 1.1_points at 81_%. 3 seeds ran."
    )
