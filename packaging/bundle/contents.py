"""What the frozen program is made of: tables for the spec, computed from the application's own where it can be.

Whatever stands in `EXCLUDED` was tried: the program starts, trains and answers without it. Packages that *look* as if
they could go but cannot are `torch.distributed`, `sympy` with its plotting, `networkx`, `pyqtgraph.multiprocess` and
Qt's OpenGL modules: torch, transformers and pyqtgraph import them at their own start.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

PROGRAMS = {"tlgui": True, "tlgui-window": False}
"""Name of each executable: whether it has a console (a difference on Windows only)."""

WITH_SOURCES = ("torch", "transformers", "tlgui.models.feature_classifier")
"""What reads its own source files: lazy imports, attention switches and operators depend on it; ours is copied."""

WITH_METADATA = (
    "torch", "transformers", "peft", "accelerate", "scikit-learn", "tokenizers", "huggingface_hub", "hf_xet",
    "sentencepiece", "protobuf", "pyarrow",
    "PySide6-Essentials", "pyqtgraph",
)  # fmt: skip
"""Distributions whose version somebody asks for, beside those that PyInstaller knows of."""

OF_PEFT = ("bloom",)
"""Folders of `transformers.models` that peft imports at its own start, whatever it is to adapt."""

EXCLUDED = (
    # other windows, plots and notebooks
    "tkinter", "matplotlib", "IPython", "ipykernel", "jupyter", "notebook", "PyQt5", "PyQt6", "PySide2",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtDesigner", "PySide6.QtSql",
    "pyqtgraph.opengl", "pyqtgraph.examples", "pyqtgraph.jupyter", "pyqtgraph.flowchart", "pyqtgraph.canvas",
    "pyqtgraph.console",
    # other engines and media that transformers and torch would use if they were there
    "tensorflow", "jax", "flax", "keras", "cupy", "numba", "triton", "torchvision", "torchaudio", "torchcodec",
    "tensorboard", "torch.utils.tensorboard", "PIL", "cv2", "OpenGL", "h5py", "onnx",
    # of SciPy and scikit-learn, what logistic regression does not touch
    "scipy.cluster", "scipy.datasets", "scipy.differentiate", "scipy.fftpack", "scipy.io", "scipy.misc", "scipy.odr",
    "scipy.signal", "sklearn.cluster", "sklearn.covariance", "sklearn.cross_decomposition", "sklearn.datasets",
    "sklearn.decomposition", "sklearn.ensemble", "sklearn.experimental", "sklearn.feature_extraction",
    "sklearn.feature_selection", "sklearn.gaussian_process", "sklearn.impute", "sklearn.inspection",
    "sklearn.manifold", "sklearn.mixture", "sklearn.neighbors", "sklearn.neural_network",
    "sklearn.semi_supervised", "sklearn.tree",
    # tables are read by pyarrow alone
    "datasets", "pandas", "dill", "multiprocess", "fsspec.implementations.arrow",
    "pyarrow.flight", "pyarrow._flight", "pyarrow.substrait", "pyarrow._s3fs", "pyarrow._gcsfs", "pyarrow._azurefs",
    "pyarrow._hdfs", "pyarrow.tests", "pyarrow.cffi", "pyarrow.dataset", "pyarrow._dataset", "pyarrow.acero",
    "pyarrow._acero", "pyarrow.orc", "pyarrow._orc",
    # readline is under the GPL, which the program as a whole is not
    "readline", "rlcompleter", "_gdbm", "_dbm", "_curses", "curses", "nis",
    # tests, tools and documentation
    "pytest", "_pytest", "hypothesis", "setuptools", "pkg_resources", "pip", "wheel", "lib2to3", "pydoc_data", "sphinx",
    "docutils", "hatchling", "numpy.tests", "networkx.tests", "mpmath.tests", "sympy.testing",
    "transformers.testing_utils", "transformers.cli", "transformers.exporters",
    "torch.utils.benchmark", "torch.utils.bottleneck", "torch.utils.model_dump", "torch.utils.hipify",
    "torch.distributed._tools", "torch.distributed.pipelining", "torch.distributed.benchmarks",
)  # fmt: skip

DROPPED_MODULES = ("transformers.models.*.convert_*", "transformers.models.*.modular_*", "torch.testing._internal.*")
KEPT_MODULES = (
    "torch.testing._internal.logging_tensor",
    "torch.testing._internal.common_dtype",
    "torch.testing._internal.common_utils",
    "torch.testing._internal.distributed",
    "torch.testing._internal.distributed.fake_pg",
)
"""Among the dropped ones; torch itself imports them."""

QT_PLUGINS = (
    "platforms/*qxcb*", "platforms/*qwayland*", "platforms/*qoffscreen*", "platforms/qwindows*", "platforms/*qcocoa*",
    "platforminputcontexts/*", "platformthemes/*qxdgdesktopportal*", "styles/*", "iconengines/*qsvg*",
    "imageformats/*qsvg*", "imageformats/*qico*", "imageformats/*qjpeg*", "xcbglintegrations/*", "wayland-*/*",
)  # fmt: skip
"""Of `PySide6/Qt/plugins`; the others are left out, and what only they need with them."""

DROPPED_FILES = (
    "torch/bin/[!t]*", "torch/bin/test_*", "torch/test/*", "torch/include/*", "torch/share/*", "torch/lib/*test*",
    "pyarrow/include/*", "pyarrow/tests/*", "pyarrow/src/*", "*.pyx", "*.pxd", "*.pyi",
    "*libarrow_s3*", "*libarrow_flight*", "*libarrow_python_flight*", "pyarrow/_substrait*",
    "pyarrow/_dataset*", "pyarrow/_acero*", "pyarrow/_orc*", "*.pxi",
    "resources/screenshots/*", "torch-*.dist-info/licenses/*",
    # sources that only compilers and tracers of models read; the modules themselves stay
    "torch/_inductor/*.py", "torch/_dynamo/*.py", "torch/_export/*.py", "torch/_functorch/*.py", "torch/ao/*.py",
    "torch/distributed/*.py", "torch/export/*.py", "torch/onnx/*.py", "torch/fx/*.py",
    "torch/_vendor/*.py", "torch/sparse/*.py", "torch/_higher_order_ops/*.py", "torch/_subclasses/*.py",
    "torch/cuda/*.py", "torch/xpu/*.py", "torch/distributions/*.py", "torch/_refs/*.py", "torch/_numpy/*.py",
    "torch/profiler/*.py", "torch/_decomp/*.py", "torch/nested/*.py", "torch/_native/*.py", "torch/masked/*.py",
    "torch/package/*.py", "torch/_prims/*.py", "torch/_torch_docs.py", "torch/_meta_registrations.py",
    "transformers/pipelines/*.py", "transformers/quantizers/*.py", "transformers/distributed/*.py",
    "transformers/trainer*.py", "transformers/training_args.py", "transformers/generation/continuous_batching/*.py",
    "pyarrow/_s3fs*", "pyarrow/_flight*", "pyarrow/_gcsfs*",
    "pyarrow/_azurefs*", "pyarrow/_hdfs*", "libcudart*", "PySide6/Qt/translations/*", "PySide6/Qt/qml/*",
    "pyqtgraph/examples/*", "*/__pycache__/*", "datasets-*",
)  # fmt: skip
"""By their place in the bundle; `*` crosses folders."""
KEPT_FILES = ("torch/*config*.py",)
"""Among the dropped ones; these modules read the comments in their own source when they are imported."""


def hidden_imports() -> list[str]:
    """Modules that are only imported by name: pages of the window, families of models, optional parts of libraries."""
    from PyInstaller.utils.hooks import collect_submodules

    return ["hf_xet", "sentencepiece", "google.protobuf", *collect_submodules("tlgui"), *transformers_modules()]


def transformers_modules() -> list[str]:
    """The code of the model families that the application can adapt."""
    found = []
    for folder in sorted(transformers_folders()):
        package = f"transformers.models.{folder}"
        modules = (f"{package}.{path.stem}" for path in sorted((models_folder() / folder).glob("[!_]*.py")))
        found += [name for name in (package, *modules) if not is_dropped(name)]
    return found


def excluded_imports() -> list[str]:
    """`EXCLUDED`, and the code of the model families that the application cannot adapt."""
    families = (file for file in models_folder().glob("*/*.py") if is_other_family(f"{file.parent.name}/{file.name}"))
    return sorted({*EXCLUDED, *(f"transformers.models.{file.parent.name}.{file.stem}" for file in families)})


def is_other_family(place: str) -> bool:
    """Whether a file below `transformers.models` is code that no family of the application needs.

    Each folder keeps its `__init__.py`: a tokenizer is looked for by its class's name in one folder after the other.
    """
    folder, _, file = place.partition("/")
    return folder not in transformers_folders() and file not in {"", "__init__.py"}


def is_dropped(module: str) -> bool:
    """Whether a module that the analysis found stays out."""
    return module not in KEPT_MODULES and any(fnmatch(module, pattern) for pattern in DROPPED_MODULES)


def is_left_out(place: str) -> bool:
    """Whether a file stays out, given its place in the bundle with forward slashes."""
    if place.startswith("PySide6/Qt/plugins/") or place.startswith("PySide6/plugins/"):
        within = place.split("plugins/", 1)[1]
        return not any(fnmatch(within, pattern) for pattern in QT_PLUGINS)
    if place.endswith(".py") and is_dropped(place.removesuffix(".py").replace("/", ".")):
        return True
    if place.startswith("transformers/models/") and is_other_family(place.removeprefix("transformers/models/")):
        return True
    kept = any(fnmatch(place, pattern) for pattern in KEPT_FILES)
    return not kept and any(fnmatch(place, pattern) for pattern in DROPPED_FILES)


def models_folder() -> Path:
    """Where transformers keeps its families."""
    spec = importlib.util.find_spec("transformers")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("transformers is not installed")
    return Path(spec.origin).parent / "models"


@cache
def transformers_folders() -> frozenset[str]:
    """Folders of `transformers.models` that the families and peft need, with all that those import."""
    from transformers.models.auto.configuration_auto import model_type_to_module_name

    from tlgui.models.families import FAMILIES

    return frozenset(closure({"auto", *OF_PEFT, *map(model_type_to_module_name, FAMILIES)}, models_folder()))


def closure(folders: Iterable[str], models: Path) -> set[str]:
    """Some folders of `models` with all that their files import from others there."""
    found: set[str] = set()
    waiting = set(folders)
    while waiting:
        folder = waiting.pop()
        found.add(folder)
        waiting |= set(imported_folders(models / folder)) - found
    return found


def imported_folders(folder: Path) -> Iterator[str]:
    """Neighbours that the files of a folder of `transformers.models` import: `from ..bert.modeling_bert import …`."""
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith(("convert_", "modular_")):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.ImportFrom):
                continue
            module = node.module or ""
            if node.level == 2:
                names = [module.split(".")[0]] if module else [alias.name for alias in node.names]
            elif node.level == 3 and module.startswith("models."):
                names = [module.split(".")[1]]
            else:
                continue
            yield from (name for name in names if (folder.parent / name).is_dir())
