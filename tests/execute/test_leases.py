from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from grader.execute import Workplace
from grader.execute.devices import Device
from grader.execute.gpus import Gpu
from grader.execute.leases import Leases, Machine, shared_out
from grader.rubric import Limits

GIB = 2**30
LIMITS = Limits(
    cell_seconds=60, submission_seconds=120, training_seconds=5, memory_gb=2, output_mb=1, disk_mb=32, gpu_memory_gb=4
)
CPU = Machine((0, 1, 2, 3), 100 * GIB, (Device(),))


def gpu(index: int, free: int) -> Device:
    return Device(f"cuda:{index}", visible=f"GPU-{index}", gpu=Gpu(index, "Fast", f"GPU-{index}", 16 * GIB, free * GIB))


def test_cores_are_dealt_out():
    assert [lease.cores for lease in shared_out(CPU, LIMITS, 1)] == [(0, 1, 2, 3)]
    assert [lease.cores for lease in shared_out(CPU, LIMITS, 2)] == [(0, 1), (2, 3)]
    assert [lease.cores for lease in shared_out(CPU, LIMITS, 3)] == [(0,), (1,), (2,)]
    assert [lease.cores for lease in shared_out(CPU, LIMITS, 6)] == [(0,), (1,), (2,), (3,), (0,), (1,)]


def test_memory_bounds_how_many_run_at_once_but_not_how_each_runs():
    tight = replace(CPU, memory=5 * GIB)
    assert [lease.cores for lease in shared_out(tight, LIMITS, 4)] == [(0,), (1,)]
    assert [lease.cores for lease in shared_out(replace(CPU, memory=GIB), LIMITS, 4)] == [(0,)]


def test_runs_spread_over_gpus_before_they_share_one():
    machine = replace(CPU, devices=(gpu(0, 9), gpu(1, 5)))
    leases = shared_out(machine, LIMITS, 4)
    assert [lease.device.name for lease in leases] == ["cuda:0", "cuda:1", "cuda:0"]
    assert [lease.device.share for lease in leases] == [0.25] * 3
    assert leases[0].alone().device.share == 1


def test_a_lease_is_what_the_run_sees():
    place = Workplace(LIMITS)
    seen = shared_out(replace(CPU, devices=(gpu(1, 9),)), LIMITS, 2)[1].of(place)
    assert (seen.cores, seen.threads, seen.device.visible, seen.limits) == ((2, 3), 2, "GPU-1", LIMITS)


def test_a_lease_is_with_one_run_at_a_time_and_comes_back_whatever_happens():
    async def runs() -> tuple[int, int]:
        leases = Leases(shared_out(CPU, LIMITS, 2))
        now = most = done = 0

        async def run(number: int) -> None:
            nonlocal now, most, done
            async with leases.lease():
                now, most = now + 1, max(most, now + 1)
                await asyncio.sleep(0.001)
                now, done = now - 1, done + 1
                if number % 3 == 0:
                    raise ValueError

        await asyncio.wait_for(asyncio.gather(*(run(i) for i in range(20)), return_exceptions=True), 10)
        return most, done

    assert asyncio.run(runs()) == (2, 20)


def test_who_is_alone_on_a_gpu_has_no_neighbour_there():
    async def runs() -> list[tuple[str, int]]:
        leases = Leases(shared_out(replace(CPU, devices=(gpu(0, 16),)), LIMITS, 4))
        on, seen = 0, []

        async def run(*, again: bool) -> None:
            nonlocal on
            async with leases.lease() as lease:
                on += 1
                await asyncio.sleep(0.002)
                on -= 1
            if again:
                async with leases.alone(lease.device) as whole:
                    on += 1
                    seen.append((whole.device.name, on))
                    assert whole.device.share == 1
                    await asyncio.sleep(0.002)
                    seen.append((whole.device.name, on))
                    on -= 1

        await asyncio.wait_for(asyncio.gather(*(run(again=i % 4 == 0) for i in range(24))), 10)
        return seen

    assert asyncio.run(runs()) == [("cuda:0", 1)] * 12


def test_who_is_cancelled_while_waiting_keeps_nothing():
    async def runs() -> int:
        leases = Leases(shared_out(CPU, LIMITS, 1))

        async def alone() -> None:
            async with leases.alone(CPU.devices[0]):
                pytest.fail("somebody else has the lease")

        async with leases.lease():
            waiting = asyncio.create_task(alone())
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(5), leases.alone(CPU.devices[0]) as lease:
            return len(lease.cores)

    assert asyncio.run(runs()) == 4
