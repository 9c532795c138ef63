"""The boundary to NVIDIA's management library (NVML): which GPUs there are, and what they are doing.

Everything else of the grader sees the `Gpus` protocol, so that it can be tested without a GPU.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import pynvml

PERIOD = 1.0  # s between two looks at a GPU


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU.

    Attributes:
        index: N of `cuda:N`, and of `/dev/nvidiaN`.
        name: What NVIDIA calls it.
        uuid: By which CUDA finds it, whatever the order in which it counts.
        total: Bytes of its memory.
        free: Bytes of it that nobody uses now.
        driver: Version of the driver.
    """

    index: int
    name: str
    uuid: str
    total: int
    free: int
    driver: str = ""


@dataclass(frozen=True, slots=True)
class GpuUse:
    """One look at a GPU: bytes of memory in use, by whomever, and percent of the time in which it worked."""

    used: int
    utilisation: float


class Gpus(Protocol):
    """The GPUs of this machine."""

    def there(self) -> tuple[Gpu, ...]:
        """All of them, as they are now; none where there are none."""

    def use(self, index: int) -> GpuUse | None:
        """What one of them is doing; None if it does not say."""


class Nvml:
    """The GPUs that NVML tells of. `problem` says why it tells of none."""

    def __init__(self) -> None:
        self.problem = ""
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            self.problem = str(error)

    def there(self) -> tuple[Gpu, ...]:
        """All of them; of one that is lost or forbidden nothing is said."""
        if self.problem:
            return ()
        found = []
        for number in range(pynvml.nvmlDeviceGetCount()):
            with contextlib.suppress(pynvml.NVMLError):
                found.append(_gpu(pynvml.nvmlDeviceGetHandleByIndex(number)))
        return tuple(sorted(found, key=lambda gpu: gpu.index))

    def use(self, index: int) -> GpuUse | None:
        """What the GPU with a minor number is doing."""
        uuid = next((gpu.uuid for gpu in self.there() if gpu.index == index), None)
        with contextlib.suppress(pynvml.NVMLError):
            if uuid is not None:
                handle = pynvml.nvmlDeviceGetHandleByUUID(uuid.encode())
                rates = pynvml.nvmlDeviceGetUtilizationRates(handle)
                return GpuUse(int(pynvml.nvmlDeviceGetMemoryInfo(handle).used), float(rates.gpu))
        return None


def _gpu(handle: object) -> Gpu:
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return Gpu(
        index=int(pynvml.nvmlDeviceGetMinorNumber(handle)),
        name=str(pynvml.nvmlDeviceGetName(handle)),
        uuid=str(pynvml.nvmlDeviceGetUUID(handle)),
        total=int(memory.total),
        free=int(memory.free),
        driver=str(pynvml.nvmlSystemGetDriverVersion()),
    )


@dataclass
class Meter:
    """What a GPU did while somebody looked.

    Attributes:
        peak: Most bytes of memory in use at once, by whomever.
        utilisation: Mean percent of the time in which it worked.
        looks: How often somebody looked.
    """

    peak: int = 0
    utilisation: float = 0.0
    looks: int = 0

    def add(self, use: GpuUse) -> None:
        """Count one look."""
        self.peak = max(self.peak, use.used)
        self.utilisation = (self.utilisation * self.looks + use.utilisation) / (self.looks + 1)
        self.looks += 1


@contextlib.asynccontextmanager
async def metered(gpus: Gpus, index: int | None) -> AsyncIterator[Meter]:
    """Look at a GPU again and again while something runs. Without one, the meter stays at nothing."""
    meter = Meter()
    looking = asyncio.create_task(_look(gpus, index, meter)) if index is not None else None
    try:
        yield meter
    finally:
        if looking:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def _look(gpus: Gpus, index: int, meter: Meter) -> None:
    while True:
        if use := gpus.use(index):
            meter.add(use)
        await asyncio.sleep(PERIOD)
