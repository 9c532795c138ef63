"""Starts the student's IPython kernel with the probe in place: `python -m grader.probe.kernel SETTINGS CONNECTION`.

The order matters. The kernel exists first (watchers need its shell), then the hooks are set, and only then are the
frameworks imported that the hand-in will ask for: torch and torchvision before TensorFlow, because the other order
crashes the process (torch 2.14, torchvision 0.29, TensorFlow 2.21).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import wrapt
from ipykernel.kernelapp import IPKernelApp

from grader.probe import bridges, live, report, sklearn_data, tfds_data
from grader.probe.laying import lay
from grader.probe.recorder import Recorder, Settings

# What frameworks import late by themselves: here at once, so that a fork has it from its template.
WITH = {
    "torch": ("torch._dynamo", "torch.optim", "torch.utils.data", "torchvision.transforms", "torch.nn.functional"),
    "tensorflow": ("keras",),
}
QUIET = {"InteractiveShell": {"colors": "nocolor"}, "HistoryManager": {"enabled": False}}


def main(settings_file: str, connection_file: str) -> None:
    """Run a kernel until it is shut down."""
    start(json.loads(Path(settings_file).read_text(encoding="utf-8")), connection_file)


def start(content: dict[str, Any], connection_file: str, up: Callable[[], None] = lambda: None) -> None:
    """Run a kernel until it is shut down, in a fresh process or in a fork of the template.

    Args:
        content: The fields of `grader.probe.recorder.Settings`, and what to copy and lay out.
        connection_file: Jupyter's, with the key and the names of the sockets.
        up: Is called when the sockets are there.
    """
    # The student's own modules come last: a hand-in with a `random.py` must not replace the library's.
    sys.path[:] = [entry for entry in sys.path if entry not in {"", str(Path.cwd())}] + [""]
    for source, target in content.pop("copies"):
        copy_in(Path(source), Path(target))
    for how, source, target in content.pop("layout"):
        lay(how, Path(source), Path(target))
    settings = Settings(**content)
    app = IPKernelApp.instance()
    app.update_config(type(app.config)(QUIET))
    app.initialize(["-f", connection_file, "--log-level=ERROR"])
    up()
    recorder = Recorder(settings, app.shell.user_ns)
    report.install(recorder)
    tfds_data.install(recorder)
    sklearn_data.install(recorder)
    bridges.install(recorder)  # around the watchers, which see today's spelling
    bound_gpu(settings.gpu_share)
    use_threads(settings.threads)
    live.ignore_checks(app.shell)
    for module in settings.preload:
        preload(module)
    seed_at_first_cell(app.shell, settings.seed)
    app.start()


def copy_in(source: Path, target: Path) -> None:
    """Copy what lies beside the hand-in into the work folder: the student's code may write to its own copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, copy_function=shutil.copyfile)
    elif not target.exists():
        shutil.copyfile(source, target)


def seed_at_first_cell(shell: Any, value: int) -> None:
    """Seed just before the first code runs: imports and the kernel's own start draw random numbers, too.

    How many depends on whether it is a fork of a template; what the student's code draws must not.
    """

    def once() -> None:
        shell.events.unregister("pre_execute", once)
        seed(value)

    shell.events.register("pre_execute", once)


def seed(value: int) -> None:
    """Seed Python and NumPy now, torch and Keras as soon as they are imported."""
    random.seed(value)
    np.random.seed(value)  # the legacy generator: the one that students use
    wrapt.register_post_import_hook(lambda torch: torch.manual_seed(value), "torch")
    wrapt.register_post_import_hook(lambda keras: keras.utils.set_random_seed(value), "keras")


def bound_gpu(share: float) -> None:
    """Let PyTorch take no more than a share of the GPU's memory: said when it is imported, heeded once it uses CUDA."""

    def bound(torch: Any) -> None:
        torch.cuda._lazy_call(lambda: torch.cuda.set_per_process_memory_fraction(share))

    if share < 1:
        wrapt.register_post_import_hook(bound, "torch")


def use_threads(number: int) -> None:
    """As many threads as the run may use: libraries that were loaded before it have heard of another number."""
    wrapt.register_post_import_hook(lambda torch: torch.set_num_threads(number), "torch")
    pools = sys.modules.get("threadpoolctl")
    if pools is not None:
        pools.threadpool_limits(number)


def preload(module: str) -> None:
    """Import a framework ahead of the student's code; what is not installed is the student's cell's business."""
    for name in (module, *WITH.get(module, ())):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
