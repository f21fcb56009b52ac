"""Tries a frozen bundle as a user would have it: no Python, no environment, an empty home, no network.

`python3 packaging/smoke.py [BUNDLE [PICTURES]]`. Through the window from Goal to Try; through the console program every
command, on the starter and on what the first of them trained; then what can be wrong with a system.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from set_up import ROOT, SetUpError

TIMEOUT_SECONDS = 600
PICTURES_EXPECTED = 16
AWKWARD = "Häuslein mit Platz"
"""A folder's name with what breaks careless programs: spaces, and letters that are not ASCII."""
RECIPE = """\
schema = 1
name = "smoke"
task = "classify"
[model]
source = "starter"
[data]
source = "kritik.csv"
[transfer]
frozen = ["embeddings", "0-4"]
[train]
epochs = 1
batch_size = 8
learning_rate = 2e-4
max_length = 32
"""
ROWS = [("Alles frisch und schön", "gut"), ("Kalt, fad und müde", "schlecht")] * 30


@dataclass
class Machine:
    """Where the programs are started, with nothing in their environment but what is named here."""

    bundle: Path
    home: Path
    prefix: Sequence[str] = ()
    """A command that starts them elsewhere, such as in another root."""
    environ: dict[str, str] = field(default_factory=dict)

    def start(
        self, words: Sequence[str], *, program: str = "tlgui", **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, in the home folder."""
        nothing = {"HOME": str(self.home), "PATH": str(self.home / "bin")}
        environ = [f"{key}={value}" for key, value in {**nothing, **self.environ, **changes}.items() if value]
        executable = self.bundle / (program + (".exe" if sys.platform == "win32" else ""))
        settings = {**dict(pair.split("=", 1) for pair in environ)} if not self.prefix else None
        command = [*self.prefix, "env", "-i", *environ] if self.prefix else []
        return subprocess.run(
            [*command, str(executable), *words],
            cwd=self.home if not self.prefix else None,
            env=settings,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    def answer(self, *words: str, code: int = 0) -> Any:
        """The object that a command prints with `--json`.

        Raises:
            SetUpError: it ended otherwise than expected, or printed something else.
        """
        done = self.start([*words, "--json"])
        expect(done.returncode == code, f"tlgui {' '.join(words)} ended with {done.returncode}", done.stderr)
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise SetUpError(f"tlgui {words[0]} --json printed no JSON: {done.stdout[:200]}", str(error)) from error

    def refusal(self, words: Sequence[str], names: str, *, program: str = "tlgui", **changes: str) -> None:
        """Start a program that must end with exit code 2 and one line that names the trouble."""
        done = self.start(words, program=program, **changes)
        last = done.stderr.strip().splitlines()[-1:] or [""]
        fine = done.returncode == 2 and names in last[0] and "Traceback" not in done.stderr
        expect(fine, f"{program} {' '.join(words)} ended with {done.returncode}, not with 2 and “{names}”", done.stderr)


def expect(holds: bool, what: str, output: str = "") -> None:
    """Go on if something holds.

    Raises:
        SetUpError: it does not.
    """
    if not holds:
        raise SetUpError(f"{what}.", output[-3000:])


def run(bundle: Path, pictures: Path) -> None:
    """Try a bundle on this system, under a name with spaces and umlauts; pictures of every page are kept.

    Raises:
        SetUpError: something does not do its part; what it printed is the hint.
    """
    with tempfile.TemporaryDirectory(prefix="tlgui-try-") as scratch, copy_by_links(bundle) as copy, display() as shown:
        machine = Machine(copy, Path(scratch) / AWKWARD, without_network(), shown)
        try_all(machine, pictures)
        if sys.platform == "linux":
            try_troubles(machine)


def try_all(machine: Machine, pictures: Path) -> None:
    """The window, then every command, in a home that is made here."""
    (machine.home / "bin").mkdir(parents=True)
    (machine.home / "kritik.csv").write_text(
        "text,label\n" + "".join(f'"{text} {number}",{label}\n' for number, (text, label) in enumerate(ROWS)),
        encoding="utf-8",
    )
    (machine.home / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    before = snapshot(machine.bundle)
    timed("the window", lambda: try_window(machine, pictures))
    for name, scenario in SCENARIOS.items():
        timed(f"tlgui {name}", lambda scenario=scenario: scenario(machine))  # type: ignore[misc]
    expect(snapshot(machine.bundle) == before, "Something was written beside the programs")


def timed(what: str, do: Callable[[], None]) -> None:
    began = time.monotonic()
    do()
    print(f"   {what}: {time.monotonic() - began:.1f} s", flush=True)


# --- the window -----------------------------------------------------------------------------------------------------


def try_window(machine: Machine, pictures: Path) -> None:
    """Every page, with real clicks."""
    taken = machine.home / "pictures"
    done = machine.start(["--smoke-test", str(taken)], program="tlgui-window")
    expect(done.returncode == 0, f"The window's own walk ended with {done.returncode}", done.stderr)
    shutil.rmtree(pictures, ignore_errors=True)
    shutil.copytree(taken, pictures)
    found = [path for path in pictures.glob("*.png") if path.stat().st_size > 10_000]
    expect(len(found) >= PICTURES_EXPECTED, f"{len(found)} pictures were taken, not {PICTURES_EXPECTED}")


# --- every command --------------------------------------------------------------------------------------------------


def try_check_data(machine: Machine) -> None:
    found = machine.answer("check-data", str(machine.home / "kritik.csv"))
    expect(found["labels"] == {"gut": 30, "schlecht": 30}, f"check-data counted {found['labels']}")


def try_layers(machine: Machine) -> None:
    keys = [group["key"] for group in machine.answer("layers")["groups"]]
    expect(keys[0] == "embeddings" and keys[-1] == "head" and "5" in keys, f"layers listed {keys}")


def try_fill_mask(machine: Machine) -> None:
    hidden = machine.answer("fill-mask", "The bees [MASK] in the hive.", "-k", "3")["hidden"]
    expect(len(hidden) == 1 and len(hidden[0]["original"]) == 3, f"fill-mask answered {hidden}")


def try_train(machine: Machine) -> None:
    ended = machine.answer("train", str(machine.home / "recipe.toml"), "--name", "smoke")
    expect((Path(ended["folder"]) / "model" / "model.safetensors").is_file(), f"train left no model: {ended}")


def try_runs(machine: Machine) -> None:
    runs = machine.answer("runs")["runs"]
    expect([run["name"] for run in runs] == ["smoke"], f"runs listed {runs}")


def try_evaluate(machine: Machine) -> None:
    found = machine.answer("evaluate", str(machine.home / "kritik.csv"), "--model", trained(machine))
    expect(found["rows"] == len(ROWS) and found["labels"] == ["gut", "schlecht"], f"evaluate answered {found}")


def try_predict(machine: Machine) -> None:
    out = machine.home / "out.csv"
    found = machine.answer("predict", str(machine.home / "kritik.csv"), "--model", trained(machine), "--out", str(out))
    lines = out.read_text(encoding="utf-8").splitlines()
    expect(found["rows"] == len(ROWS) == len(lines) - 1, f"predict wrote {len(lines)} lines")


def try_export(machine: Machine) -> None:
    """The adapter of a LoRA run, alone."""
    recipe = machine.home / "lora.toml"
    recipe.write_text(RECIPE.replace("[transfer]", '[transfer]\nmethod = "lora"'), encoding="utf-8")
    ended, folder = machine.answer("train", str(recipe), "--name", "lora"), machine.home / "adapter"
    machine.answer("export", ended["folder"], "--to", str(folder), "--format", "adapter")
    expect((folder / "adapter_model.safetensors").is_file(), f"export left {sorted(folder.glob('*'))}")


def try_continue(machine: Machine) -> None:
    """A model and its tokenizer made from nothing, trained for some steps, and written with."""
    recipe = machine.home / "next.toml"
    made = RECIPE.replace("classify", "next-word").replace('"starter"', '"new:gpt-mini"\nvocabulary = 300')
    recipe.write_text(made.replace('frozen = ["embeddings", "0-4"]', "frozen = []"), encoding="utf-8")
    ended = machine.answer("train", str(recipe), "--name", "next")
    found = machine.answer("continue", "Alles", "--model", ended["folder"], "--words", "3")
    expect(bool(found["continued"]) and bool(found["next"]), f"continue answered {found}")


def try_race(machine: Machine) -> None:
    """Stored features, a head of ours, and logistic regression beside it."""
    words = ("--strategies", "feature-based,head", "--labels", "20", "--seeds", "1", "--least-steps", "2")
    found = machine.answer("race", str(machine.home / "recipe.toml"), *words)
    expect(found["done"] == found["total"] == 2, f"race ended after {found['done']} of {found['total']} runs")
    expect(list(found["baseline"]) == ["20"], f"race had no yardstick: {found['baseline']}")
    expect((Path(found["folder"]) / "report.html").is_file(), "race left no report")


def try_doctor(machine: Machine) -> None:
    found = {finding["what"]: finding for finding in machine.answer("doctor")["findings"]}
    lacking = [f"{what}: {finding['found']}" for what, finding in found.items() if not finding["good"]]
    expect(not lacking, "doctor found something missing", "\n".join(lacking))
    expect({"helper processes", "installation", "model families"} <= found.keys(), f"doctor told {sorted(found)}")


SCENARIOS: dict[str, Callable[[Machine], None]] = {
    "check-data": try_check_data,
    "layers": try_layers,
    "fill-mask": try_fill_mask,
    "train": try_train,
    "runs": try_runs,
    "evaluate": try_evaluate,
    "predict": try_predict,
    "continue": try_continue,
    "race": try_race,
    "export": try_export,
    "doctor": try_doctor,
}
"""Every command of the command line, in an order in which each finds what it needs; a test compares the two."""


def trained(machine: Machine) -> str:
    """The run that the scenario of `train` left."""
    return str(Path(machine.answer("runs")["folder"]) / "smoke")


# --- what can be wrong with a system --------------------------------------------------------------------------------


def try_troubles(machine: Machine) -> None:
    """Each ends in a sentence, not in a crash."""
    machine.refusal([], "There is no display", DISPLAY="", QT_QPA_PLATFORM="")
    machine.refusal([], "does not answer", DISPLAY=":987", QT_QPA_PLATFORM="")
    try_missing_library(machine)
    machine.refusal(["train", str(machine.home / "recipe.toml")], "/dev/null", HOME="/dev/null")
    try_mixed_versions(machine)
    print("   troubles: a sentence each", flush=True)


def try_missing_library(machine: Machine) -> None:
    """A library that cannot be loaded is named, in a window of another program too, which gets its own libraries."""
    broken = machine.home / "broken"
    broken.mkdir()
    (broken / "libEGL.so.1").write_bytes(b"")
    note = machine.home / "zenity.txt"
    zenity = machine.home / "bin" / "zenity"
    zenity.write_text(f'#!/bin/sh\nprintf "%s\\n" "$LD_LIBRARY_PATH" "$@" > "{note}"\n', encoding="utf-8")
    zenity.chmod(0o755)
    machine.refusal([], "apt-get install libegl1", program="tlgui-window", LD_LIBRARY_PATH=str(broken))
    told = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
    expect(told[:1] == [str(broken)], f"Another program was started with the bundle's libraries: {told[:1]}")
    expect(any("libEGL.so.1" in line for line in told), f"The message on the desktop was {told}")


def try_mixed_versions(machine: Machine) -> None:
    """What an interrupted upgrade leaves: programs of one version, parts of another."""
    version = machine.bundle / "_internal" / "version.txt"
    text = version.read_text(encoding="ascii")
    version.unlink()  # the file is shared with the bundle that this is a copy of
    version.write_text("0.0.1\n", encoding="ascii")
    machine.refusal(["runs"], "parts of 0.0.1")
    version.write_text(text, encoding="ascii")


# --- surroundings ---------------------------------------------------------------------------------------------------


@contextmanager
def copy_by_links(bundle: Path) -> Iterator[Path]:
    """The same files in a folder with an awkward name; where links cannot be made, the bundle itself."""
    if sys.platform == "win32":
        yield bundle
        return
    place = bundle.parent / AWKWARD
    shutil.rmtree(place, ignore_errors=True)
    try:
        yield Path(shutil.copytree(bundle, place / bundle.name, symlinks=True, copy_function=os.link))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def display() -> Any:
    """A screen that nobody sees, on Linux."""
    if sys.platform != "linux":
        return nullcontext({})
    from checks import virtual_display

    return virtual_display()


def without_network() -> Sequence[str]:
    """What keeps the programs from the network; only root on Linux can."""
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare"):
        return ("unshare", "--net")
    return ()


def snapshot(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Size and time of change of every file."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")
    }


if __name__ == "__main__":
    words = [Path(word).resolve() for word in sys.argv[1:]]
    try:
        run(*[*words, *[ROOT / "dist" / "tlgui", ROOT / "dist" / "pictures"][len(words) :]])
    except SetUpError as error:
        sys.exit(f"\n{error.title}\n{error.hint}")
