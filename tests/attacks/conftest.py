"""Runs the hostile hand-ins through the whole engine, as `grader grade` does: the one place that calls it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.batch import grade_all
from grader.errors import OperatorError
from grader.execute import warmed
from grader.execute.warm import Templates
from grader.pipeline import Settings
from grader.records import Grade
from grader.rubric import load_rubric
from grader.storage import load_trace

HERE = Path(__file__).parent
LISTENER = f"grader-attack-listener-{os.getpid()}"  # an abstract socket; an attack knows its name
AT_ONCE = 4  # most of the time of these hand-ins is waiting
# The attacks of these families wait for a bound; all others end by themselves.
BOUNDS = ("bomb", "fill", "flood", "loop", "sleep", "ignore", "stuck", "end")
# What rests on the walls is tried with cold kernels, too: bubblewrap builds theirs.
COLD = (
    *("net_tcp", "net_udp", "net_dns", "net_abstract", "net_unix_host", "read_shadow", "read_proc", "read_environment"),
    *("read_every_file", "read_by_symlink", "write_outside", "write_probe", "io_uring", "open_kernel_settings"),
    *("forge_connection", "detached_child", "double_fork", "end_kill_parent", "end_kill_all", "bomb_memory"),
    *("fill_shared_folder", "loop_for_ever", "patch_probe"),
)
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


@dataclass(frozen=True)
class Gain:
    """An attack on what is measured of a network, and the hand-in that it is put into.

    Attributes:
        base: Name of the hand-in; without the attack it earns something, and not all.
        source: The hand-in with the attack.
    """

    base: str
    source: str


def bases() -> dict[str, str]:
    """The hand-ins without an attack, by name. A comment `# attack: PLACE` marks each place where one can stand."""
    return {file.stem: file.read_text() for file in (HERE / "gains" / "bases").glob("*.py")}


def gains() -> dict[str, Gain]:
    """The attacks by name. The first line of each says in which hand-in it stands, and where."""
    return {file.stem: placed(file.read_text()) for file in sorted((HERE / "gains" / "attacks").glob("*.py"))}


def placed(attack: str) -> Gain:
    base, place = attack.splitlines()[0].removeprefix("# attack: ").split(", ")
    before, mark, after = bases()[base].partition(f"# attack: {place}\n")
    assert mark
    return Gain(base, before + attack + after)


def family(name: str) -> str:
    return "bounds" if name.startswith(BOUNDS) else "others"


@dataclass(frozen=True)
class Graded:
    """A batch after its end.

    Attributes:
        grades: By hand-in.
        out: The folder of the results.
        templates: Where its kernels came from.
        canary: What stood in the rubric, the reference, the environment, the home folder and another hand-in.
        left: What was left: files in the folder for temporary files, control groups, processes that see that folder.
    """

    grades: Mapping[str, Grade]
    out: Path
    templates: Templates
    canary: str = ""
    left: tuple[str, ...] = ()

    def trace(self, name: str):
        return load_trace(self.out / "traces" / name)


def laid_out(folder: Path, canary: str, names: Sequence[str], *, more: bool) -> tuple[Path, Path]:
    """The rubric and the hand-ins of a family, with the canary in all that an attacker must not read."""
    rubric, handed_in = folder / "rubric.yaml", folder / "submitted"
    handed_in.mkdir()
    for source in (HERE / "rubric.yaml", *(HERE / "reference").glob("*.py")):
        target = folder / source.relative_to(HERE)
        target.parent.mkdir(exist_ok=True)
        target.write_text(source.read_text().replace("CANARY", canary))
    for name in names:
        content = attacks()[name].read_bytes().replace(b"LISTENER", LISTENER.encode())
        (handed_in / attacks()[name].name).write_bytes(content)
    (handed_in / "honest.py").write_text(HONEST.replace("CANARY", canary))
    if more:
        (handed_in / "<script>alert(5)<|script>\x1b[2J.py").write_text("# question: q1\nx = 1\n")
        bomb = "\n".join(['a0: &a0 ["x"]', *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))])
        (handed_in / "yaml_bomb").mkdir()
        (handed_in / "yaml_bomb" / "segments.yaml").write_text(bomb)
        (handed_in / "yaml_bomb" / "hw.py").write_text("# question: q1\nx = 1\n")
    return rubric, handed_in


def run_family(wanted: str, folder: Path) -> Graded:
    canary = f"attack-canary-{secrets.token_hex(8)}"
    names = COLD if wanted == "cold" else [name for name in attacks() if family(name) == wanted]
    rubric, handed_in = laid_out(folder, canary, names, more=wanted == "others")
    (folder / "home").mkdir()
    (folder / "home" / "secret").write_text(canary)
    with pytest.MonkeyPatch.context() as patch, socket.socket(socket.AF_UNIX) as listener:
        patch.setenv("ATTACK_CANARY", canary)
        patch.setenv("HOME", str(folder / "home"))
        listener.bind(f"\0{LISTENER}")
        listener.listen()
        return run_batch(rubric, handed_in, folder / "out", canary, warm=wanted != "cold")


def run_batch(rubric: Path, handed_in: Path, out: Path, canary: str = "", *, warm: bool = True) -> Graded:
    """Grade a batch, and look for what it leaves."""
    used: list[Templates] = []

    @asynccontextmanager
    async def noticed(place):
        async with warmed(place) as there:
            used.append(there.templates)
            yield there

    async def refused(*_):
        raise OperatorError("this test wants cold kernels", "none")

    # Names of sockets must be short.
    with tempfile.TemporaryDirectory(prefix="g") as short, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", short)
        patch.setattr("grader.batch.warmed", noticed)
        if not warm:
            patch.setattr("grader.execute.warm.start", refused)
        grades = asyncio.run(grade_all([handed_in], load_rubric(rubric), out, Settings(), AT_ONCE))
        left = (*map(str, Path(short).iterdir()), *groups_of(os.getpid()), *processes_that_see(short))
    return Graded({grade.submission: grade for grade in grades}, out, used[0], canary, left)


def groups_of(process: int) -> list[str]:
    """Control groups that a grader made."""
    return [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/grader-*-{process}-*/")]


def processes_that_see(folder: str) -> list[str]:
    """Processes in whose view of the file system a folder is mounted, as it is in that of every kernel and template."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder in (process / "mountinfo").read_text():
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """The batch of a family; each runs once."""
    done: dict[str, Graded] = {}

    def batch(wanted: str) -> Graded:
        if wanted not in done:
            done[wanted] = run_family(wanted, tmp_path_factory.mktemp(wanted))
        return done[wanted]

    return batch
