"""CPU or GPU: which device a run gets, and what the sandbox must pass through for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import OperatorError

CONTROL_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")


@dataclass(frozen=True, slots=True)
class Device:
    """A device as a run sees it.

    Attributes:
        name: `cpu` or `cuda:N`.
        nodes: Device nodes that the sandbox passes through.
        visible: Value of `CUDA_VISIBLE_DEVICES`; empty hides every GPU.
    """

    name: str = "cpu"
    nodes: tuple[Path, ...] = ()
    visible: str = ""


def choose_device(asked: str, devices: Path = Path("/dev")) -> Device:
    """The device for `auto`, `cpu`, `cuda` or `cuda:N`.

    Args:
        asked: What the command line says. `auto` takes the first GPU if there is one.
        devices: Folder of the device nodes.

    Raises:
        OperatorError: A GPU was asked for that is not there, or the name means nothing.
    """
    match = re.fullmatch(r"auto|cpu|cuda(?::(\d+))?", asked)
    if not match:
        raise OperatorError(f"unknown device '{asked}'", "Use auto, cpu, cuda or cuda:N")
    number = match.group(1) or "0"
    node = devices / f"nvidia{number}"
    if asked == "cpu" or (asked == "auto" and not node.exists()):
        return Device()
    if not node.exists():
        raise OperatorError(f"there is no GPU {number} on this machine ({node})", "Use --device cpu or --device auto")
    control = (devices / name for name in CONTROL_NODES)
    return Device(f"cuda:{number}", (node, *(path for path in control if path.exists())), number)
