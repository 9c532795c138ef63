"""A plain ipykernel for tests of watchers: no sandbox, one question at a time."""

import ast
import textwrap

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
