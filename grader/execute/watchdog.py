"""Watches a running kernel from outside: memory, processes, and what it leaves in the folder of its sockets."""

from __future__ import annotations

import asyncio
import itertools
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from grader.execute.cgroup import killed_for_memory, refused, used_memory
from grader.records import LimitHit
from grader.rubric import Limits

PERIOD = 0.25
LOOK_SECONDS = 1.0
TASKS = "processes and threads"
MOST_STRAY_MB = 16
MOST_STRAY_FILES = 200


async def watch(
    pid: int,
    limits: Limits,
    writable: tuple[Path, ...],
    groups: tuple[Path, ...],
    over_limit: Callable[[LimitHit], Awaitable[None]],
) -> None:
    """Look at a process tree until it is gone; call `over_limit` once when it passes a bound.

    Args:
        pid: Root of the tree.
        limits: Bounds of the profile.
        writable: The few paths on the host's disk that the kernel can write to: its sockets' folder, its first log.
        groups: Control groups of the run, if it has any.
        over_limit: Ends the run.
    """
    try:
        root = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    while root.is_running():
        # In a thread: a process in the middle of a fork answers late, and no other run may wait for that.
        hit = await asyncio.to_thread(sample, root, limits, writable, groups)
        if hit:
            await over_limit(hit)
            return
        await asyncio.sleep(PERIOD)


def sample(
    root: psutil.Process, limits: Limits, writable: tuple[Path, ...], groups: tuple[Path, ...]
) -> LimitHit | None:
    """One look at a run. A run that cannot be looked at is over: nothing would bound it."""
    try:
        hit = grouped(groups, limits) if groups else exceeded(root, limits)
        return hit or overfull(writable)
    except (OSError, psutil.Error, ValueError):
        return LimitHit("kernel", 0, 0, "")


def grouped(groups: tuple[Path, ...], limits: Limits) -> LimitHit | None:
    """The bound that a run has passed, as its control groups count.

    No process is asked: one that is in the middle of a fork may take half a minute to answer.
    """
    if refused(groups):
        return LimitHit("processes", limits.processes, limits.processes, TASKS)
    used = killed_for_memory(groups) or used_memory(groups) or 0
    return over_memory(used, limits) if used > limits.memory_gb * 2**30 else None


def over_memory(used: int, limits: Limits) -> LimitHit:
    """That so many bytes are too many."""
    return LimitHit("memory", round(used / 2**30, 2), limits.memory_gb, "GB")


def exceeded(root: psutil.Process, limits: Limits) -> LimitHit | None:
    """The bound that a process tree has passed, or None: for machines that allow no control groups."""
    try:
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return None
    if (tasks := sum(map(threads, tree))) > limits.processes:
        return LimitHit("processes", tasks, limits.processes, TASKS)
    # Resident size counts shared pages in every process; it is cheap and enough while it is below the limit.
    sizes = {process: resident(process) for process in tree}
    limit = limits.memory_gb * 2**30
    if sum(sizes.values()) <= limit:
        return None
    return overdrawn(sorted(tree, key=sizes.__getitem__, reverse=True), limits)


def overdrawn(tree: list[psutil.Process], limits: Limits) -> LimitHit | None:
    """Whether processes hold too much memory, shared pages counted once. The largest come first.

    Hundreds of processes that fork take long to answer: after a second the number of tasks is looked at again.
    """
    used, until = 0, time.monotonic() + LOOK_SECONDS
    for process in tree:
        used += proportional(process)
        if used > limits.memory_gb * 2**30:
            return over_memory(used, limits)
        if time.monotonic() > until:
            break
    return None


def overfull(writable: tuple[Path, ...]) -> LimitHit | None:
    """Whether the kernel fills the host's disk through what it must be able to write: one flat folder and a log."""
    size = entries = 0
    for path in writable:
        for entry in [path, *itertools.islice(path.iterdir() if path.is_dir() else (), MOST_STRAY_FILES)]:
            entries += 1
            size += stored(entry, folder=entry in writable)
    if size <= MOST_STRAY_MB * 2**20 and entries <= MOST_STRAY_FILES:
        return None
    return LimitHit("disk", round(size / 2**20, 1), MOST_STRAY_MB, "MB")


def stored(path: Path, *, folder: bool) -> int:
    """Bytes of a file on disk; 0 when it is gone. Links are not followed; a folder where none belongs is too much."""
    try:
        status = path.lstat()
    except OSError:
        return 0
    if stat.S_ISDIR(status.st_mode) and not folder:
        return (MOST_STRAY_MB + 1) * 2**20
    return status.st_blocks * 512


def threads(process: psutil.Process) -> int:
    """Threads of a process; 0 when it is gone."""
    try:
        return int(process.num_threads())
    except psutil.Error:
        return 0


def resident(process: psutil.Process) -> int:
    """Resident bytes of a process; 0 when it is gone."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def proportional(process: psutil.Process) -> int:
    """Proportional set size in bytes: a page shared by n processes counts 1/n in each. Resident size where hidden."""
    try:
        found = getattr(process.memory_full_info(), "pss", None)  # Linux alone tells it
    except psutil.AccessDenied:
        found = None
    except psutil.Error:
        return 0
    return resident(process) if found is None else int(found)
