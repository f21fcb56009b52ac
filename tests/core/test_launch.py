"""A process knows from its environment whether it is one of several."""

from __future__ import annotations

import pytest
from joint_runs import launched

from tlgui import cli
from tlgui.core import launch
from tlgui.core.errors import TlguiError


@pytest.fixture
def second_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**launched(1, 4, 29500), "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)


def test_a_process_started_alone_is_the_first_of_one() -> None:
    assert (launch.count(), launch.index(), launch.count_here()) == (1, 0, 1)
    launch.require_alone("A race")


@pytest.mark.usefixtures("second_of_four")
def test_a_launcher_says_how_many_there_are_and_how_many_are_here() -> None:
    assert (launch.count(), launch.index(), launch.count_here()) == (4, 1, 2)


@pytest.mark.parametrize(("name", "value"), [("RANK", None), ("MASTER_ADDR", None), ("WORLD_SIZE", "four")])
@pytest.mark.usefixtures("second_of_four")
def test_half_of_what_a_launcher_says_is_no_launch(
    name: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert (launch.count(), launch.index(), launch.count_here()) == (1, 0, 1)


@pytest.mark.usefixtures("second_of_four")
def test_what_one_process_does_is_refused_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(launch.SpokenFor):
        cli.main(["doctor"])
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("RANK", "0")
    assert cli.main(["doctor"]) == 2
    assert "tlgui doctor takes one process." in capsys.readouterr().err
    with pytest.raises(TlguiError, match="The search for a rate"):
        launch.require_alone("The search for a rate")
