"""What is found in a bundle, and the notice that is written of it; the bundles are folders with a few small files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest
from licences import components, debian, distributions, tables, third_party
from licences.component import Component, Text, read_text
from packaging.licenses import canonicalize_license_expression
from packaging.utils import canonicalize_name
from set_up import SetUpError

Make = Callable[..., Distribution]


def part(name: str, **others: object) -> Component:
    made = Component(name, "1.0", "MIT", (Text("LICENSE", f"Text of {name}."),), f"pkg:pypi/{name}@1.0", "https://x")
    return replace(made, **others)  # type: ignore[arg-type]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes an installed distribution: its metadata lines, and its files with their contents."""

    def made(name: str, *lines: str, **files: str) -> Distribution:
        site = tmp_path / "site"
        info = site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines]))
        places = {place.replace("INFO", info.name): text for place, text in files.items()}
        for place, text in places.items():
            (site / place).parent.mkdir(parents=True, exist_ok=True)
            (site / place).write_text(text)
        (info / "RECORD").write_text("".join(f"{place},,\n" for place in places))
        return PathDistribution(info)

    return made


def fill(folder: Path, *places: str) -> Path:
    """A bundle with empty files below `_internal`."""
    for place in places:
        path = folder / components.INTERNAL / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


@pytest.fixture
def index(make: Make) -> distributions.Index:
    """Three distributions, two of which share a package without a file of its own."""
    return distributions.installed(
        [
            make("Alpha", "License-Expression: MIT", **{"alpha/__init__.py": "", "alpha/lib/libalpha-1f2e.so.1": ""}),
            make("beta", **{"shared/beta.py": "", "shared/__pycache__/beta.pyc": "", "../bin/beta": ""}),
            make("gamma", **{"shared/gamma.cpython-311-x86_64-linux-gnu.so": "", "gamma.libs/libgomp-5a.so.1": ""}),
        ]
    )


def test_modules_lead_to_the_distributions_that_bring_them(index: distributions.Index) -> None:
    modules = [
        "alpha",
        "alpha.made_at_run_time",
        "shared",
        "shared.gamma",
        "json.decoder",
        "tlgui.cli",
        "_pyi_rth_utils",
    ]
    assert list(components.owners(modules, index)) == ["alpha", "alpha", "gamma"]
    with pytest.raises(SetUpError, match=r"the module strange\.thing"):
        list(components.owners(["strange.thing"], index))


@pytest.fixture(scope="module")
def real() -> distributions.Index:
    """What is installed here."""
    return distributions.installed()


def test_modules_of_real_packages_are_found(real: distributions.Index) -> None:
    modules = ["torch.nn", "google.protobuf.message", "yaml", "PySide6.QtCore", "typing_extensions", "_yaml"]
    wanted = ["torch", "protobuf", "pyyaml", "pyside6-essentials", "typing-extensions", "pyyaml"]
    assert [real.of_module(module) for module in modules] == wanted
    assert "tlgui" not in real.distributions


def test_only_what_is_in_the_bundle_is_found(tmp_path: Path, index: distributions.Index) -> None:
    places = (
        "alpha/lib/libalpha-1f2e.so.1",
        "beta-1.0.dist-info/METADATA",
        "base_library.zip",
        "resources/icons/a.svg",
    )
    contents = components.sort_files(fill(tmp_path / "bundle", *places) / "_internal", index)
    assert contents.distributions == {"alpha"}
    assert (contents.system, contents.starter, contents.inner) == (set(), False, set())


