"""Work that goes on after a cell has ended: a thread that trains in the background is on the clock, too.

States of threads are looked at, and not processor time: on a busy machine a thread that wants to work may get little of
it. One look costs about a millisecond.

Source: proc_pid_stat(5) of the Linux man pages: the state is the field after the name, `R` for runnable.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

LOOKS = 8
BETWEEN = 0.005  # s


async def until_quiet(root: int, seconds: float) -> float:
    """Wait until no thread of a process tree works any more.

    Args:
        root: Process id of its root.
        seconds: At most so long.

    Returns:
        How long there was work, in seconds: 0 if all was quiet at once, `seconds` or more if it never was.
    """
    started = time.monotonic()
    waited = 0.0
    while waited < seconds and await _works(root):
        waited = time.monotonic() - started
    return waited


async def _works(root: int) -> bool:
    """Whether threads were seen running most of the time. Two looks at sleeping threads are enough to say no."""
    processes = tree(root)
    seen = 0
    for look in range(LOOKS):
        seen += any_running(processes)
        if look == 1 and not seen:
            return False
        await asyncio.sleep(BETWEEN)
    return seen > LOOKS / 2


def tree(root: int) -> list[int]:
    """Process ids of a process and all below it; none when it is gone."""
    try:
        process = psutil.Process(root)
        return [root, *(child.pid for child in process.children(recursive=True))]
    except psutil.Error:
        return []


def any_running(processes: Iterable[int], proc: Path = Path("/proc")) -> bool:
    """Whether any thread of these processes runs, or waits for a processor."""
    return any(
        state(thread) == "R" for process in processes for thread in (proc / str(process) / "task").glob("*/stat")
    )


def state(stat: Path) -> str:
    """The state in a `stat` file, which stands after a name that may itself hold spaces; empty when it is gone."""
    with contextlib.suppress(OSError):
        return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2][1:2]
    return ""
