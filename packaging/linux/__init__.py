"""Packages for Linux: an archive for every distribution, and a Debian package."""
