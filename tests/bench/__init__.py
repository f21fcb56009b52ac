"""Measurements of TLGUI beside the usual way of doing the same: `python3 packaging/dev.py bench`."""
