"""The bill of materials, as far as it goes without the library that writes it."""

from __future__ import annotations

from dataclasses import replace

from licences import sbom
from licences.component import Component, Text

ZLIB = Component("zlib", "1.2", "Zlib", (Text("LICENSE", "Words."),), "pkg:deb/debian/zlib1g@1.2", "https://x")
GOMP = Component("libgomp", "", "MIT", (), "pkg:generic/libgomp", "https://x", inside="torch")


def test_the_number_depends_on_the_contents_alone() -> None:
    number = sbom.serial([ZLIB, GOMP], "1.0")
    assert number == sbom.serial([GOMP, ZLIB], "1.0")
    others = [([ZLIB], "1.0"), ([ZLIB, GOMP], "1.1"), ([replace(ZLIB, licence="MIT"), GOMP], "1.0")]
    assert len({number, *(sbom.serial(*other) for other in others)}) == 4


def test_a_library_that_two_wheels_bring_has_two_names() -> None:
    assert sbom.reference(ZLIB) == ZLIB.purl
    assert sbom.reference(GOMP) != sbom.reference(replace(GOMP, inside="sentencepiece"))