def test_libraries_are_those_of_python_of_a_wheel_or_of_the_system(tmp_path: Path, index: distributions.Index) -> None:
    places = ("lib-dynload/_ssl.so", "libssl.so.3", "libalpha-1f2e.so.1", "gamma.libs/libgomp-5a.so.1")
    bundle = fill(tmp_path / "bundle", *places, "resources/starter/NOTICE")
    (bundle / "_internal" / "libgomp-5a.so.1").symlink_to("gamma.libs/libgomp-5a.so.1")
    contents = components.sort_files(bundle / "_internal", index)
    assert contents.distributions == {"alpha", "gamma"}
    assert contents.system == {"libssl.so.3"}
    assert [(one.name, name) for one, name in contents.inner] == [("libgomp", "gamma")]
    assert contents.starter


def test_a_file_of_nobody_is_an_error(tmp_path: Path, index: distributions.Index) -> None:
    with pytest.raises(SetUpError, match=r"holds odd/file\.dat"):
        components.sort_files(fill(tmp_path / "bundle", "odd/file.dat") / "_internal", index)


def test_a_library_of_nobody_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetUpError, match=r"libnobody\.so\.7"):
        debian.component("libnobody.so.7")
    monkeypatch.setattr(debian.shutil, "which", lambda name: None)
    with pytest.raises(SetUpError, match=r"libssl\.so\.3"):
        debian.component("libssl.so.3")


def test_a_system_library_without_a_known_licence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "owner", lambda library: "libreadline8")
    with pytest.raises(SetUpError, match=r"libreadline\.so\.8 of the package libreadline8"):
        debian.component("libreadline.so.8")


