"""Runs the hostile hand-ins through the whole engine, as `grader grade` does: the one place that calls it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.batch import grade_all
from grader.pipeline import Settings
from grader.records import Grade
from grader.rubric import load_rubric
from grader.storage import load_trace

HERE = Path(__file__).parent
AT_ONCE = 4  # most of the time of these hand-ins is waiting
# The attacks of these families wait for a bound; all others end by themselves.
BOUNDS = ("bomb", "fill", "flood", "loop", "sleep", "ignore", "stuck", "end")
HONEST = """# %%
# question: q1
# CANARY
def affine(x):
    return 3 * x + 7

# %%
# question: q2
total = sum(range(10))
"""


def attacks() -> dict[str, Path]:
    """The hand-ins by name; beside each lies what is expected of it."""
    files = (HERE / "handins").iterdir()
    return {file.stem: file for file in sorted(files) if file.suffix != ".expected"}


def family(name: str) -> str:
    return "bounds" if name.startswith(BOUNDS) else "others"


@dataclass(frozen=True)
class Graded:
    """A batch after its end.

    Attributes:
        grades: By hand-in.
        out: The folder of the results.
        canary: What stood in the rubric, the reference, the environment, the home folder and another hand-in.
        left: What was left in the folder for temporary files.
    """

    grades: Mapping[str, Grade]
    out: Path
    canary: str
    left: tuple[Path, ...]

    def trace(self, name: str):
        return load_trace(self.out / "traces" / name)


def laid_out(folder: Path, canary: str, wanted: str) -> tuple[Path, Path]:
    """The rubric and the hand-ins of a family, with the canary in all that an attacker must not read."""
    rubric, handed_in = folder / "rubric.yaml", folder / "submitted"
    handed_in.mkdir()
    for source in (HERE / "rubric.yaml", *(HERE / "reference").glob("*.py")):
        target = folder / source.relative_to(HERE)
        target.parent.mkdir(exist_ok=True)
        target.write_text(source.read_text().replace("CANARY", canary))
    for name, file in attacks().items():
        if family(name) == wanted:
            shutil.copy(file, handed_in)
    (handed_in / "honest.py").write_text(HONEST.replace("CANARY", canary))
    if wanted == "others":
        (handed_in / "<script>alert(5)<|script>\x1b[2J.py").write_text("# question: q1\nx = 1\n")
        bomb = "\n".join(['a0: &a0 ["x"]', *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))])
        (handed_in / "yaml_bomb").mkdir()
        (handed_in / "yaml_bomb" / "segments.yaml").write_text(bomb)
        (handed_in / "yaml_bomb" / "hw.py").write_text("# question: q1\nx = 1\n")
    return rubric, handed_in


def run_batch(wanted: str, folder: Path) -> Graded:
    canary = f"attack-canary-{secrets.token_hex(8)}"
    rubric, handed_in = laid_out(folder, canary, wanted)
    (folder / "home").mkdir()
    (folder / "home" / "secret").write_text(canary)
    # Names of sockets must be short.
    with tempfile.TemporaryDirectory(prefix="g") as short, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACK_CANARY", canary)
        patch.setenv("HOME", str(folder / "home"))
        patch.setattr(tempfile, "tempdir", short)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("\0grader-attack-listener")  # an attack knows the name
            listener.listen()
            grades = asyncio.run(grade_all([handed_in], load_rubric(rubric), folder / "out", Settings(), AT_ONCE))
        left = tuple(Path(short).iterdir())
    return Graded({grade.submission: grade for grade in grades}, folder / "out", canary, left)


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """The batch of a family; each runs once."""
    done: dict[str, Graded] = {}

    def batch(wanted: str) -> Graded:
        if wanted not in done:
            done[wanted] = run_batch(wanted, tmp_path_factory.mktemp(wanted))
        return done[wanted]

    return batch
