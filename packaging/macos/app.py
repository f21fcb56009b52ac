"""What macOS is told about the application."""

from __future__ import annotations

from typing import Any

from tlgui import __version__

IDENTIFIER = "io.github.tlgui.TLGUI"
INFO_PLIST: dict[str, Any] = {
    "CFBundleName": "TLGUI",
    "CFBundleDisplayName": "TLGUI",
    "CFBundleShortVersionString": __version__,
    "CFBundleVersion": __version__,
    "LSApplicationCategoryType": "public.app-category.education",
    "LSMinimumSystemVersion": "13.0",
    "NSHighResolutionCapable": True,
    "NSHumanReadableCopyright": "Apache License 2.0",
    # TLGUI is offered for .toml files under "Open with"; whatever opens them by default stays.
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "TLGUI recipe",
            "CFBundleTypeRole": "Editor",
            "CFBundleTypeExtensions": ["toml"],
            "LSHandlerRank": "Alternate",
        }
    ],
}
