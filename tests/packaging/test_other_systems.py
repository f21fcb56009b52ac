"""What is written for Windows and macOS, as far as it can be checked without them; and the workflow that builds all."""

from __future__ import annotations

import ast
import plistlib
import re
import sys
from pathlib import Path

import pytest
import set_up
import yaml
from bundle import build, contents
from macos import app, disk_image
from windows import installer

from tlgui import __version__

ROOT = Path(__file__).parents[2]
SCRIPT = installer.SCRIPT.read_text(encoding="utf-8")


def sections() -> dict[str, list[str]]:
    """Lines of each section of the Inno Setup script, without comments."""
    found: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, SCRIPT.splitlines())):
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif not line.startswith(";"):
            lines.append(line)
    return found


def test_the_windows_installer_asks_no_administrator_and_takes_the_old_parts_away() -> None:
    settings = dict(line.split("=", 1) for line in sections()["Setup"])
    assert settings["PrivilegesRequired"] == "lowest"
    assert settings["CloseApplications"] == "yes"
    assert re.fullmatch(r"\{\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", settings["AppId"])
    assert 'Type: filesandordirs; Name: "{app}\\_internal"' in sections()["InstallDelete"]


def test_every_value_that_the_script_takes_is_passed() -> None:
    used = set(re.findall(r"\{#(\w+)\}", SCRIPT))
    source = Path(installer.__file__).read_text(encoding="utf-8")
    values = re.search(r"values = \{(.+)\}", source)
    assert values
    assert used == set(re.findall(r'"(\w+)":', values[1]))


def test_windows_starts_only_programs_that_are_built_and_no_default_is_taken() -> None:
    programs = set(re.findall(r"\{app\}\\([\w-]+)\.exe", SCRIPT))
    assert programs <= set(contents.PROGRAMS)
    assert programs == {"tlgui-window"}  # the one without a console
    toml = [line for line in sections()["Registry"] if "\\.toml" in line]
    assert toml
    assert all("OpenWithProgids" in line and "uninsdeletevalue" in line for line in toml)


def test_windows_is_told_the_version(tmp_path: Path) -> None:
    installer.version_info(tmp_path / "v")
    text = (tmp_path / "v").read_text(encoding="utf-8")
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert f"'ProductVersion', '{__version__}'" in text
    assert re.search(r"filevers=\(\d+, \d+, \d+, \d+\)", text)


def test_macos_is_told_the_version_and_keeps_its_defaults() -> None:
    values = plistlib.loads(plistlib.dumps(app.INFO_PLIST))
    assert values["CFBundleShortVersionString"] == __version__
    assert {kind["LSHandlerRank"] for kind in values["CFBundleDocumentTypes"]} == {"Alternate"}


@pytest.mark.skipif(sys.platform == "darwin", reason="there it would be made")
def test_elsewhere_a_disk_image_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(set_up.SetUpError, match="only be made on macOS"):
        disk_image.build(tmp_path / "TLGUI.app", tmp_path)


def test_without_inno_setup_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer.shutil, "which", lambda name: None)
    with pytest.raises(set_up.SetUpError, match="Inno Setup 6 is missing"):
        installer.compiler()


def test_the_workflow_packages_on_every_system() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "package.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["package"]
    systems = {entry["os"].split("-")[0] for entry in job["strategy"]["matrix"]["include"]}
    assert systems == {"ubuntu", "windows", "macos"}
    assert any("dev.py package" in step.get("run", "") for step in job["steps"])
    assert {"linux", "win32", "darwin"} == set(build.PACKERS)
