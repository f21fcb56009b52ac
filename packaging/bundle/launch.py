"""Where both frozen programs start."""

import sys
from multiprocessing import freeze_support
from pathlib import Path

if __name__ == "__main__":
    freeze_support()  # a helper process is this program once more, and must not get any further than here

    from tlgui.core import installation

    installation.give_children_their_own_libraries()

    from tlgui.cli import main, window

    sys.exit(window() if Path(sys.argv[0]).stem == "tlgui-window" else main())
