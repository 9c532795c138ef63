"""A small assignment with a secret of every kind, and hand-ins for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

SECRETS = (
    "SECRET-HIDDEN-TITLE",
    "SECRET-HIDDEN-HINT",
    "secret_hidden_name",
    "SECRET-KEY-POINT",
    "0.7321",  # full credit
    "0.1234",  # no credit
    "61706",  # parameters of the reference
    "271828",  # the expected result
    "maximum(secret, 0)",
    "SECRET-LATE-HINT",
    "14714688",
    "secret_reference",
    "secret_tests.py",
    "SECRET-IN-THE-TESTS",
    "17.25",  # percent per day
)
RUBRIC = """
assignment: small
title: A small assignment
reference: secret_reference
late: {percent_per_day: 17.25}
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 10
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 2}
      - {id: loop, title: Written with sum, check: source, points: 2, with: {must_use: [sum]}}
      - id: result
        title: The result
        check: value
        points: 2
        hint: SECRET-LATE-HINT
        with: {names: [total], expected: 271828}
      - id: formula
        title: The formula
        check: value
        points: 1
        with: {names: [total], compute: "maximum(secret, 0)"}
      - id: tests
        title: Your instructor's tests
        check: tests
        points: 1
        with: {file: secret_tests.py, public: true}
      - id: secret_hidden_name
        title: SECRET-HIDDEN-TITLE
        check: runs
        points: 2
        public: false
        hint: SECRET-HIDDEN-HINT
  - id: q2
    title: Words
    prompt: Explain in your own words what a sum is.
    points: 6
    criteria:
      - {id: text, title: The explanation, check: written, points: 6, with: {key_points: [SECRET-KEY-POINT]}}
  - id: q3
    title: A network
    prompt: Build and train LeNet-5 on MNIST.
    points: 20
    criteria:
      - {id: layers, title: The layers, check: architecture, points: 5, with: {parameters: 61706, batch_axis: true}}
      - id: accuracy
        title: Accuracy
        check: accuracy
        points: 5
        with: {data: mnist, no_credit: 0.1234, full_credit: 0.7321, quick: {no_credit: 0.1234, full_credit: 0.7321}}
      - {id: transfer, title: The base, check: transfer, points: 5, with: {backbone: 14714688}}
      - {id: secret_hidden_name, title: SECRET-HIDDEN-TITLE, check: timing, points: 5, public: false}
data: [mnist]
"""
TESTS = """
def test_total(answer):
    assert answer("total") == 45, "SECRET-IN-THE-TESTS"
"""


@pytest.fixture
def rubric(tmp_path) -> Path:
    folder = tmp_path / "instructor"
    (folder / "secret_reference").mkdir(parents=True)
    (folder / "secret_reference" / "q1.py").write_text("total = sum(range(10))\n")
    (folder / "secret_tests.py").write_text(TESTS)
    (folder / "small.yaml").write_text(RUBRIC)
    return folder / "small.yaml"


def write_notebook(path: Path, code: str = "total = sum(range(10))\nprint(total)", network: str = "") -> Path:
    cells = [
        nbformat.v4.new_markdown_cell("## Question 1: Compute the sum of the first ten numbers and print it."),
        nbformat.v4.new_code_cell(code),
        nbformat.v4.new_markdown_cell("## Question 2: Explain in your own words what a sum is."),
        nbformat.v4.new_markdown_cell("Adding up."),
    ]
    if network:
        cells += [
            nbformat.v4.new_markdown_cell("## Question 3: Build and train LeNet-5 on MNIST."),
            nbformat.v4.new_code_cell(network),
        ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def notebook():
    return write_notebook


@pytest.fixture
def typed():
    """Runs `grader` with arguments in a folder, as a process of its own."""

    def run(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
        variables = {**os.environ, "COLUMNS": "140", **environment}
        return subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=500
        )

    return run
