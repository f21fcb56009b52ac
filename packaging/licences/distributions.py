"""Python distributions: which of them a file or module belongs to, and the licence of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name
from packaging.version import Version
from set_up import ROOT, SetUpError

from licences.component import Component, Text, read_text
from licences.tables import DISTRIBUTION_TEXTS, LICENCES, SPELLINGS

LOCKS = ("lock.txt", "lock-package.txt")
OURS = "tlgui"
IS_TEXT = re.compile(r"licen[cs]e|copying|notice|authors|third.?party", re.IGNORECASE)
NO_TEXT_SUFFIXES = (".py", ".pyc", ".pyi", ".h", ".hpp", ".so", ".dll", ".json", ".qml", ".svg", ".html")


@dataclass
class Index:
    """What the distributions of this Python consist of."""

    distributions: dict[str, Distribution] = field(default_factory=dict)
    """By canonical name."""
    files: dict[str, str] = field(default_factory=dict)
    """Place below site-packages: canonical name."""
    modules: dict[str, str] = field(default_factory=dict)
    """Dotted name: canonical name."""

    def __post_init__(self) -> None:
        self.folders = {place.split("/")[0]: name for place, name in self.files.items() if "/" in place}
        self.libraries = {PurePosixPath(place).name: name for place, name in self.files.items() if ".so" in place}
        self.packages = {module.split(".")[0] for module in self.modules}

    def of_module(self, module: str) -> str | None:
        """Who brings a module; a module that only a parent is known of belongs to the parent."""
        while module:
            if module in self.modules:
                return self.modules[module]
            module = module.rpartition(".")[0]
        return None


def installed(found: Iterable[Distribution] | None = None) -> Index:
    """The distributions of this Python, or some others; the project itself is not among them."""
    distributions: dict[str, Distribution] = {}
    files: dict[str, str] = {}
    for distribution in metadata.distributions() if found is None else found:
        name = canonicalize_name(distribution.name)
        if name == OURS or name in distributions:
            continue
        distributions[name] = distribution
        places = (file.as_posix() for file in distribution.files or ())
        files |= {place: name for place in places if not place.startswith("..")}
    modules = {module: name for place, name in files.items() if (module := module_of(place))}
    return Index(distributions, files, modules)


def module_of(place: str) -> str:
    """The dotted name of the module in a file; empty if it holds none."""
    folder, _, name = place.rpartition("/")
    stem, _, rest = name.partition(".")
    if not (rest == "py" or rest.endswith(("so", "pyd"))) or "-" in folder:
        return ""
    parts = [*folder.split("/"), stem] if folder else [stem]
    return ".".join(parts[:-1] if stem == "__init__" else parts)


def component(distribution: Distribution) -> Component:
    """A distribution with its licence and texts.

    Raises:
        SetUpError: the licence or the text is missing.
    """
    name = canonicalize_name(distribution.name)
    texts = tuple(texts_of(distribution))
    if not texts:
        raise SetUpError(
            f"The wheel of {distribution.name} has no licence text.",
            "Add its row to DISTRIBUTION_TEXTS in packaging/licences/tables.py.",
        )
    version = distribution.version
    purl = f"pkg:pypi/{name}@{quote(version)}"
    source = f"https://pypi.org/project/{name}/{Version(version).public}/"
    return Component(distribution.name, version, licence_of(distribution), texts, purl, source)


def licence_of(distribution: Distribution) -> str:
    """The SPDX expression of a distribution: what it says so itself, else by its older fields and our table.

    Raises:
        SetUpError: none of them tells it.
    """
    fields = distribution.metadata
    said = [*(fields.get_all("License-Expression") or []), *(fields.get_all("License") or [])]
    said += [text.rpartition(" :: ")[2] for text in fields.get_all("Classifier") or [] if text.startswith("License ::")]
    for text in (LICENCES.get(canonicalize_name(distribution.name), ""), *said):
        try:
            return canonicalize_license_expression(SPELLINGS.get(text.strip(), text.strip()))
        except InvalidLicenseExpression:
            continue
    raise SetUpError(
        f"The metadata of {distribution.name} do not tell its licence: {', '.join(said) or 'nothing'}.",
        "Read its licence file, and add its row to LICENCES in packaging/licences/tables.py.",
    )


def texts_of(distribution: Distribution) -> Iterator[Text]:
    """The licences, notices and lists of authors of a distribution, in the order of their places."""
    for path in DISTRIBUTION_TEXTS.get(canonicalize_name(distribution.name), ()):
        yield read_text(path)
    for file in sorted(distribution.files or (), key=str):
        place = file.as_posix()
        in_licences = ".dist-info/licenses/" in place
        if in_licences or (IS_TEXT.search(file.name) and not file.name.endswith(NO_TEXT_SUFFIXES)):
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                yield read_text(path, place.rpartition(".dist-info/licenses/")[2])


def compiled_in(distribution: Distribution) -> Iterator[Component]:
    """The Rust libraries inside a wheel, from the bill of materials that it carries.

    Raises:
        SetUpError: one of them has no licence there.
    """
    found: dict[str, Component] = {}
    for file in distribution.files or ():
        if ".dist-info/sboms/" not in file.as_posix():
            continue
        bill = json.loads(Path(str(distribution.locate_file(file))).read_text(encoding="utf-8"))
        for entry in bill.get("components", ()):
            purl = entry.get("purl", "").partition("?")[0]
            if purl.startswith("pkg:cargo/"):
                found[purl] = crate(entry, purl, distribution.name)
    yield from (found[purl] for purl in sorted(found))


def crate(entry: dict, purl: str, inside: str) -> Component:
    """One Rust library of a wheel's bill of materials."""
    name, version = entry["name"], entry["version"]
    licences = [choice.get("expression") or license_id(choice) for choice in entry.get("licenses", ())]
    if not all(licences) or not licences:
        raise SetUpError(
            f"{inside} holds {name} {version} and does not say under which licence.", "Look for it on crates.io."
        )
    source = f"https://crates.io/crates/{name}/{version}"
    return Component(name, version, " AND ".join(licences), (), purl, source, inside, compiled_in=True)


def license_id(choice: dict) -> str:
    return choice.get("license", {}).get("id", "")


def locked(names: Iterable[str] = LOCKS) -> dict[str, str]:
    """Version by canonical name, from the lock files."""
    lines = [line for name in names for line in (ROOT / "packaging" / name).read_text(encoding="utf-8").splitlines()]
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name): version.strip() for name, version in pairs}


def check_locked(found: Iterable[Component], pins: dict[str, str]) -> None:
    """See that every distribution is what the lock says.

    Raises:
        SetUpError: one is not locked, or another version.
    """
    for one in found:
        pin = pins.get(canonicalize_name(one.name))
        if pin is None:
            raise SetUpError(f"The bundle holds {one.name}, which no lock file names.", "Exclude it, or lock it.")
        if Version(pin).public != Version(one.version).public:
            raise SetUpError(
                f"The bundle holds {one.name} {one.version}, and the lock says {pin}.", "Build it again from the lock."
            )
