"""The command as its users run it: a process of its own, real kernels, and input that is good, bad and hostile."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

pytestmark = pytest.mark.kernel

RUBRIC = """
assignment: tiny
title: A tiny assignment
profiles:
  quick: {cell_seconds: 30, submission_seconds: 120, training_seconds: 5, memory_gb: 2, output_mb: 1, disk_mb: 64}
  full: {cell_seconds: 30, submission_seconds: 120, training_seconds: null, memory_gb: 2, output_mb: 1, disk_mb: 64}
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 4
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 4}
  - id: q2
    title: Words
    prompt: Explain in your own words what a sum is.
    points: 6
    criteria:
      - {id: text, title: The explanation, check: written, points: 6, with: {key_points: [addition]}}
"""


@pytest.fixture
def rubric(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(RUBRIC)
    return path


def notebook(path: Path, code: str = "print(sum(range(10)))", text: str = "Adding up.") -> Path:
    cells = [
        nbformat.v4.new_markdown_cell("## Question 1: Compute the sum of the first ten numbers and print it."),
        nbformat.v4.new_code_cell(code),
        nbformat.v4.new_markdown_cell("## Question 2: Explain in your own words what a sum is."),
        nbformat.v4.new_markdown_cell(text),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "grader.cli", *map(str, arguments)]


def grader(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False, timeout=300, **options)


def grades(out: Path) -> dict[str, dict]:
    content = json.loads((out / "grades.json").read_text())
    return {submission["id"]: submission for submission in content["submissions"]}


def one_line_error(result: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in result.stderr + result.stdout
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_a_notebook_goes_in_and_feedback_comes_out(tmp_path, rubric):
    notebook(tmp_path / "in" / "alice.ipynb")
    result = grader("grade", tmp_path / "in" / "alice.ipynb", "--rubric", rubric, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    graded = grades(tmp_path / "out")["alice"]
    assert graded["points"] == 4
    assert graded["needs_review"] is True
    assert graded["questions"]["q1"]["ran"] == "passed"
    assert graded["questions"]["q2"]["status"] == "unscored"
    assert "4 of 10 points" in result.stdout
    assert (tmp_path / "out" / "feedback" / "alice.html").is_file()
    assert (tmp_path / "out" / "index.html").is_file()
    assert (tmp_path / "out" / "grades.csv").read_text().count("alice") >= 1


def test_a_changed_rubric_scores_stored_traces_and_runs_nothing(tmp_path, rubric):
    notebook(tmp_path / "in" / "alice.ipynb")
    out = tmp_path / "out"
    assert grader("grade", tmp_path / "in" / "alice.ipynb", "-r", rubric, "-o", out).returncode == 0
    rubric.write_text(RUBRIC.replace("points: 4", "points: 8"))
    no_sandbox = {**os.environ, "PATH": ""}  # nothing could be run even if it were tried
    result = grader("rescore", out, "-r", rubric, env=no_sandbox)
    assert result.returncode == 0, result.stderr
    assert grades(out)["alice"]["points"] == 8


def test_a_rescore_that_would_need_another_run_is_refused(tmp_path, rubric):
    notebook(tmp_path / "in" / "alice.ipynb")
    out = tmp_path / "out"
    assert grader("grade", tmp_path / "in" / "alice.ipynb", "-r", rubric, "-o", out).returncode == 0
    before = (out / "grades.json").read_bytes()
    rubric.write_text(RUBRIC.replace("id: q1", "id: first"))
    result = grader("rescore", out, "-r", rubric)
    assert result.returncode == 5
    assert "run 'grader grade' again" in one_line_error(result)
    assert (out / "grades.json").read_bytes() == before


def test_a_damaged_result_keeps_no_other_from_its_grade(tmp_path, rubric):
    for name in ("alice", "bob"):
        notebook(tmp_path / "in" / f"{name}.ipynb")
    out = tmp_path / "in" / "results"  # inside of what is graded: the second run must not take it for a hand-in
    for _ in range(2):
        assert grader("grade", tmp_path / "in", "-r", rubric, "-o", out).returncode == 0
        assert set(grades(out)) == {"alice", "bob"}
    (out / "traces" / "bob" / "trace.json").write_text("{")
    result = grader("rescore", out, "-r", rubric)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert grades(out)["alice"]["points"] == 4
    assert "damaged" in grades(out)["bob"]["problem"]


BAD = {
    "broken": b'{"cells": [',
    "binary": bytes(range(256)) * 10,
    "nothing": b"",
    "no_cells": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "in_r": json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": "x <- 1", "metadata": {}, "outputs": [], "execution_count": None}
            ],
            "metadata": {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    ).encode(),
}


def test_bad_hand_ins_get_a_reason_and_the_others_are_graded(tmp_path, rubric):
    folder = tmp_path / "in"
    notebook(folder / "good.ipynb")
    notebook(folder / "defines_nothing.ipynb", code="", text="")
    for name, content in BAD.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    result = grader("grade", folder, "-r", rubric, "-o", tmp_path / "out", "-j", 2)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr + result.stdout
    graded = grades(tmp_path / "out")
    assert graded["good"]["points"] == 4
    assert graded["defines_nothing"]["points"] == 0
    by_file = {submission["file"]: submission for submission in graded.values()}
    for name in BAD:
        submission = by_file[f"{name}.ipynb"]
        assert submission["problem"], name
        assert submission["fault"] == "student", submission["problem"]
        assert "\n" not in submission["problem"]
        assert (tmp_path / "out" / "feedback" / f"{submission['id']}.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["grade", "nowhere.ipynb", "-r", "tiny.yaml"], 5, "nowhere.ipynb"),
        (["grade", "empty", "-r", "tiny.yaml"], 5, "empty"),
        (["grade", "a.ipynb", "-r", "typo.yaml"], 4, "did you mean 'points'"),
        (["grade", "a.ipynb", "-r", "none.yaml"], 4, "none.yaml"),
        (["grade", "a.ipynb", "-r", "tiny.yaml", "--device", "cuda:7"], 5, "GPU 7"),
        (["rescore", "empty", "-r", "tiny.yaml"], 5, "holds no traces"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, rubric, arguments, code, words):
    notebook(tmp_path / "a.ipynb")
    (tmp_path / "empty").mkdir()
    (tmp_path / "typo.yaml").write_text(RUBRIC.replace("    points: 4", "    pionts: 4"))
    result = grader(*arguments, cwd=tmp_path)
    assert result.returncode == code
    assert words in one_line_error(result)
    assert not (tmp_path / "grader-out" / "grades.json").exists()


def on_small_disk(options: str, out: Path, *arguments: object) -> list[str]:
    """The command with `out` on a file system of its own, in a mount namespace of its own."""
    script = f'mount -t tmpfs -o {options} none "$1" && shift && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(out), *command(*arguments)]


@pytest.mark.parametrize("options", ["ro", "size=16k"])
def test_a_disk_that_cannot_be_written_is_said_in_one_line(tmp_path, rubric, options):
    out = tmp_path / "out"
    out.mkdir()
    notebook(tmp_path / "in" / "alice.ipynb", text="Adding. " * 20_000)
    arguments = on_small_disk(options, out, "grade", tmp_path / "in", "-r", rubric, "-o", out)
    result = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 5, result.stderr
    assert re.search(r"--out|space", one_line_error(result))


def hear_ctrl_c() -> None:
    """A test run in the background has Ctrl-C ignored, and its children would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_batch_and_keeps_what_is_finished(tmp_path, rubric, stop):
    notebook(tmp_path / "in" / "a.ipynb")
    notebook(tmp_path / "in" / "b.ipynb", code="import time; time.sleep(25.5)")
    out = tmp_path / "out"
    arguments = command("grade", tmp_path / "in", "-r", rubric, "-o", out, "-j", 1)
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,  # noqa: PLW1509  this test has no threads
    ) as process:
        deadline = time.monotonic() + 60
        while not (out / "feedback" / "a.html").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(2)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(stop)
        started = time.monotonic()
        try:
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
        assert time.monotonic() - started < 5
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "stopped" in errors
    assert "the same command goes on" in errors
    assert set(grades(out)) == {"a"}
    psutil.wait_procs(children, timeout=3)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_the_module_and_the_command_are_the_same(tmp_path):
    script = Path(sys.executable).parent / "grader"
    assert script.is_file()
    assert shutil.which("grader", path=str(script.parent))
    shown = subprocess.run([script, "grade", "--help"], capture_output=True, text=True, check=True).stdout
    assert "Exit codes" in shown
    assert "--isolation" in shown
