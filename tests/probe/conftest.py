"""A plain ipykernel for tests of watchers: no sandbox, one question at a time."""

import ast
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

SETUP = """
from grader.probe import {watcher} as _watcher
from grader.probe.recorder import Recorder, Settings
_recorder = Recorder(Settings(), globals())
_watcher.install(_recorder)
"""


class Kernel:
    """Runs cells in a kernel that has one watcher in place."""

    def __init__(self, client):
        self.client = client

    def cell(self, code):
        """Run a cell; gives what it printed and the name of its error."""
        printed = []

        def hook(message):
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            textwrap.dedent(code), allow_stdin=False, output_hook=hook, timeout=60, stop_on_error=False
        )
        return "".join(printed), reply["content"].get("ename", "")

    def begin(self):
        self.cell("_recorder.begin('q1'); _watcher.begin(_recorder)")

    def observe(self, calls=()):
        return ast.literal_eval(self.cell(f"print(_watcher.observe(_recorder, {{'calls': {list(calls)}}}))")[0])

    def notes(self):
        text, _ = self.cell("print([(n['kind'], n['subject']) for n in _recorder.notes])")
        return ast.literal_eval(text)


@pytest.fixture(scope="module")
def kernel_with(tmp_path_factory):
    """Starts a kernel with a watcher, in an empty folder; it ends with the test module."""
    started = []

    def start(watcher, **environment):
        folder = str(tmp_path_factory.mktemp("work"))
        manager, client = start_new_kernel(kernel_name="python3", cwd=folder, **environment)
        started.append((manager, client))
        kernel = Kernel(client)
        assert kernel.cell(SETUP.format(watcher=watcher)) == ("", "")
        return kernel

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
        manager.context.destroy()


def run_hand_in(pieces, folder, **settings):
    """Run pieces of code one after another in one process, in a folder; gives what `run_hand_in.py` writes."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run_hand_in.py"))],
        input=json.dumps({"settings": settings, "pieces": pieces}),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        cwd=folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def hand_in():
    """Runs pieces of student code in a process of their own."""
    return run_hand_in


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Two small sets as the data store serves them: `mnist` (28x28) and `cifar10` (32x32x3, itself a stand-in)."""
    rng, folders = np.random.default_rng(0), {}
    for name, shape in (("mnist", (28, 28)), ("cifar10", (32, 32, 3))):
        folder = tmp_path_factory.mktemp(name)
        train, test = (rng.integers(0, 256, (n, *shape), dtype=np.uint8) for n in (200, 50))
        labels = {"y_train": np.arange(200, dtype=np.uint8) % 10, "y_test": np.arange(50, dtype=np.uint8) % 10}
        np.savez(folder / "served.npz", x_train=train, x_test=test, **labels)
        np.save(folder / "held_out.npy", rng.integers(0, 256, (30, *shape), dtype=np.uint8))
        said = "synthetic pictures" if name == "cifar10" else ""
        (folder / "meta.json").write_text(json.dumps({"classes": list("abcdefghij"), "stand_in": said}))
        for file in folder.iterdir():
            file.chmod(0o444)
        folders[name] = str(folder)
    return folders
