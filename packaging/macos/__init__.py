"""The application and disk image for macOS. Written to the documentation; not built where the Linux packages are."""
