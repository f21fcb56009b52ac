"""What macOS is told about the application, and what a signed one may do."""

from __future__ import annotations

from typing import Any

from tlgui import __version__

IDENTIFIER = "io.github.tlgui.TLGUI"
INFO_PLIST: dict[str, Any] = {
    "CFBundleName": "TLGUI",
    "CFBundleDisplayName": "TLGUI",
    "CFBundleShortVersionString": __version__,
    "CFBundleVersion": __version__,
    "CFBundleDevelopmentRegion": "en",
    # Said here, as PyInstaller would take the first program and, because of its console, leave it without a window.
    "CFBundleExecutable": "tlgui-window",
    "LSBackgroundOnly": False,
    "LSApplicationCategoryType": "public.app-category.education",
    "LSMinimumSystemVersion": "14.0",  # torch's; Qt would run on 13
    "LSAppNapIsDisabled": True,  # a run behind other windows is not slowed down
    "NSHighResolutionCapable": True,
    "NSHumanReadableCopyright": "Apache License 2.0",
    # macOS looks at the last ending of a file only, and .toml belongs to no single program. TLGUI is therefore offered
    # under "Open with" and declares no type of its own; whatever opens such files by default stays.
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "TLGUI recipe",
            "CFBundleTypeRole": "Editor",
            "CFBundleTypeExtensions": ["toml"],
            "LSHandlerRank": "Alternate",
        }
    ],
}

ENTITLEMENTS = {"com.apple.security.cs.allow-unsigned-executable-memory": True}
"""Of the hardened runtime that Apple's notaries ask for: Python's calls into C write their own small pieces of code."""
