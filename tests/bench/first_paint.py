"""When a program has painted its first window, or imported its libraries: `python first_paint.py window|libraries`.

Prints the time of day (`at`), so that whoever started it knows how long it took from the start of the process.
"""

from __future__ import annotations

import json
import sys
import time

HEAVY = ("torch", "transformers", "numpy", "pyqtgraph", "datasets", "pyarrow", "psutil")


def window() -> None:
    from tlgui.ui import app

    qt = app.make_application()
    opened = app.make_window()
    opened.show()
    qt.processEvents()
    print(json.dumps({"at": time.time(), "heavy_modules": sum(name in sys.modules for name in HEAVY)}))
    opened.close()


def libraries() -> None:
    import torch  # noqa: F401
    import transformers  # noqa: F401

    print(json.dumps({"at": time.time()}))


if __name__ == "__main__":
    {"window": window, "libraries": libraries}[sys.argv[1]]()
