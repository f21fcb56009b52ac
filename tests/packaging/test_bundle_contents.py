"""What goes into the frozen program, held against the application's own tables: the short form of building it."""

from __future__ import annotations

import ast
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import set_up
import smoke
from bundle import contents, prune, sizes
from linux import desktop
from macos import app as macos_app

import tlgui
from tlgui.commands.table import COMMANDS
from tlgui.inspect.doctor import LIBRARIES
from tlgui.models.families import FAMILIES
from tlgui.ui.settings import APPLICATION_ID

ROOT = Path(__file__).parents[2]

# A program that knows only what the bundle has: it runs in a process of its own, with the lists on standard input.
BUNDLED = """
import importlib, json, sys
from fnmatch import fnmatch
from importlib.machinery import PathFinder

lists = json.load(sys.stdin)
find = PathFinder.find_spec

def find_spec(name, path=None, target=None):
    parts = name.split(".")
    above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    dropped = name not in lists["kept"] and any(fnmatch(name, pattern) for pattern in lists["dropped"])
    return None if dropped or above & set(lists["excluded"]) else find(name, path, target)

PathFinder.find_spec = find_spec
for name in (*lists["modules"], "peft", "sklearn.linear_model"):
    importlib.import_module(name)
from tlgui.cli import main
sys.exit(main(["doctor", "--json"]) or main(["fill-mask", "The [MASK] is here.", "--json"]))
"""


def test_every_command_is_tried_on_the_frozen_program() -> None:
    assert sorted(smoke.SCENARIOS) == sorted(command.name for command in COMMANDS)


def test_every_version_that_doctor_tells_is_there() -> None:
    assert set(LIBRARIES) <= set(contents.WITH_METADATA)


def test_desktops_know_the_application_by_one_name() -> None:
    assert APPLICATION_ID == desktop.ID == macos_app.IDENTIFIER


def test_every_family_brings_its_code() -> None:
    hidden = set(contents.transformers_modules())
    for model_type in FAMILIES:
        folder = model_type.replace("-", "_")
        assert f"transformers.models.{folder}.modeling_{folder}" in hidden
        assert f"transformers.models.{folder}.configuration_{folder}" in hidden


def test_a_family_brings_what_it_imports_from_its_neighbours(tmp_path: Path) -> None:
    for name, code in {"a": "from ..b.modeling_b import B", "b": "from ...models.c import C", "c": "", "d": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("", encoding="utf-8")
        (tmp_path / name / f"modeling_{name}.py").write_text(code, encoding="utf-8")
    (tmp_path / "a" / "convert_a.py").write_text("from ..d import D", encoding="utf-8")
    assert contents.closure({"a"}, tmp_path) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("place", "out"),
    [
        ("transformers/models/bert/modeling_bert.py", False),
        ("transformers/models/bert/convert_bert_original.py", True),
        ("transformers/models/whisper/modeling_whisper.py", True),
        ("transformers/models/whisper/__init__.py", False),
        ("transformers/models/__init__.py", False),
        ("torch/bin/torch_shm_manager", False),
        ("torch/bin/protoc", True),
        ("torch/testing/_internal/common_utils.py", False),
        ("torch/_inductor/select_algorithm.py", True),
        ("torch/_inductor/config.py", False),
        ("torch/nn/functional.py", False),
        ("torch/testing/_internal/common_cuda.py", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", True),
        ("PySide6/plugins/platforms/qwindows.dll", False),
        ("resources/samples/reviews.csv", False),
    ],
)
def test_what_is_left_out(place: str, out: bool) -> None:
    assert contents.is_left_out(place) is out


def test_nothing_of_the_application_imports_what_is_excluded() -> None:
    for path in (ROOT / "tlgui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            excluded = [
                name for name in names if any(name == one or name.startswith(f"{one}.") for one in contents.EXCLUDED)
            ]
            assert not excluded, f"{path} imports {excluded}"


@pytest.mark.long
def test_the_application_works_without_all_that_is_left_out(tmp_path: Path) -> None:
    package = tmp_path / "transformers"
    source = contents.models_folder().parent
    (package / "models").mkdir(parents=True)
    for entry in source.iterdir():
        if entry.name not in ("models", "__pycache__"):
            (package / entry.name).symlink_to(entry)
    for entry in source.glob("models/**/*.py"):
        place = entry.relative_to(source)
        if not contents.is_left_out(f"transformers/{place.as_posix()}"):
            (package / place).parent.mkdir(exist_ok=True)
            (package / place).symlink_to(entry)
    lists = {
        "excluded": contents.excluded_imports(),
        "dropped": contents.DROPPED_MODULES,
        "kept": contents.KEPT_MODULES,
        "modules": [m.name for m in pkgutil.walk_packages(tlgui.__path__, "tlgui.") if m.name != "tlgui.__main__"],
    }
    environ = {
        "PYTHONPATH": str(tmp_path),
        "HOME": str(tmp_path),
        "TLGUI_HOME": str(tmp_path / "home"),
        "QT_QPA_PLATFORM": "offscreen",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-c", BUNDLED], input=json.dumps(lists), env=environ, cwd=ROOT,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    doctor, filled = map(json.loads, done.stdout.splitlines())
    findings = {finding["what"]: finding for finding in doctor["findings"]}
    assert findings["model families"]["good"], findings["model families"]
    assert len(filled["hidden"][0]["original"]) == 5


# --- size -----------------------------------------------------------------------------------------------------------


def test_links_weigh_nothing(tmp_path: Path) -> None:
    (tmp_path / "tlgui").write_bytes(b"1234")
    (tmp_path / "tlgui-window").symlink_to("tlgui")
    assert sizes.files(tmp_path) == {"tlgui": 4}


def test_a_bundle_above_the_limit_fails_with_its_largest_files(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(sizes.INSTALLED_LIMIT_BYTES + 1)
    with pytest.raises(set_up.SetUpError, match=r"huge\nThe bundle has 850\.0 MB, and 850 MB are allowed"):
        sizes.report(tmp_path)
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2_000_000)
    assert sizes.report(tmp_path) == "     2.0 MB  huge\n     2.0 MB  in 1 files"


def test_only_what_is_there_for_others_can_be_pruned() -> None:
    assert prune.is_only_linked("libgtk-3.so.0", "/usr/lib/x86_64-linux-gnu/libgtk-3.so.0")
    assert prune.is_only_linked("PySide6/Qt/lib/libQt6EglFsKmsSupport.so.6", "site-packages/PySide6/Qt/lib/x")
    assert not prune.is_only_linked("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0")
    assert not prune.is_only_linked("torch/lib/libtorch_cpu.so", "site-packages/torch/lib/libtorch_cpu.so")
