"""All walls stand for an ordinary user, too. Root may be anybody: here it becomes somebody whom nobody here knows.

What others may not enter on the way to Python and to these files (`/root`, say) is opened in a mount namespace that
only the test sees. Nothing on the machine is changed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may become another user"),
    pytest.mark.skipif(not shutil.which("setpriv") or not shutil.which("unshare"), reason="util-linux is not there"),
]
USER = 64_200
ROOT = Path(__file__).parents[2]
# In a private mount namespace: lay aside what is needed, cover what is closed, put it back below.
OPEN = """
set -e
hold="$1"; closed="$2"; needed="$3"; shift 3
mount -t tmpfs -o mode=755 tmpfs "$hold"
number=0
for path in $needed; do number=$((number + 1)); mkdir "$hold/$number"; mount --rbind "$path" "$hold/$number"; done
for path in $closed; do mount -t tmpfs -o mode=755 tmpfs "$path"; done
number=0
for path in $needed; do number=$((number + 1)); mkdir -p "$path"; mount --move "$hold/$number" "$path"; done
exec "$@"
"""
HOSTILE = """# question: q1
import os, socket
for number, attempt in enumerate((
    lambda: open("/etc/shadow").read(), lambda: open("HOME/secret").read(), lambda: os.setuid(0),
    lambda: socket.create_connection(("1.1.1.1", 80), timeout=2), lambda: open("/usr/attack-was-here", "w"),
)):
    try: attempt(); print("GAINED", number)
    except OSError as error: print("held", number)
def double(x):
    return 2 * x
"""
RUBRIC = """
assignment: tiny
title: A tiny assignment
reference: solution
profiles:
  quick:
    {cell_seconds: 30, submission_seconds: 60, training_seconds: 5, memory_gb: 0.5, processes: 64, output_mb: 1,
     disk_mb: 32}
questions:
  - id: q1
    title: Doubling
    prompt: Write the function double.
    points: 3
    criteria:
      - {id: doubles, title: It doubles, check: function, points: 3, with: {names: [double], inputs: [{shape: [3]}]}}
"""
DOUBLE = "# question: q1\ndef double(x):\n    return 2 * x\n"
MEMORY = "# question: q1\nblocks = []\nwhile True: blocks.append(bytearray(16 * 2**20))\n"
THREADS = """# question: q1
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
    except RuntimeError: time.sleep(0.1)
"""


@pytest.fixture
def home():
    """The folder of an ordinary user, with a short name: names of sockets must be short."""
    with tempfile.TemporaryDirectory(prefix="u") as folder:
        Path(folder, "tmp").mkdir()
        yield Path(folder)


def as_user(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `grader ARGUMENTS` as somebody who owns `home` and nothing else."""
    for path in (home, *home.rglob("*")):
        os.chown(path, USER, USER)
    needed = [Path(sys.prefix), Path(sys.base_prefix), ROOT]
    shut = {path: shut_above(path) for path in needed}
    closed = sorted({str(above) for above in shut.values() if above})
    with tempfile.TemporaryDirectory() as hold:
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", OPEN, "sh", hold, " ".join(closed)]
        command += [" ".join(str(path) for path, above in shut.items() if above)]
        command += ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups", "--"]
        command += ["env", "-i", f"HOME={home}", f"TMPDIR={home}/tmp", "PATH=/usr/bin:/bin", f"PYTHONPATH={ROOT}"]
        command += [sys.executable, "-m", "grader.cli", *arguments]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=400)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def shut_above(path: Path) -> Path | None:
    """The outermost folder on the way to a path that others may not enter."""
    return next((above for above in reversed(path.parents) if not above.stat().st_mode & 0o001), None)


def test_an_ordinary_user_grades_behind_all_walls(home):
    (home / "tiny.yaml").write_text(RUBRIC)
    for name, code in {
        "solution/q1": DOUBLE,
        "in/ada": DOUBLE,
        "in/eve": HOSTILE,
        "in/mem": MEMORY,
        "in/thr": THREADS,
    }.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / f"{name}.py").write_text(code.replace("HOME", str(home)))
    (home / "secret").write_text("what the user can read, and no hand-in")
    done = as_user(home, "grade", "in", "--rubric", "tiny.yaml", "--out", "out", "--jobs", "2")
    assert done.returncode == 0, done.stderr + done.stdout
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (home / "out" / "feedback").glob("*.html")}
    (run,) = json.loads((home / "out" / "traces" / "eve" / "trace.json").read_text())["questions"][0]["runs"]
    assert run["text"].splitlines() == [f"held {number}" for number in range(5)]
    assert "out of memory at" in pages["mem"]
    assert "too many processes at" in pages["thr"]
    grades = json.loads((home / "out" / "grades.json").read_text())["submissions"]
    assert {grade["id"]: grade["points"] for grade in grades} == {"ada": 3, "eve": 3, "mem": 0, "thr": 0}
    assert (home / "out").stat().st_uid == USER
    assert not list((home / "tmp").iterdir())


def test_the_doctor_says_what_an_ordinary_user_has(home):
    said = as_user(home, "doctor").stdout
    states = (re.fullmatch(r"(\w+) +([^:(]*\w).*", line) for line in said.splitlines())
    lines = {state[2]: state[1] for state in states if state}
    assert lines["sandbox"] == "ok"
    assert lines["namespaces inside the sandbox"] == "ok"
    assert lines["bound on processes"] == lines["bound on memory"] == "low"
    assert "a limit on the processes of this user" in said
