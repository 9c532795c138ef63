"""What bounds a run where no control group does: a look at its processes. Real ones."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from grader.execute import watchdog
from grader.execute.watchdog import exceeded, watch
from grader.rubric import Limits

LIMITS = Limits(
    cell_seconds=9, submission_seconds=9, training_seconds=9, memory_gb=0.2, output_mb=1, disk_mb=8, processes=64
)
FORKS = "import os\nfor _ in range({number}):\n    if os.fork() == 0: break\n"
READY = "\nprint(flush=True)\nimport time; time.sleep(60)"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@contextmanager
def running(code: str, processes: int = 1) -> Iterator[psutil.Process]:
    """A process that has run some code, and waits; so do its children."""
    with subprocess.Popen([sys.executable, "-c", code + READY], stdout=subprocess.PIPE) as process:
        root = psutil.Process(process.pid)
        try:
            assert process.stdout is not None
            for _ in range(processes):
                process.stdout.readline()
            yield root
        finally:
            for one in (*root.children(), root):
                one.kill()


def test_a_run_within_its_bounds_is_left_alone():
    with running("x = bytearray(b'x' * (20 * 2**20))") as root:
        assert exceeded(root, LIMITS) is None


def test_too_many_processes_are_counted():
    with running(FORKS.format(number=70), 71) as root:
        hit = exceeded(root, LIMITS)
    assert hit
    assert (hit.kind, hit.measured, hit.limit) == ("processes", 71, 64)


def test_memory_that_processes_share_counts_once():
    """Sixteen of 100 MB each would be 1.6 GB."""
    with running("x = bytearray(b'x' * (100 * 2**20))\n" + FORKS.format(number=15), 16) as root:
        assert sum(map(watchdog.resident, [root, *root.children()])) > 1.5 * 2**30
        assert exceeded(root, LIMITS) is None
        hit = exceeded(root, LIMITS.model_copy(update={"memory_gb": 0.09}))
    assert hit
    assert hit.kind == "memory"
    assert hit.measured >= hit.limit


def test_a_look_ends_in_time_and_the_largest_comes_first(monkeypatch):
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.0)
    small = FORKS.format(number=20) + "else:\n    x = bytearray(b'x' * (250 * 2**20))"
    with running(small, 21) as root:
        hit = exceeded(root, LIMITS)
        assert hit
        assert hit.kind == "memory"
        assert exceeded(root, LIMITS.model_copy(update={"memory_gb": 0.3})) is None


def test_what_passes_a_bound_is_ended_once():
    hits = []

    async def ended(hit):
        hits.append(hit.kind)

    with running("x = bytearray(b'x' * (250 * 2**20))") as root:
        asyncio.run(asyncio.wait_for(watch(root.pid, LIMITS, (), (), ended), 20))
    assert hits == ["memory"]
