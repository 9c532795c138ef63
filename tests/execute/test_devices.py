from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from grader.errors import OperatorError
from grader.execute.devices import choose_devices, out_of_gpu_memory
from grader.execute.gpus import PERIOD, Gpu, Gpus, GpuUse, Meter, Nvml, metered
from grader.records import CellRun, ErrorTrace

GIB = 2**30


class FakeGpus:
    """GPUs that are not there: NVML's place in tests."""

    def __init__(self, *gpus: Gpu, uses: tuple[GpuUse, ...] = ()) -> None:
        self.gpus, self.uses = gpus, list(uses)

    def there(self) -> tuple[Gpu, ...]:
        return self.gpus

    def use(self, index: int) -> GpuUse | None:
        return self.uses.pop(0) if self.uses else None


ZERO = Gpu(0, "Fast 1", "GPU-aa", 16 * GIB, 15 * GIB, "600.1")
ONE = Gpu(1, "Fast 1", "GPU-bb", 16 * GIB, 3 * GIB, "600.1")


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "sda"):
        (tmp_path / name).touch()
    return tmp_path


def test_auto_without_a_gpu_is_the_cpu_and_hides_every_gpu(nodes):
    (device,) = choose_devices("auto", FakeGpus(), nodes)
    assert (device.name, device.nodes, device.visible, device.model) == ("cpu", (), "", "cpu")


def test_a_gpu_brings_its_own_node_and_the_control_nodes_only(nodes):
    gpus: Gpus = FakeGpus(ZERO, ONE)
    (device,) = choose_devices("cuda:1", gpus, nodes)
    assert [node.name for node in device.nodes] == ["nvidia1", "nvidiactl", "nvidia-uvm"]
    assert (device.name, device.visible, device.model) == ("cuda:1", "GPU-bb", "Fast 1")
    assert [device.name for device in choose_devices("auto", gpus, nodes)] == ["cuda:0", "cuda:1"]
    assert [device.name for device in choose_devices("cpu", gpus, nodes)] == ["cpu"]


def test_a_gpu_without_a_node_is_none(nodes):
    (nodes / "nvidia1").unlink()
    assert [device.name for device in choose_devices("auto", FakeGpus(ZERO, ONE), nodes)] == ["cuda:0"]
    with pytest.raises(OperatorError, match=r"there is no GPU 1 on this machine \(cuda:0 Fast 1\)"):
        choose_devices("cuda:1", FakeGpus(ZERO, ONE), nodes)


@pytest.mark.parametrize("asked", ["cuda", "cuda:3", "gpu", "cuda:x", ""])
def test_what_is_not_there_is_said(asked, nodes):
    with pytest.raises(OperatorError, match=r"device|GPU"):
        choose_devices(asked, FakeGpus(), nodes)


@pytest.mark.parametrize(
    ("kind", "message", "is_it"),
    [
        ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB", True),
        ("RuntimeError", "CUDA out of memory", True),
        ("ResourceExhaustedError", "OOM when allocating tensor with shape[1,2]", True),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", False),
        ("MemoryError", "", False),
    ],
)
def test_want_of_memory_on_the_gpu_is_known_by_its_error(kind, message, is_it):
    runs = (CellRun(0, "ok"), CellRun(1, "error", error=ErrorTrace(kind, message, 1)))
    assert out_of_gpu_memory(runs) is is_it


def test_a_meter_keeps_the_peak_and_the_mean():
    meter = Meter()
    for use in (GpuUse(5, 100.0), GpuUse(9, 50.0), GpuUse(7, 0.0)):
        meter.add(use)
    assert (meter.peak, meter.utilisation, meter.looks) == (9, 50.0, 3)


def test_a_gpu_is_looked_at_while_something_runs():
    async def measure(index: int | None) -> Meter:
        async with metered(FakeGpus(ZERO, uses=(GpuUse(5, 80.0),)), index) as meter:
            await asyncio.sleep(PERIOD / 10)
        return meter

    assert asyncio.run(measure(0)) == Meter(5, 80.0, 1)
    assert asyncio.run(measure(None)) == Meter()


def test_nvml_tells_of_no_gpu_or_of_real_ones():
    nvml = Nvml()
    assert all(gpu.total >= gpu.free > 0 and gpu.name for gpu in nvml.there())
    assert nvml.use(999) is None
    assert nvml.problem or nvml.there() is not None


@pytest.mark.gpu
def test_a_real_gpu_is_found():
    device = choose_devices("cuda", Nvml())[0]
    assert device.gpu is not None
    assert device.gpu.driver
    assert Nvml().use(device.gpu.index) is not None
