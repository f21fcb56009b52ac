"""The workflow that packages TLGUI, as far as it can be checked without the machines it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
WORKFLOW = yaml.safe_load((FOLDER / "package.yml").read_text(encoding="utf-8"))
JOB = WORKFLOW["jobs"]["package"]
STARTS = WORKFLOW[True]  # YAML reads the key "on" as a truth value


def step(words: str) -> dict[str, Any]:
    """The only step whose command or action has these words."""
    (found,) = (one for one in JOB["steps"] if words in one.get("run", "") + one.get("uses", "") + one.get("name", ""))
    return found


def test_it_starts_for_releases_by_hand_and_when_packaging_changes() -> None:
    assert STARTS["push"] == {"tags": ["v*"]}
    assert "workflow_dispatch" in STARTS
    assert "packaging/**" in STARTS["pull_request"]["paths"]
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_linux_is_built_on_the_oldest_system_and_tried_in_a_bare_one() -> None:
    (linux,) = (entry for entry in JOB["strategy"]["matrix"]["include"] if "container" in entry)
    assert linux["container"]["image"] == "debian:12"
    assert linux["words"] == "--bare-root"
    assert "matrix.words" in step("dev.py package")["run"]


def test_each_kind_of_package_is_kept_and_missing_ones_fail() -> None:
    kept = step("Keep the packages")["with"]
    assert kept["path"].split() == [f"dist/*.{ending}" for ending in ("tar.xz", "deb", "exe", "dmg")]
    assert kept["if-no-files-found"] == "error"


def test_pictures_are_kept_when_something_failed() -> None:
    pictures = step("pictures")
    assert pictures["if"] == "always()"
    assert pictures["with"]["path"] == "dist/pictures"


@pytest.mark.parametrize("name", ["ci.yml", "package.yml"])
def test_actions_are_of_a_fixed_major_version(name: str) -> None:
    jobs = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))["jobs"].values()
    used = [one["uses"] for job in jobs for one in job["steps"] if "uses" in one]
    assert used
    assert all(action.partition("@")[2].startswith("v") for action in used)
