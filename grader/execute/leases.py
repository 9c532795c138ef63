"""Who may use what: a lease gives one run its cores, its share of the memory, and its GPU or a share of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from grader.execute.devices import Device
from grader.execute.sandbox import Workplace
from grader.rubric import Limits

GIB = 2**30
RESERVE = 0.95  # of the memory that is free: the rest is for the grader and the system


@dataclass(frozen=True, slots=True)
class Lease:
    """What one run may use.

    Attributes:
        cores: Numbers of its processor cores.
        device: CPU, or a GPU with its share of the memory.
    """

    cores: tuple[int, ...]
    device: Device

    def of(self, place: Workplace) -> Workplace:
        """The place, with what this lease grants in it."""
        return replace(place, cores=self.cores, threads=len(self.cores), device=self.device)

    def alone(self) -> Lease:
        """The same with the whole GPU."""
        return replace(self, device=replace(self.device, share=1.0))


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to lease.

    Attributes:
        cores: Numbers of the cores that this process may use.
        memory: Bytes that are free.
        devices: GPUs, or the CPU.
    """

    cores: tuple[int, ...]
    memory: int
    devices: tuple[Device, ...]


def shared_out(machine: Machine, limits: Limits, most: int) -> tuple[Lease, ...]:
    """As many leases as cores, memory and GPUs allow, and no more than `most`; at least one.

    Args:
        machine: What there is.
        limits: Of one run.
        most: How many runs are wanted at once. More than there are cores share them. How many cores each has follows
            from this alone: what is free just now must not change how a hand-in runs.
    """
    width = max(1, len(machine.cores) // most)
    runs = min(most, max(1, int(machine.memory * RESERVE / (limits.memory_gb * GIB))))
    devices = in_turns([shares(device, limits, runs) for device in machine.devices])
    runs = min(runs, len(devices))
    return tuple(
        Lease(tuple(machine.cores[(number * width + i) % len(machine.cores)] for i in range(width)), devices[number])
        for number in range(runs)
    )


def shares(device: Device, limits: Limits, most: int) -> list[Device]:
    """One device, once for each run that may use it at the same time."""
    if device.gpu is None:
        return [device] * most
    wanted = limits.gpu_memory_gb * GIB
    runs = max(1, int(device.gpu.free / wanted))
    return [replace(device, share=min(1.0, wanted / device.gpu.total))] * runs


def in_turns(rows: Sequence[Sequence[Device]]) -> list[Device]:
    """The first of each row, then the second of each: runs spread over the GPUs before they share one."""
    longest = max(len(row) for row in rows)
    return [row[turn] for turn in range(longest) for row in rows if turn < len(row)]


class Leases:
    """The leases of a batch: each is with one run at a time."""

    def __init__(self, leases: Sequence[Lease]) -> None:
        self.all = tuple(leases)
        self._free = list(leases)
        self._returned = asyncio.Event()
        self._one_alone = asyncio.Lock()

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """Wait for a lease, and give it back afterwards."""
        lease = await self._take(lambda _: True)
        try:
            yield lease
        finally:
            self._give([lease])

    @asynccontextmanager
    async def alone(self, device: Device) -> AsyncIterator[Lease]:
        """Wait until no other run uses a GPU, and keep them away meanwhile.

        Nobody may hold a lease and wait here: two who did would wait for each other.
        """
        theirs = [lease for lease in self.all if lease.device.name == device.name]
        taken: list[Lease] = []
        async with self._one_alone:
            try:
                while len(taken) < len(theirs):
                    taken += [await self._take(lambda lease: lease.device.name == device.name)]
                yield taken[0].alone()
            finally:
                self._give(taken)

    async def _take(self, fits: Callable[[Lease], bool]) -> Lease:
        while not (found := next((lease for lease in self._free if fits(lease)), None)):
            self._returned.clear()
            await self._returned.wait()
        self._free.remove(found)
        return found

    def _give(self, leases: Sequence[Lease]) -> None:
        self._free.extend(leases)
        self._returned.set()
