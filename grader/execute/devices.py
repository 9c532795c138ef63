"""CPU or GPU: which devices runs may get, and what the sandbox must pass through for one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import OperatorError
from grader.execute.gpus import Gpu, Gpus
from grader.records import CellRun

CONTROL_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
# How PyTorch and TensorFlow say that the memory of a GPU does not suffice.
OUT_OF_MEMORY = re.compile(r"OutOfMemoryError|ResourceExhaustedError|CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY")


@dataclass(frozen=True, slots=True)
class Device:
    """A device as a run sees it.

    Attributes:
        name: `cpu` or `cuda:N`.
        nodes: Device nodes that the sandbox passes through.
        visible: Value of `CUDA_VISIBLE_DEVICES`; empty hides every GPU.
        gpu: The GPU, as it was when devices were looked for; None for the CPU.
        share: Of the GPU's memory that the run may take.
    """

    name: str = "cpu"
    nodes: tuple[Path, ...] = ()
    visible: str = ""
    gpu: Gpu | None = None
    share: float = 1.0

    @property
    def model(self) -> str:
        """What a result depends on: `cpu`, or what NVIDIA calls the GPU, whichever of several alike it is."""
        return self.gpu.name if self.gpu else self.name


def choose_devices(asked: str, gpus: Gpus, nodes: Path = Path("/dev")) -> tuple[Device, ...]:
    """The devices for `auto`, `cpu`, `cuda` or `cuda:N`; at least one.

    Args:
        asked: What the command line says. `auto` takes all GPUs, or the CPU where there is none.
        gpus: The boundary to the hardware.
        nodes: Folder of the device nodes.

    Raises:
        OperatorError: A GPU was asked for that is not there, or the name means nothing.
    """
    match = re.fullmatch(r"auto|cpu|cuda(?::(\d+))?", asked)
    if not match:
        raise OperatorError(f"unknown device '{asked}'", "Use auto, cpu, cuda or cuda:N")
    if asked == "cpu":
        return (Device(),)
    there = [gpu for gpu in gpus.there() if (nodes / f"nvidia{gpu.index}").exists()]
    wanted = [gpu for gpu in there if match.group(1) in {None, str(gpu.index)}]
    if not wanted and asked != "auto":
        which = f"GPU {match.group(1)}" if match.group(1) else "GPU"
        found = ", ".join(f"cuda:{gpu.index} {gpu.name}" for gpu in there) or "NVML finds none"
        raise OperatorError(f"there is no {which} on this machine ({found})", "Use --device cpu or --device auto")
    return tuple(_device(gpu, nodes) for gpu in wanted) or (Device(),)


def _device(gpu: Gpu, nodes: Path) -> Device:
    control = (nodes / name for name in CONTROL_NODES)
    passed = (nodes / f"nvidia{gpu.index}", *(path for path in control if path.exists()))
    return Device(f"cuda:{gpu.index}", passed, gpu.uuid, gpu)


def out_of_gpu_memory(runs: Iterable[CellRun]) -> bool:
    """Whether a cell failed for want of memory of the GPU: its neighbours there may have had it."""
    errors = (run.error for run in runs if run.error)
    return any(OUT_OF_MEMORY.search(f"{error.type}: {error.message}") for error in errors)
