"""Watches a running kernel from outside: memory, processes, and what it leaves in the folder of its sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from grader.records import LimitHit
from grader.rubric import Limits

PERIOD = 0.25
MOST_PROCESSES = 256
MOST_STRAY_MB = 16
MOST_STRAY_FILES = 200


async def watch(
    pid: int, limits: Limits, writable: tuple[Path, ...], over_limit: Callable[[LimitHit], Awaitable[None]]
) -> None:
    """Look at a process tree until it is gone; call `over_limit` once when it passes a bound.

    Args:
        pid: Root of the tree.
        limits: Bounds of the profile.
        writable: The few paths on the host's disk that the kernel can write to: its sockets' folder, its first log.
        over_limit: Ends the run.
    """
    try:
        root = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    while root.is_running():
        hit = exceeded(root, limits) or overfull(writable)
        if hit:
            await over_limit(hit)
            return
        await asyncio.sleep(PERIOD)


def exceeded(root: psutil.Process, limits: Limits) -> LimitHit | None:
    """The bound that a process tree has passed, or None."""
    try:
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return None
    if len(tree) > MOST_PROCESSES:
        return LimitHit("processes", len(tree), MOST_PROCESSES, "processes")
    limit = limits.memory_gb * 2**30
    # Resident size counts shared pages in every process; it is cheap and enough while it is below the limit.
    if sum(resident(process) for process in tree) <= limit:
        return None
    used = sum(proportional(process) for process in tree)
    if used <= limit:
        return None
    return LimitHit("memory", round(used / 2**30, 2), limits.memory_gb, "GB")


def overfull(writable: tuple[Path, ...]) -> LimitHit | None:
    """Whether the kernel fills the host's disk through what it must be able to write."""
    size = entries = 0
    for path in writable:
        for entry in itertools.chain([path], itertools.islice(path.rglob("*"), MOST_STRAY_FILES)):
            entries += 1
            size += stored(entry)
    if size <= MOST_STRAY_MB * 2**20 and entries <= MOST_STRAY_FILES:
        return None
    return LimitHit("disk", round(size / 2**20, 1), MOST_STRAY_MB, "MB")


def stored(path: Path) -> int:
    """Bytes of a file on disk; 0 when it is gone. Links are not followed."""
    try:
        return path.lstat().st_blocks * 512
    except OSError:
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
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return resident(process)
    except psutil.Error:
        return 0
