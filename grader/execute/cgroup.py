"""Control groups around a run: a fork bomb meets a wall in the Linux kernel, not only a watchdog that it can outrun.

A group bounds the number of tasks, makes all of them together weigh as much as one process, so that the grader stays
awake beside them, and counts their memory without asking each of them. Linux has two versions: in the first each
controller has a tree of its own, in the second one tree serves all. A run joins by writing its process number. Where
groups may not be made (an ordinary user without delegation), a limit on processes per user and a low priority serve.

The watchdog ends a run at its limit of memory. A little above it stands a ceiling in the Linux kernel, for what fills
memory faster than the watchdog looks.

Source: Documentation/admin-guide/cgroup-v1/{pids,memory}.rst and cgroup-v2.rst of the Linux kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import psutil

from grader.rubric import Limits

ROOT = Path("/sys/fs/cgroup")
LEAF = "grader-itself"
CEILING = 1.1  # of the limit of memory
CEILING_MORE = 128 * 2**20
NAMEABLE = 64  # tasks above the bound on a run's
NEEDED = ("pids", "memory", "cpu")
JOIN = 'for group in $1; do echo $$ > "$group/cgroup.procs"; done; shift; exec "$@"'


def make_groups(
    name: str, limits: Limits, root: Path = ROOT, membership: Path = Path("/proc/self/cgroup")
) -> tuple[Path, ...]:
    """Groups for one run, the one that bounds tasks first; none where this process may not make it.

    Args:
        name: Name of the new groups.
        limits: Bounds of the run.
        root: Where the control groups are mounted.
        membership: Which groups this process is in, one `number:controllers:path` per line.
    """
    try:
        first, *others = [parent / name for parent in parents(root, membership)]
    except ValueError:
        return ()
    if not made(first):
        return ()
    try:
        (first / "pids.max").write_text(str(limits.processes), encoding="ascii")
    except OSError:
        first.rmdir()  # a group that bounds nothing
        return ()
    groups = (first, *(group for group in others if made(group)))
    set_ceiling(groups, int(limits.memory_gb * 2**30))
    return groups


def set_ceiling(groups: tuple[Path, ...], limit: int) -> None:
    """Have the Linux kernel end what holds more memory than it may, where it lets us."""
    ceiling = str(int(limit * CEILING) + CEILING_MORE)
    for group in groups:
        for name in ("memory.limit_in_bytes", "memory.max"):
            if (group / name).exists():
                with contextlib.suppress(OSError):
                    (group / name).write_text(ceiling, encoding="ascii")


def killed_for_memory(groups: tuple[Path, ...]) -> int | None:
    """The most bytes that a run held, if the Linux kernel killed a process of it for that."""
    for group in groups:
        for counts, most in (("memory.oom_control", "memory.max_usage_in_bytes"), ("memory.events", "memory.peak")):
            with contextlib.suppress(OSError, ValueError):
                lines = (group / counts).read_text(encoding="ascii").split()
                if int(dict(zip(lines[::2], lines[1::2], strict=False)).get("oom_kill", 0)):
                    return int((group / most).read_text(encoding="ascii"))
    return None


def made(group: Path) -> bool:
    """Whether a group could be made."""
    try:
        group.mkdir()
    except OSError:
        return False
    return True


def parents(root: Path, membership: Path) -> list[Path]:
    """Folders to make groups in: version 1's for tasks, processor and memory, else version 2's for all."""
    try:
        lines = [line.split(":", 2) for line in membership.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []
    trees = {name: path.lstrip("/") for _, controllers, path in lines for name in controllers.split(",")}
    first = [root / name / trees[name] for name in ("pids", "cpu", "memory") if name in trees]
    return first if "pids" in trees else [with_controllers(root / trees[""])] if "" in trees else []


def with_controllers(own: Path) -> Path:
    """Version 2's folder to make groups in: what is in it bounds its groups only when no process is in it itself.

    So all processes of a group that was delegated to us (`systemd-run --user --scope -p Delegate=yes`) move, once, into
    a group below it.
    """
    base = own.parent if own.name == LEAF else own
    with contextlib.suppress(OSError):
        if set(NEEDED) - set((base / "cgroup.subtree_control").read_text(encoding="ascii").split()):
            (base / LEAF).mkdir(exist_ok=True)
            for process in (base / "cgroup.procs").read_text(encoding="ascii").split():
                (base / LEAF / "cgroup.procs").write_text(process, encoding="ascii")
            (base / "cgroup.subtree_control").write_text(" ".join(f"+{n}" for n in NEEDED), encoding="ascii")
    return base


def refused(groups: tuple[Path, ...]) -> bool:
    """Whether the group was full when a process wanted to start another one."""
    try:
        return bool(groups) and (groups[0] / "pids.events").read_text(encoding="ascii").split() != ["max", "0"]
    except OSError:
        return False


def used_memory(groups: tuple[Path, ...]) -> int | None:
    """Bytes of memory that the tasks of a run hold, shared memory included; None where no group counts them."""
    for group in groups:
        try:
            lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        counted = {key: int(value) for key, value in (line.split() for line in lines)}
        return counted.get("anon", counted.get("total_rss", 0)) + counted.get("shmem", counted.get("total_shmem", 0))
    return None


async def remove_groups(groups: tuple[Path, ...]) -> None:
    """Remove groups whose processes have been killed; the kernel needs a moment to let go of them."""
    for _ in range(200):
        if sum(present(group) for group in groups) == 0:
            return
        await asyncio.sleep(0.05)


def present(group: Path) -> bool:
    """Try to remove a group; whether it is still there."""
    with contextlib.suppress(OSError):
        group.rmdir()
    return group.exists()


def bounded(command: list[str], groups: tuple[Path, ...], limits: Limits, cores: tuple[int, ...] = ()) -> list[str]:
    """A command that runs on its cores and within its groups, or else with a limit on the processes of this user."""
    command = ["taskset", "--cpu-list", ",".join(map(str, cores)), *command] if cores else command
    if groups:
        return ["/bin/sh", "-c", JOIN, "sh", " ".join(map(str, groups)), *command]
    most = user_tasks(limits)
    limit = [] if most is None else ["prlimit", f"--nproc={most}", "--"]
    return ["nice", "-n", "10", *limit, *command]


def user_tasks(limits: Limits) -> int | None:
    """The limit on an ordinary user's tasks with which a run passes its bound a little: so the watchdog can name it."""
    return None if os.geteuid() == 0 else own_tasks() + limits.processes + NAMEABLE


def own_tasks() -> int:
    """Threads of all processes of this user: the limit counts them together."""
    user = os.getuid()
    tasks = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        uids = process.info["uids"]
        if uids is not None and uids.real == user:
            tasks += process.info["num_threads"] or 0
    return tasks
