"""The lock files pin exactly what the project needs, and fit pyproject.toml."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = [text for group in PROJECT["project"]["optional-dependencies"].values() for text in group]
BUILD = PROJECT["build-system"]["requires"]


def pins(*names: str) -> dict[str, str]:
    """Version by canonical name, from some lock files."""
    lines = [line for name in names for line in (ROOT / "packaging" / name).read_text(encoding="utf-8").splitlines()]
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), f"not pinned exactly: {[p for p in pairs if len(p) != 2]}"
    found = {canonicalize_name(name): version for name, version in pairs}
    assert len(found) == len(pairs), "a package is pinned twice"
    return found


def needed(roots: list[str]) -> set[str]:
    """Canonical names of some requirements and of all that they pull in on this machine."""
    found: set[str] = set()
    waiting = [(Requirement(text), "") for text in roots]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
            continue
        found.add(name)
        for text in metadata.requires(name) or []:
            waiting += [(Requirement(text), wanted) for wanted in (requirement.extras or {""})]
    return found


@pytest.mark.parametrize(
    ("requirements", "locks"),
    [
        (PROJECT["project"]["dependencies"] + BUILD, ("lock.txt",)),
        (EXTRAS, ("lock.txt", "lock-test.txt")),
    ],
    ids=["run", "test"],
)
def test_every_requirement_is_pinned_within_its_range(requirements: list[str], locks: tuple[str, ...]) -> None:
    versions = pins(*locks)
    for requirement in map(Requirement, requirements):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_run_lock_holds_what_its_packages_need_and_no_more() -> None:
    roots = PROJECT["project"]["dependencies"] + BUILD + ["editables"]
    only_elsewhere = {"colorama", "setuptools", "tzdata"}  # needed on some platforms or Pythons
    assert needed(roots) - {"tlgui"} <= pins("lock.txt").keys()
    assert pins("lock.txt").keys() - needed(roots) <= only_elsewhere


def test_the_test_lock_holds_what_its_packages_need_and_no_more() -> None:
    both = pins("lock.txt", "lock-test.txt")
    assert needed(EXTRAS) <= both.keys()
    assert pins("lock-test.txt").keys() <= needed(EXTRAS)


def test_what_is_installed_is_what_is_locked() -> None:
    different = {
        name: metadata.version(name)
        for name, version in pins("lock.txt", "lock-test.txt").items()
        if metadata.version(name).partition("+")[0] != version  # torch 2.13.0+cpu is a build of 2.13.0
    }
    assert different == {}


def test_torch_is_pinned_so_that_a_cpu_build_fits() -> None:
    assert pins("lock.txt")["torch"].count("+") == 0  # 2.13.0+cpu would exist on one index only
