"""What macOS is told about the application, and the order in which it is completed, signed and packed."""

from __future__ import annotations

import plistlib
import subprocess
from pathlib import Path

import pytest
import set_up
from bundle import contents
from linux import desktop
from macos import app, disk_image

from tlgui import __version__
from tlgui.core import installation


class Tools:
    """Takes the place of macOS's programs: notes their commands, and fails with the given messages first."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.failures: list[str] = []

    def run(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if command[0] == "hdiutil" and self.failures:
            return subprocess.CompletedProcess(command, 1, "", self.failures.pop(0))
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    made = Tools()
    monkeypatch.setattr(disk_image.sys, "platform", "darwin")
    monkeypatch.setattr(disk_image.subprocess, "run", made.run)
    monkeypatch.setattr(disk_image, "PAUSE_S", 0.0)
    monkeypatch.delenv("TLGUI_SIGNING_IDENTITY", raising=False)
    return made


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """`TLGUI.app` with one library and one data file, and the finished bundle beside it."""
    bundle = tmp_path / "tlgui"
    bundle.mkdir()
    for name in disk_image.TEXTS:
        (bundle / name).write_text(name, encoding="utf-8")
    parts, texts = tmp_path / "TLGUI.app" / "Contents" / "Frameworks", tmp_path / "TLGUI.app" / "Contents" / "Resources"
    parts.mkdir(parents=True)
    texts.mkdir()
    (parts / "library.dylib").write_bytes(b"code")
    (texts / "words.txt").write_text("words", encoding="utf-8")
    (parts / "words.txt").symlink_to("../Resources/words.txt")
    return tmp_path / "TLGUI.app"


def test_the_names_are_those_of_the_other_systems() -> None:
    values = plistlib.loads(plistlib.dumps(app.INFO_PLIST))
    assert desktop.ID == app.IDENTIFIER
    assert values["CFBundleExecutable"] in contents.PROGRAMS
    assert not contents.PROGRAMS[values["CFBundleExecutable"]]  # the one without a console
    assert values["LSBackgroundOnly"] is False
    assert values["CFBundleVersion"] == __version__


def test_nothing_is_asked_of_the_user_that_is_not_needed() -> None:
    assert not [key for key in app.INFO_PLIST if key.endswith("UsageDescription")]
    assert "UTExportedTypeDeclarations" not in app.INFO_PLIST  # .toml is not TLGUI's to declare


def test_the_application_is_signed_inside_before_its_manifest_and_sealed_after(
    tools: Tools, application: Path, tmp_path: Path
) -> None:
    image = disk_image.build(application, tmp_path)
    assert image == tmp_path / f"TLGUI-{__version__}-macos-arm64.dmg"
    assert [command[0] for command in tools.commands] == ["codesign", "codesign", "ditto", "hdiutil"]
    inside, outside = tools.commands[:2]
    assert "--deep" in inside
    assert "--deep" not in outside
    assert not [word for word in inside if word.startswith("--options")]  # ad hoc
    for name in disk_image.TEXTS:
        assert (application / "Contents" / "Resources" / name).read_text(encoding="utf-8") == name


def test_the_manifest_is_found_from_where_the_parts_are(application: Path) -> None:
    parts = application / "Contents" / "Frameworks"
    disk_image.write_manifest(application)
    installation.check_version(parts)
    assert installation.damaged(parts) == []
    assert {path.name for path in parts.iterdir() if not path.is_symlink()} == {"library.dylib"}
    (parts / "library.dylib").write_bytes(b"cod")
    assert installation.damaged(parts) == ["library.dylib"]


def test_a_developer_s_signature_has_the_hardened_runtime(
    tools: Tools, application: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLGUI_SIGNING_IDENTITY", "Developer ID Application: Somebody")
    disk_image.build(application, tmp_path)
    for command in tools.commands[:2]:
        assert "--sign=Developer ID Application: Somebody" in command
        assert "--options=runtime" in command
        assert any(word.startswith("--entitlements=") for word in command)
    assert plistlib.loads(plistlib.dumps(app.ENTITLEMENTS)) == app.ENTITLEMENTS


def test_a_busy_image_is_tried_again(tools: Tools, application: Path, tmp_path: Path) -> None:
    tools.failures = ["hdiutil: create failed - Resource busy"] * (disk_image.ATTEMPTS - 1)
    disk_image.build(application, tmp_path)
    assert [command[0] for command in tools.commands].count("hdiutil") == disk_image.ATTEMPTS


@pytest.mark.parametrize(
    ("message", "attempts"), [("Resource busy", disk_image.ATTEMPTS), ("No space left on device", 1)]
)
def test_what_does_not_pass_is_said(
    message: str, attempts: int, tools: Tools, application: Path, tmp_path: Path
) -> None:
    tools.failures = [message] * 9
    with pytest.raises(set_up.SetUpError, match=message):
        disk_image.build(application, tmp_path)
    assert [command[0] for command in tools.commands].count("hdiutil") == attempts
