"""The installer's script, and how Inno Setup is called with it, as far as both can be checked without Windows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import set_up
from windows import installer

from tlgui import __version__

TEXT = installer.SCRIPT.read_text(encoding="utf-8")
KNOWN_SECTIONS = {"Setup", "Tasks", "InstallDelete", "Files", "Icons", "Registry", "Run"}


def entries(section: str) -> list[dict[str, str]]:
    """Lines of a section such as `Name: "x"; Flags: y`, by key."""
    body = re.split(r"^\[(\w+)\]$", TEXT, flags=re.MULTILINE)
    lines = [line for line in body[body.index(section) + 1].splitlines() if line and not line.startswith(";")]
    return [
        {key: value.strip('"') for key, value in re.findall(r'(\w+): ("(?:[^"]|"")*"|[^;]+)', line)} for line in lines
    ]


def test_the_script_has_known_sections_and_plain_letters() -> None:
    assert set(re.findall(r"^\[(\w+)\]$", TEXT, flags=re.MULTILINE)) == KNOWN_SECTIONS
    assert TEXT.isascii()


def test_everything_that_is_copied_comes_from_the_bundle_into_the_program_folder() -> None:
    (files,) = entries("Files")
    assert files["Source"] == r"{#Bundle}\*"
    assert files["DestDir"] == "{app}"
    assert "recursesubdirs" in files["Flags"]


def test_only_parts_of_the_program_are_ever_deleted() -> None:
    assert [entry["Name"] for entry in entries("InstallDelete")] == [r"{app}\_internal"]
    assert "[UninstallDelete]" not in TEXT  # what the user has put beside the program stays


def test_the_menu_has_the_program_and_the_desktop_only_if_asked() -> None:
    menu, desktop = entries("Icons")
    assert menu["Name"].startswith("{autoprograms}")
    assert "Tasks" not in menu
    assert desktop["Name"].startswith("{autodesktop}")
    (task,) = entries("Tasks")
    assert desktop["Tasks"] == task["Name"]
    assert task["Flags"] == "unchecked"


def test_the_registry_is_left_as_it_was_found() -> None:
    changed = entries("Registry")
    assert {entry["Root"] for entry in changed} == {"HKA"}  # of the person where no administrator installs
    own = [entry for entry in changed if entry["Subkey"].startswith(r"Software\Classes\TLGUI.Recipe")]
    assert own[0]["Flags"] == "uninsdeletekey"  # with all that stands below it
    (shared,) = (entry for entry in changed if entry not in own)
    assert shared["Subkey"] == r"Software\Classes\.toml\OpenWithProgids"
    assert (shared["ValueType"], shared["ValueName"], shared["Flags"]) == ("none", "TLGUI.Recipe", "uninsdeletevalue")


def test_a_recipe_is_passed_as_one_word() -> None:
    (command,) = (entry["ValueData"] for entry in entries("Registry") if entry["Subkey"].endswith(r"\command"))
    assert command.replace('""', '"').strip('"') == r'{app}\tlgui-window.exe" "%1'


def test_the_details_of_a_program_are_what_pyinstaller_reads(tmp_path: Path) -> None:
    installer.version_info(tmp_path / "version.txt")
    call = ast.parse((tmp_path / "version.txt").read_text(encoding="utf-8"), mode="eval")
    names = {node.func.id for node in ast.walk(call) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert names == {
        *("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct", "VarFileInfo", "VarStruct")
    }
    pairs = [
        [ast.literal_eval(word) for word in node.args]
        for node in ast.walk(call)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "StringStruct"
    ]
    details = dict(pairs)
    assert details["ProductVersion"] == details["FileVersion"] == __version__
    assert details["ProductName"] == "TLGUI"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.1.0", (0, 1, 0, 0)), ("1.2", (1, 2, 0, 0)), ("2.0.1rc3", (2, 0, 1, 0)), ("1.2.3.dev4", (1, 2, 3, 0))],
)
def test_a_version_is_four_numbers(version: str, expected: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "__version__", version)
    assert installer.numbers() == expected


def test_the_compiler_gets_every_value_and_its_icon_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def compile_script(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        given.update(word.removeprefix("/D").split("=", 1) for word in command if word.startswith("/D"))
        assert Path(given["Icon"]).read_bytes()[:4] == b"\0\0\1\0"
        assert command[-1] == str(installer.SCRIPT)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(installer, "compiler", lambda: "ISCC")
    monkeypatch.setattr(installer.subprocess, "run", compile_script)
    made = installer.build(tmp_path / "tlgui", tmp_path)
    assert made == tmp_path / f"TLGUI-{__version__}-windows-setup.exe"
    assert given.keys() == set(re.findall(r"\{#(\w+)\}", TEXT))
    assert given["Bundle"] == str(tmp_path / "tlgui")


def test_what_the_compiler_complains_of_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "compiler", lambda: "ISCC")
    failed = subprocess.CompletedProcess([], 2, "", "Error on line 7")
    monkeypatch.setattr(installer.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(set_up.SetUpError, match="Error on line 7"):
        installer.build(tmp_path, tmp_path)


def test_the_compiler_is_found_where_it_installs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "Inno Setup 6" / "ISCC.exe"
    place.parent.mkdir()
    place.touch()
    monkeypatch.setattr(installer.shutil, "which", lambda _: None)
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path))
    assert installer.compiler() == str(place)
