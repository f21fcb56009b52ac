"""The scripts of `packaging/` are no package: dev.py finds its neighbours beside it, and so do these tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))
