"""TLGUI: transfer learning in NLP, on the desktop."""

__version__ = "0.1.0"
