"""A batch that was killed goes on where it stopped, and what has not changed is not run again. Real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.kernel

# The reference and the hand-ins tell by their output in which run they ran: the number is drawn by the system.
RUBRIC = """
assignment: tiny
title: A tiny assignment
reference: solution
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 4
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 1}
      - id: doubles
        title: It doubles
        check: function
        points: 3
        with: {names: [double], inputs: [{shape: [3]}], cases: 2}
"""
ANSWER = "# Question 1: Compute the sum of the first ten numbers and print it.\n"
CODE = ANSWER + "import os\nprint('run', os.urandom(8).hex())\ndef double(x):\n    return 2 * x\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "tiny.yaml").write_text(RUBRIC)
    for path in ("solution/q1.py", "in/ada.py", "in/bob.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(CODE)
    return tmp_path


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "grader.cli", "grade", "in", "-r", "tiny.yaml", "-o", "out", *more]


def grade(work: Path, *more: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(command(*more), cwd=work, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == code, result.stderr + result.stdout
    assert "Traceback" not in result.stderr
    return result


def printed(work: Path) -> dict[str, str]:
    """What the code of each trace printed: the same text only where it was not run again."""
    traces = {path.parent.name: json.loads(path.read_text()) for path in work.glob("out/**/trace.json")}
    return {name: trace["questions"][0]["runs"][0]["text"] for name, trace in traces.items()}


def points(work: Path) -> dict[str, float]:
    content = json.loads((work / "out" / "grades.json").read_text())
    return {submission["id"]: submission["points"] for submission in content["submissions"]}


def test_what_has_not_changed_is_not_run_again_and_what_has_is(work):
    grade(work)
    first = printed(work)
    assert points(work) == {"ada": 4, "bob": 4}

    result = grade(work)
    assert printed(work) == first
    assert "2 of 2 had not changed since an earlier run and were not run again" in result.stdout

    # A threshold, a point, a title: scored again, run by nobody.
    rubric = work / "tiny.yaml"
    rubric.write_text(RUBRIC.replace("points: 4", "points: 7").replace("points: 3", "points: 6"))
    grade(work)
    assert printed(work) == first
    assert points(work) == {"ada": 7, "bob": 7}

    # One hand-in: run alone, and compared with the reference as it ran.
    (work / "in" / "bob.py").write_text(CODE.replace("2 * x", "3 * x"))
    result = grade(work)
    second = printed(work)
    assert [name for name in first if first[name] != second[name]] == ["bob"]
    assert "1 of 2 had not changed" in result.stdout
    assert points(work) == {"ada": 7, "bob": 1}

    # What is asked of the code: all of it, the reference too.
    rubric.write_text(RUBRIC.replace("cases: 2", "cases: 3"))
    grade(work)
    third = printed(work)
    assert not [name for name in second if second[name] == third[name]]
    assert points(work) == {"ada": 4, "bob": 1}


def test_fresh_runs_all_again_with_new_inputs(work):
    grade(work)
    first, seed = printed(work), (work / "out" / "run.json").read_text()
    result = grade(work, "--fresh")
    second = printed(work)
    assert not [name for name in first if first[name] == second[name]]
    assert (work / "out" / "run.json").read_text() != seed
    assert "not run again" not in result.stdout
    assert points(work) == {"ada": 4, "bob": 4}


@pytest.mark.parametrize("damage", ["cut", "no reference", "no seed", "no trace"])
def test_what_is_damaged_is_run_again(work, damage):
    grade(work)
    first = printed(work)
    out = work / "out"
    if damage == "cut":
        trace = out / "traces" / "ada" / "trace.json"
        trace.write_bytes(trace.read_bytes()[:-100])
        (out / "traces" / ".bob-half").mkdir()  # as one who was killed leaves it
    elif damage == "no trace":
        (out / "traces" / "ada" / "trace.json").unlink()
    elif damage == "no reference":
        (out / "reference" / "trace.json").unlink()
    else:
        (out / "run.json").write_text("{")
    grade(work)
    again = {name for name, text in printed(work).items() if first[name] != text}
    # With another seed the functions are called with other inputs: then nothing of before can be compared.
    assert again == {"cut": {"ada"}, "no trace": {"ada"}, "no reference": {"reference"}}.get(damage, set(first))
    assert points(work) == {"ada": 4, "bob": 4}
    assert not list((out / "traces").glob(".*"))


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_that_was_stopped_goes_on_where_it_stopped(work, sent):
    slow = CODE + "import time\ntime.sleep(40)\n"
    for name in ("bob", "cleo"):
        (work / "in" / f"{name}.py").write_text(slow)
    # Tests that run in the background ignore Ctrl-C, and so would what they start.
    stopped = ["env", "--default-signal=INT", *command("-j", "2")]
    with subprocess.Popen(stopped, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            until((work / "out" / "traces" / "ada" / "trace.json").is_file)
            until(lambda: len(psutil.Process(process.pid).children(recursive=True)) > 1)
            time.sleep(3)  # bob's and cleo's code runs
            children = psutil.Process(process.pid).children(recursive=True)
        finally:
            process.send_signal(sent)
            started = time.monotonic()
        said, _ = process.communicate(timeout=30)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    if sent == signal.SIGINT:
        assert time.monotonic() - started < 5
        assert process.returncode == 130
        assert "the same command goes on" in said
        assert not left_by(process.pid)
    else:
        assert process.returncode == -signal.SIGKILL
        assert left_by(process.pid)
    before = printed(work)
    assert set(before) == {"reference", "ada"}

    for name in ("bob", "cleo"):
        (work / "in" / f"{name}.py").write_text(slow.replace("40", "1"))
    result = grade(work, "-j", "2")
    after = printed(work)
    assert {name: after[name] for name in before} == before
    assert set(after) == {"reference", "ada", "bob", "cleo"}
    assert points(work) == {"ada": 4, "bob": 4, "cleo": 4}
    assert "1 of 3 had not changed" in result.stdout
    assert (work / "out" / "grades.csv").read_text().count("ada") >= 1
    assert not left_by(process.pid)


def left_by(process: int) -> list[Path]:
    """Folders and control groups that carry the number of a grader."""
    places = (Path(tempfile.gettempdir()), *Path("/sys/fs/cgroup").glob("**/"))
    return [path for place in places for path in place.glob(f"grader-*-{process}-*")]


def until(ready, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_two_graders_do_not_write_into_one_folder(work):
    (work / "in" / "bob.py").write_text(CODE + "import time\ntime.sleep(30)\n")
    with subprocess.Popen(command(), cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until((work / "out" / "reference" / "trace.json").is_file)
            result = grade(work, code=5)
        finally:
            process.kill()
    assert "another grader is writing to out" in result.stderr


def test_ctrl_c_does_not_wait_for_what_cannot_be_stopped():
    script = (
        "import asyncio, signal, time\nfrom grader.cli.failures import run_interruptible\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in tests that run in the background
        "print('up', flush=True)\nrun_interruptible(asyncio.to_thread(time.sleep, 60))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(1)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert time.monotonic() - started < 5
    assert process.returncode == 130
    assert b"the same command goes on" in errors


def test_a_bound_of_the_command_line_goes_before_the_rubrics_and_is_named(work):
    (work / "in" / "bob.py").write_text(CODE + "while True: pass\n")
    result = grade(work, "--limit", "cell_seconds=2")
    assert points(work)["ada"] == 4
    page = (work / "out" / "feedback" / "bob.html").read_text()
    assert "out of time at 2" in page
    assert "of 2 s for one cell" in page
    assert "Traceback" not in result.stdout
