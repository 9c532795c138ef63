"""`grader inspect` as its users run it: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
RUBRIC = ROOT / "rubrics" / "cnn-architectures.yaml"
CELLS = [
    ("md", "# Homework"),
    ("py", "import torch"),
    ("md", "## Question 6: LeNet-5 on MNIST"),
    ("py", "x = 1"),
    ("md", "## Question 8: filters and feature maps of AlexNet"),
    ("py", "y = 1"),
]


@pytest.fixture
def notebook(tmp_path) -> Path:
    make = {"md": nbformat.v4.new_markdown_cell, "py": nbformat.v4.new_code_cell}
    path = tmp_path / "homework.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[make[kind](text) for kind, text in CELLS]), path)
    return path


def inspect(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader.cli", "inspect", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_json_on_stdout_and_nothing_else(notebook) -> None:
    done = inspect(notebook, "--rubric", RUBRIC, "--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert data["questions"]["q6"] == [2, 3]
    assert data["questions"]["q8"] == [4, 5]
    assert data["questions"]["q1"] == []
    assert [cell["shared"] for cell in data["cells"]] == [False, True, False, False, False, False]
    assert data["repairs"] == []


def test_the_map_in_a_log_and_as_a_page_and_as_a_file(notebook, tmp_path) -> None:
    page, data = tmp_path / "out" / "map.html", tmp_path / "map.json"
    done = inspect(notebook, "-r", RUBRIC, "--html", page, "--json", data)
    assert done.returncode == 0, done.stderr
    assert "Found:     2 of 10 questions" in done.stdout
    assert "2–3" in done.stdout
    assert "Question 6" in page.read_text("utf-8")
    assert json.loads(data.read_text("utf-8"))["questions"]["q8"] == [4, 5]


def test_segments_beside_the_notebook_or_given_correct_the_map(notebook, tmp_path) -> None:
    beside = tmp_path / "segments.yaml"
    beside.write_text("homework.ipynb: {q7: [3], q6: 2}\n")
    data = json.loads(inspect(notebook, "-r", RUBRIC, "--json", "-").stdout)
    assert (data["questions"]["q6"], data["questions"]["q7"]) == ([2], [3])
    other = tmp_path / "other" / "mine.yaml"
    other.parent.mkdir()
    other.write_text("homework.ipynb: {q9: 5}\n")
    given = json.loads(inspect(notebook, "-r", RUBRIC, "--segments", other, "--json", "-").stdout)
    assert (given["questions"]["q7"], given["questions"]["q9"]) == ([], [5])


def test_mistakes_are_one_line_for_the_one_who_can_act(notebook, tmp_path) -> None:
    wrong = tmp_path / "x.yaml"
    wrong.write_text("homework.ipynb:\n  q77: 1\n")
    done = inspect(notebook, "-r", RUBRIC, "--segments", wrong)
    assert done.returncode == 4
    assert f"{wrong}:2: the rubric has no question 'q77'" in done.stderr
    assert "Traceback" not in done.stderr
    assert inspect(tmp_path / "none.ipynb", "-r", RUBRIC).returncode == 5


def test_remarks_about_the_whole_go_beside_the_json(notebook, tmp_path) -> None:
    blank = tmp_path / "blank" / "blank.ipynb"
    blank.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")]), blank)
    done = inspect(blank, "-r", RUBRIC, "--json", "-")
    assert done.returncode in (0, 1)
    if done.returncode == 0:
        assert json.loads(done.stdout)["questions"]["q1"] == []
    assert "empty" in done.stderr