@pytest.fixture
def debian_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Debian that has libexpat1; gives its folder of common licences."""
    (tmp_path / "doc" / "libexpat1").mkdir(parents=True)
    (tmp_path / "doc" / "libexpat1" / "copyright").write_text("Expat. See /usr/share/common-licenses/GPL-2.")
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "GPL-2").write_text("The GPL.")
    monkeypatch.setattr(debian, "DOCUMENTS", tmp_path / "doc")
    monkeypatch.setattr(debian, "COMMON", tmp_path / "common")
    monkeypatch.setattr(debian, "owner", lambda library: "libexpat1")
    monkeypatch.setattr(debian, "query", lambda package, fields: "2.5.0-1+b2 amd64 expat 2.5.0-1")
    monkeypatch.setattr(debian.platform, "freedesktop_os_release", lambda: {"ID": "debian"})
    return tmp_path / "common"


@pytest.mark.usefixtures("debian_system")
def test_a_system_library_brings_its_copyright_and_what_that_refers_to() -> None:
    found = debian.component("libexpat.so.1")
    assert found.purl == "pkg:deb/debian/libexpat1@2.5.0-1%2Bb2?arch=amd64"
    assert (found.licence, found.source) == ("MIT", "https://snapshot.debian.org/package/expat/2.5.0-1")
    assert [text.name for text in found.texts] == ["copyright", "GPL-2"]


def test_a_missing_copyright_file_is_an_error(debian_system: Path) -> None:
    (debian_system.parent / "doc" / "libexpat1" / "copyright").unlink()
    with pytest.raises(SetUpError, match="reinstall libexpat1"):
        debian.component("libexpat.so.1")


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("libssl.so.3", "libssl"),
        ("libglib-2.0.so.0", "libglib-2.0"),
        ("libstdc++.so.6", "libstdc++"),
        ("libz.so", "libz"),
    ],
)
def test_libraries_are_known_by_name_without_version(file: str, stem: str) -> None:
    assert debian.stem(file) == stem


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT AND Zlib", "License: BSD"], "MIT AND Zlib"),
        (["License: Apache 2.0"], "Apache-2.0"),
        (["License: see LICENSE", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
    ],
)
def test_a_licence_is_read_from_whatever_field_tells_it(make: Make, lines: list[str], licence: str) -> None:
    assert distributions.licence_of(make("any", *lines)) == licence


def test_unclear_metadata_are_an_error(make: Make) -> None:
    unclear = make("vague", "License: BSD", "Classifier: License :: OSI Approved :: BSD License")
    with pytest.raises(SetUpError, match="vague do not tell its licence: BSD, BSD License"):
        distributions.licence_of(unclear)


def test_a_wheel_without_a_text_is_an_error(make: Make) -> None:
    bare = make("bare", "License-Expression: MIT", **{"bare/license.py": "", "bare/__init__.py": ""})
    with pytest.raises(SetUpError, match="wheel of bare has no licence text"):
        distributions.component(bare)


def test_every_text_of_a_wheel_is_taken(make: Make) -> None:
    files = {"INFO/licenses/deep/MIT.txt": "a", "INFO/LICENCE": "b", "wide/THIRD-PARTY": "c", "wide/licensing.py": "d"}
    found = distributions.component(make("wide", "License-Expression: MIT", **files))
    assert sorted((text.name, text.body) for text in found.texts) == [
        ("deep/MIT.txt", "a"),
        ("wide-1.0.dist-info/LICENCE", "b"),
        ("wide/THIRD-PARTY", "c"),
    ]


@pytest.mark.parametrize("name", sorted(distributions.locked(["lock.txt"])))
def test_every_locked_package_has_a_licence_and_its_text(real: distributions.Index, name: str) -> None:
    found = distributions.component(real.distributions[name])
    assert found.licence == canonicalize_license_expression(found.licence)
    assert all(text.name for text in found.texts)
    assert sum(len(text.body) for text in found.texts) > 500


def test_rust_libraries_are_those_a_wheel_names(make: Make) -> None:
    def entry(name: str, purl: str, **others: object) -> dict[str, object]:
        return {"name": name, "version": "2", "purl": purl, **others}

    crate = entry("crate", "pkg:cargo/crate@2?download_url=x", licenses=[{"expression": "MIT OR Apache-2.0"}])
    bill = {"components": [crate, entry("libgomp", "pkg:rpm/libgomp@2")]}
    (found,) = distributions.compiled_in(make("wheel", **{"INFO/sboms/wheel.cdx.json": json.dumps(bill)}))
    assert (found.name, found.licence, found.purl) == ("crate", "MIT OR Apache-2.0", "pkg:cargo/crate@2")
    assert (found.inside, found.compiled_in) == ("wheel", True)
    with pytest.raises(SetUpError, match="holds bare 2 and does not say"):
        distributions.crate(entry("bare", "pkg:cargo/bare@2"), "pkg:cargo/bare@2", "wheel")


def test_what_is_found_must_be_what_is_locked() -> None:
    distributions.check_locked([part("Some_Name", version="1.0+cpu")], {"some-name": "1.0"})
    with pytest.raises(SetUpError, match="which no lock file names"):
        distributions.check_locked([part("other")], {"some-name": "1.0"})
    with pytest.raises(SetUpError, match=r"holds other 1\.0, and the lock says 2\.0"):
        distributions.check_locked([part("other")], {"other": "2.0"})


def test_this_python_has_a_licence() -> None:
    python = components.python()
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in python.texts[0].body
    assert "expat" in python.texts[1].body


@pytest.mark.parametrize("one", tables.INNER, ids=lambda one: one.name)
def test_libraries_inside_wheels_have_a_licence_and_texts(one: tables.Inner) -> None:
    assert one.licence == canonicalize_license_expression(one.licence)
    assert all(len(read_text(path).body) > 1000 for path in one.texts)


def test_the_tables_hold_identifiers_of_spdx() -> None:
    rows = [*tables.SPELLINGS.values(), *tables.LICENCES.values(), *tables.SYSTEM_LICENCES.values()]
    assert {text: canonicalize_license_expression(text) for text in rows} == {text: text for text in rows}
    assert {canonicalize_name(name) for name in (*tables.LICENCES, *tables.DISTRIBUTION_TEXTS)} == {
        *tables.LICENCES,
        *tables.DISTRIBUTION_TEXTS,
    }


def test_no_text_lies_unused() -> None:
    used = {tables.PYTHON_TEXT, *(path for one in tables.INNER for path in one.texts)}
    used |= {path for paths in tables.DISTRIBUTION_TEXTS.values() for path in paths}
    assert set(tables.TEXTS.iterdir()) == used - {tables.APACHE}


def test_qt_is_told_with_its_own_licence(make: Make, tmp_path: Path) -> None:
    wheel = make("PySide6_Essentials", **{"PySide6/Qt/lib/libQt6Core.so.6": "", "PySide6/QtCore.abi3.so": ""})
    bundle = fill(tmp_path / "bundle", "PySide6/Qt/lib/libQt6Core.so.6")
    contents = components.sort_files(bundle / "_internal", distributions.installed([wheel]))
    ((one, _),) = contents.inner
    qt = components.inner(one, wheel)
    assert (qt.name, qt.version, qt.licence, qt.inside) == ("Qt", "1.0", "LGPL-3.0-only", "PySide6_Essentials")
    assert [text.name for text in qt.texts][:2] == ["LGPL-3.0.txt", "GPL-3.0.txt"]


def test_the_whole_of_a_small_bundle(tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make("alpha", "License-Expression: MIT", **{"alpha.py": "", "INFO/licenses/LICENSE": "MIT"})
    monkeypatch.setattr(components, "bootloader", lambda: part("PyInstaller bootloader"))
    monkeypatch.setattr(components.debian, "component", lambda library: part("libssl3"))
    monkeypatch.setattr(distributions, "locked", lambda: {"alpha": "1.0"})
    monkeypatch.setattr(distributions.metadata, "distributions", lambda: [wheel])
    bundle = fill(
        tmp_path / "bundle", "libssl.so.3", "libcrypto.so.3", "resources/starter/LICENSE", "resources/starter/NOTICE"
    )
    for name in ("LICENSE", "NOTICE"):
        (bundle / "_internal" / "resources" / "starter" / name).write_text(name)
    out = tmp_path / "THIRD-PARTY.txt"
    found = third_party.write(bundle, ["alpha", "os", "tlgui"], out)
    names = ["alpha", "CPython", "libssl3", "PyInstaller bootloader", "TLGUI starter model"]
    assert [one.name for one in found] == names
    text = out.read_text(encoding="utf-8")
    assert all(f"\n{name} " in text for name in names)


def test_equal_texts_are_printed_once_with_all_their_users() -> None:
    shared = (Text("LICENSE", "The same words."),)
    text = third_party.notice([part("one", texts=shared), part("two", texts=shared), part("three")])
    assert text.count("The same words.") == 1
    assert "one 1.0, two 1.0\nLICENSE\n" in text
    assert text.count("Text of three.") == 1


def test_equal_texts_are_found_equal_whatever_their_line_ends(tmp_path: Path) -> None:
    for name, data in {"a": b"\xef\xbb\xbfOne\r\ntwo  \r\n", "b": b"One\ntwo\n\n"}.items():
        (tmp_path / name).write_bytes(data)
    assert read_text(tmp_path / "a").body == read_text(tmp_path / "b").body == "One\ntwo"
    (tmp_path / "c").write_bytes(b"Andr\xe9")
    assert read_text(tmp_path / "c", "AUTHORS") == Text("AUTHORS", "André")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"licence": ""}, "bad has no licence"), ({"texts": ()}, "text"), ({"texts": (Text("LICENSE", ""),)}, "text")],
)
def test_what_lacks_a_licence_or_text_is_not_shipped(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(SetUpError, match=message):
        third_party.notice([part("good"), part("bad", **wrong)])


def test_rust_libraries_are_listed_apart_and_may_lack_a_text() -> None:
    text = third_party.notice([part("wheel"), part("crate", texts=(), inside="wheel", compiled_in=True)])
    assert text.index("Rust libraries\n") < text.index("\ncrate 1.0 ")
    assert "    in wheel, https://x" in text
