"""The installer for Windows. Written to the documentation; not built where the Linux packages are."""
