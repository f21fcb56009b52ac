"""Failed loads of system libraries become a sentence with the package that helps."""

from __future__ import annotations

import pytest

from tlgui.core.system_libraries import LIBRARIES, missing_library


@pytest.mark.parametrize(("package", "library"), LIBRARIES.items())
def test_every_known_library_leads_to_its_package(package: str, library: str) -> None:
    error = missing_library(f"{library}: cannot open shared object file: No such file or directory")
    assert error is not None
    assert library in error.title
    assert f"apt-get install {package}." in error.hint


def test_an_unknown_library_is_named_all_the_same() -> None:
    error = missing_library("/opt/x/libodd-1.so.3: file too short")
    assert error is not None
    assert "libodd-1.so.3" in error.title
    assert "apt-get" not in error.hint


@pytest.mark.parametrize("message", ["No module named 'tlgui'", "cannot import name 'x'", ""])
def test_another_failed_import_is_none(message: str) -> None:
    assert missing_library(message) is None
