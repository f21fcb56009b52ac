"""The transfer sections of a recipe: read, checked and written again."""

from __future__ import annotations

from typing import Any

import pytest

from tlgui.core import recipe as recipes
from tlgui.core.errors import RecipeError
from tlgui.core.recipe import Recipe

WHOLE = """
schema = 1
[transfer]
method = "gradual"
frozen = ["embeddings", "0-2"]
layer_decay = 0.95
rates = { "5" = 2e-5 }
[transfer.gradual]
rule = "plateau"
checks = 2
at = { "4" = 2.5 }
[[transfer.changes]]
step = 12
groups = ["3"]
learns = true
[transfer.lora]
rank = 4
matrices = ["query", "output"]
[head]
pooling = "attention"
features = "mix"
hidden = 64
"""


def test_every_setting_of_transfer_survives_being_written_and_read() -> None:
    import tomllib

    made = recipes.from_values(tomllib.loads(WHOLE))
    assert made.transfer.gradual.at == {"4": 2.5}
    assert made.transfer.changes[0].groups == ("3",)
    assert recipes.from_values(tomllib.loads(recipes.dump(made))) == made


@pytest.mark.parametrize(
    ("section", "values", "field"),
    [
        ("transfer", {"rates": {"head": 0.0}}, "transfer.rates"),
        ("transfer", {"rates": {"head": float("inf")}}, "transfer.rates"),
        ("transfer", {"rates": {"head": float("nan")}}, "transfer.rates"),
        ("transfer", {"layer_decay": 0.0}, "transfer.layer_decay"),
        ("transfer.gradual", {"every": 0.0}, "transfer.gradual.every"),
        ("transfer.gradual", {"every": float("nan")}, "transfer.gradual.every"),
        ("transfer.gradual", {"every": 1.5, "unit": "steps"}, "transfer.gradual.every"),
        ("transfer.gradual", {"at": {"3": -1.0}}, "transfer.gradual.at"),
        ("transfer.gradual", {"checks": 0}, "transfer.gradual.checks"),
        ("transfer.lora", {"rank": 0}, "transfer.lora.rank"),
        ("transfer.lora", {"alpha": float("inf")}, "transfer.lora.alpha"),
        ("transfer.lora", {"dropout": 1.0}, "transfer.lora.dropout"),
        ("transfer.lora", {"matrices": ("gate",)}, "transfer.lora.matrices"),
        ("transfer", {"changes": ({"step": -1, "groups": ("3",), "learns": True},)}, "transfer.changes"),
        ("head", {"hidden": -1}, "head.hidden"),
        ("head", {"features": "mix"}, "head.pooling"),  # the model's own head takes the last layer
        ("train", {"learning_rate": float("inf")}, "train.learning_rate"),
    ],
)
def test_a_value_that_makes_no_sense_is_a_problem_of_its_field(
    section: str, values: dict[str, Any], field: str
) -> None:
    assert [problem.field for problem in recipes.problems(_settled().edit(section, **values))] == [field]


def test_a_goal_with_a_head_of_its_own_has_no_choice_of_another() -> None:
    masked = _settled().edit("", task="mask")
    assert recipes.problems(masked) == []
    assert [p.field for p in recipes.problems(masked.edit("head", pooling="mean"))] == ["head"]


def test_pooling_is_found_out_from_the_method() -> None:
    features = _settled().edit("transfer", method="feature-based")
    assert (_settled().pooling, features.pooling) == ("own", "mean")
    assert features.edit("", task="mask").pooling == "own"
    assert features.edit("head", pooling="max").pooling == "max"


def test_a_misspelt_setting_of_a_section_within_is_named_with_its_neighbour() -> None:
    with pytest.raises(RecipeError, match=r"transfer\.gradual\.evry.*“every”"):
        recipes.from_values({"schema": 1, "transfer": {"gradual": {"evry": 2}}})


def test_recipes_with_tables_can_be_compared_and_kept_in_sets() -> None:
    one, two = (_settled().edit("transfer", rates={"head": rate}) for rate in (1e-4, 2e-4))
    assert len({one, two, one.edit("transfer", rates={"head": 2e-4})}) == 2


def _settled() -> Recipe:
    return Recipe().edit("data", source="rows.csv")
