"""What no file of a bundle says itself: licence identifiers and texts of some components, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from set_up import ROOT

TEXTS = Path(__file__).parent / "texts"
APACHE = ROOT / "LICENSE"  # the plain Apache License 2.0
LGPL3 = (TEXTS / "LGPL-3.0.txt", TEXTS / "GPL-3.0.txt")  # the former only adds to the latter
GCC_RUNTIME = (TEXTS / "GCC-exception-3.1.txt", TEXTS / "GPL-3.0.txt")

# How packages spell a licence in their metadata: its SPDX identifier. A bare “BSD” says too little.
SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}

# Distributions whose metadata say only “BSD”: read in the licence file of the wheel.
LICENCES = {
    "colorama": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "mpmath": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "sympy": "BSD-3-Clause",
}

# Distributions whose wheel carries no licence text, or not all of it.
DISTRIBUTION_TEXTS = {
    # LICENSES/ of pyside-setup; the metadata name the same licences
    "pyside6-essentials": LGPL3,
    "shiboken6": LGPL3,
    # LICENSE of google/sentencepiece; the second is Debian's record of its folder third_party
    "sentencepiece": (APACHE, TEXTS / "sentencepiece-third-party.txt"),
    # LICENSE of huggingface/tokenizers
    "tokenizers": (APACHE,),
}

# What CPython's own sources hold of others, such as expat and libmpdec: Debian's record for Python 3.11.
PYTHON_TEXT = TEXTS / "cpython-incorporated.txt"


@dataclass(frozen=True)
class Inner:
    """A library with a licence of its own inside a wheel."""

    name: str
    patterns: tuple[str, ...]
    """Of places below `_internal`; `*` crosses folders."""
    licence: str
    texts: tuple[Path, ...]
    source: str
    """Where its source code is."""
    same_version: bool = False
    """Whether its version is that of the wheel; otherwise nothing in the wheel tells it."""


INNER = (
    # The last text is Debian's record of src/3rdparty in Qt's modules qtbase, qtsvg and qtwayland.
    Inner(
        "Qt",
        ("PySide6/Qt/lib/*Qt*", "PySide6/Qt6*.dll"),
        "LGPL-3.0-only",
        (*LGPL3, TEXTS / "qt-third-party.txt"),
        "https://download.qt.io/official_releases/qt/",
        same_version=True,
    ),
    # LICENSE of unicode-org/icu before release 74
    Inner(
        "ICU",
        ("PySide6/Qt/lib/libicu*",),
        "Unicode-DFS-2016",
        (TEXTS / "Unicode-DFS-2016.txt",),
        "https://github.com/unicode-org/icu",
    ),
    # The licences of GCC's run-time libraries stand in the head of each of their source files.
    Inner(
        "libgomp",
        ("*/libgomp[-.]*",),
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        GCC_RUNTIME,
        "https://gcc.gnu.org/releases.html",
    ),
    Inner(
        "libgfortran",
        ("*/libgfortran[-.]*",),
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        GCC_RUNTIME,
        "https://gcc.gnu.org/releases.html",
    ),
    Inner(
        "libquadmath",
        ("*/libquadmath[-.]*",),
        "LGPL-2.1-or-later",
        (TEXTS / "LGPL-2.1.txt",),
        "https://gcc.gnu.org/releases.html",
    ),
)

# Libraries that come from the system of the build: the licence of the library itself, as its copyright file gives it.
# libreadline and libgdbm are missing on purpose: they are under the plain GPL, which would bind the whole program.
SYSTEM_LICENCES = {
    "libX11": "MIT",
    "libX11-xcb": "MIT",
    "libXau": "MIT",
    "libXdmcp": "MIT",
    "libXext": "MIT",
    "libXrender": "MIT",
    "libbrotlicommon": "MIT",
    "libbrotlidec": "MIT",
    "libbsd": "BSD-3-Clause",
    "libbz2": "bzip2-1.0.6",
    "libcap": "BSD-3-Clause OR GPL-2.0-only",
    "libcom_err": "MIT",
    "libcrypt": "LGPL-2.1-or-later",
    "libcrypto": "Apache-2.0",
    "libdbus-1": "AFL-2.1 OR GPL-2.0-or-later",
    "libexpat": "MIT",
    "libffi": "MIT",
    "libfontconfig": "HPND-sell-variant",
    "libfreetype": "FTL OR GPL-2.0-or-later",
    "libgcc_s": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcrypt": "LGPL-2.1-or-later",
    "libgio-2.0": "LGPL-2.1-or-later",
    "libglib-2.0": "LGPL-2.1-or-later",
    "libgmodule-2.0": "LGPL-2.1-or-later",
    "libgobject-2.0": "LGPL-2.1-or-later",
    "libgomp": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgpg-error": "LGPL-2.1-or-later",
    "libgssapi_krb5": "MIT",
    "libgthread-2.0": "LGPL-2.1-or-later",
    "libk5crypto": "MIT",
    "libkeyutils": "LGPL-2.1-or-later",
    "libkrb5": "MIT",
    "libkrb5support": "MIT",
    "liblz4": "BSD-2-Clause",
    "liblzma": "LicenseRef-public-domain",
    "libmd": "BSD-3-Clause",
    "libncursesw": "X11-distribute-modifications-variant",
    "libnsl": "LGPL-2.1-or-later",
    "libpanelw": "X11-distribute-modifications-variant",
    "libpcre2-8": "BSD-3-Clause",
    "libpng16": "libpng-2.0",
    "libsqlite3": "blessing",
    "libssl": "Apache-2.0",
    "libstdc++": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libsystemd": "LGPL-2.1-or-later",
    "libtinfo": "X11-distribute-modifications-variant",
    "libtirpc": "BSD-3-Clause",
    "libuuid": "BSD-3-Clause",
    "libwayland-client": "MIT",
    "libwayland-cursor": "MIT",
    "libwayland-egl": "MIT",
    "libxcb": "MIT",
    "libxcb-cursor": "MIT",
    "libxcb-glx": "MIT",
    "libxcb-icccm": "MIT",
    "libxcb-image": "MIT",
    "libxcb-keysyms": "MIT",
    "libxcb-randr": "MIT",
    "libxcb-render": "MIT",
    "libxcb-render-util": "MIT",
    "libxcb-shape": "MIT",
    "libxcb-shm": "MIT",
    "libxcb-sync": "MIT",
    "libxcb-util": "MIT",
    "libxcb-xfixes": "MIT",
    "libxcb-xkb": "MIT",
    "libxkbcommon": "MIT",
    "libxkbcommon-x11": "MIT",
    "libz": "Zlib",
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
}
