"""What is really inside a bundle: every file and module of it has an owner, or this says which has none."""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath

from set_up import SetUpError

from licences import debian, distributions
from licences.component import Component, read_text
from licences.distributions import Index
from licences.tables import INNER, PYTHON_TEXT, Inner

INTERNAL = "_internal"
STARTER = "resources/starter"
OURS = ("tlgui", "resources")
"""First parts of the places below `_internal` that are the application itself."""
IS_LIBRARY = re.compile(r"\.(so(\.\d+)*|dll|pyd|dylib)$", re.IGNORECASE)
IS_METADATA = re.compile(r"[^/]+\.(dist|egg)-info/")
MADE_FOR_BUILD = ("_pyi_", "pyi_", "pyimod", "_sysconfigdata_")
"""How modules begin that PyInstaller adds, or that tell how Python was built."""


@dataclass
class Contents:
    """Who the files and modules of a bundle belong to."""

    distributions: set[str] = field(default_factory=set)
    """Canonical names."""
    inner: set[tuple[Inner, str]] = field(default_factory=set)
    """Libraries inside wheels, each with the canonical name of the distribution."""
    system: set[str] = field(default_factory=set)
    """File names of libraries that came from the system."""
    starter: bool = False


def find(bundle: Path, modules: Sequence[str], index: Index | None = None) -> list[Component]:
    """All components of a bundle, sorted by name.

    Args:
        modules: Dotted names of the modules in the program's archive.
    Raises:
        SetUpError: something has no owner, no licence or no text, or is not what the lock says.
    """
    index = index or distributions.installed()
    contents = sort_files(bundle / INTERNAL, index)
    contents.distributions |= set(owners(modules, index))
    wheels = [distributions.component(index.distributions[name]) for name in sorted(contents.distributions)]
    distributions.check_locked(wheels, distributions.locked())
    found = [python(), bootloader(), *wheels]
    found += [inner(one, index.distributions[name]) for one, name in contents.inner]
    for name in sorted(contents.distributions):
        found += distributions.compiled_in(index.distributions[name])
    found += {debian.component(library) for library in sorted(contents.system)}
    if contents.starter:
        found.append(starter(bundle))
    return sorted(found, key=lambda one: (one.name.lower(), one.version, one.inside))


def sort_files(internal: Path, index: Index) -> Contents:
    """Give every file below `_internal` to its owner.

    Raises:
        SetUpError: a file that is no library belongs to nobody.
    """
    contents = Contents()
    for path in sorted(internal.rglob("*")):
        if path.is_dir() or path.is_symlink():  # what a link leads to lies in the bundle as well
            continue
        place = path.relative_to(internal).as_posix()
        if IS_METADATA.match(place):  # also there of packages that are left out
            continue
        name = owner(place, index)
        if name:
            contents.distributions.add(name)
            contents.inner |= {(one, name) for one in INNER if any(fnmatchcase(place, text) for text in one.patterns)}
        elif place.split("/")[0] in OURS:
            contents.starter |= place.startswith(f"{STARTER}/")
        elif not of_python(place):
            if not IS_LIBRARY.search(place):
                raise SetUpError(f"The bundle holds {place}, and nobody knows where it comes from.", "Leave it out.")
            contents.system.add(path.name)
    return contents


def owner(place: str, index: Index) -> str | None:
    """The distribution that a file comes from: by its place, by its folder, or by the name of a library."""
    path = PurePosixPath(place)
    if place in index.files:
        return index.files[place]
    if len(path.parts) > 1 and path.parts[0] in index.folders:
        return index.folders[path.parts[0]]
    return index.libraries.get(path.name) if len(path.parts) == 1 and "-" in path.name else None


def of_python(place: str) -> bool:
    """Whether a file is part of Python itself, which the bundle holds in pieces."""
    path = PurePosixPath(place)
    return "lib-dynload" in path.parts or "Python.framework" in path.parts or path.name in python_files()


@cache
def python_files() -> frozenset[str]:
    """Names of the libraries that lie beside this Python, and of what PyInstaller makes of the rest of it."""
    base = Path(sys.base_prefix)
    variables = (sysconfig.get_config_var(name) for name in ("LDLIBRARY", "INSTSONAME"))
    names = {"base_library.zip", "Python", *(PurePosixPath(name).name for name in variables if name)}
    if sys.platform != "linux":  # there Python brings OpenSSL and the like itself; on Linux they are the system's
        for folder in (base, base / "DLLs", base / "lib"):
            names |= {path.name for path in folder.glob("*") if IS_LIBRARY.search(path.name)}
    return frozenset(names)


def owners(modules: Iterable[str], index: Index) -> Iterator[str]:
    """The distributions that some modules come from.

    Raises:
        SetUpError: a module belongs to nobody.
    """
    known = index.packages | sys.stdlib_module_names | set(OURS)
    for module in modules:
        package = module.split(".")[0]
        name = index.of_module(module)
        if name:
            yield name
        elif package not in known and not package.startswith(MADE_FOR_BUILD):
            raise SetUpError(f"The bundle holds the module {module}, and nobody knows who made it.", "Exclude it.")


def python() -> Component:
    """The interpreter with its standard library.

    Raises:
        SetUpError: its licence is not where it should be.
    """
    folders = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))  # the second on Windows
    path = next((folder / "LICENSE.txt" for folder in folders if (folder / "LICENSE.txt").is_file()), None)
    if path is None:
        raise SetUpError(f"This Python has no LICENSE.txt in {folders[0]}.", "Build with another Python.")
    version = platform.python_version()
    texts = (read_text(path, "LICENSE of Python"), read_text(PYTHON_TEXT))
    source = f"https://www.python.org/ftp/python/{version}/"
    return Component("CPython", version, "Python-2.0", texts, f"pkg:generic/cpython@{version}", source)


def bootloader() -> Component:
    """The start program, which PyInstaller puts before the archive of modules.

    Raises:
        SetUpError: PyInstaller is not installed.
    """
    try:
        distribution = metadata.distribution("pyinstaller")
    except metadata.PackageNotFoundError as error:
        raise SetUpError("PyInstaller is not installed.", "Start dev.py package, which installs it.") from error
    version = distribution.version
    texts = tuple(distributions.texts_of(distribution))
    source = f"https://pypi.org/project/pyinstaller/{version}/"
    licence = "GPL-2.0-or-later WITH Bootloader-exception"
    return Component("PyInstaller bootloader", version, licence, texts, f"pkg:pypi/pyinstaller@{version}", source)


def inner(one: Inner, distribution: metadata.Distribution) -> Component:
    """A library inside a wheel."""
    version = distribution.version if one.same_version else ""
    purl = f"pkg:generic/{one.name.lower()}" + (f"@{version}" if version else "")
    texts = tuple(map(read_text, one.texts))
    return Component(one.name, version, one.licence, texts, purl, one.source, distribution.name)


def starter(bundle: Path) -> Component:
    """The model that comes with the program."""
    from tlgui import __version__

    folder = bundle / INTERNAL / STARTER
    texts = tuple(read_text(folder / name) for name in ("LICENSE", "NOTICE"))
    purl = f"pkg:generic/tlgui-starter@{__version__}"
    source = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"
    return Component("TLGUI starter model", __version__, "Apache-2.0", texts, purl, source)
