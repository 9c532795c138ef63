"""A first rubric from a solution: it is whole, it grades the solution, and says what was seen."""

import json
import os
import subprocess
import sys

import pytest
import yaml

from grader.authoring.questions import questions_in
from grader.errors import RubricError
from grader.ingest import find, ingest


def grader(*arguments: object, folder) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def test_the_questions_of_a_solution(solution):
    first, second, third = questions_in(ingest(find([solution])[0]))
    assert (first.id, first.code) == ("q1", False)
    assert first.prompt == "What is a convolution? Say it in your own words."
    assert first.sentences == ["A small window slides over the picture.", "The same weights are used at every place."]
    assert (second.id, second.code, third.id, third.code) == ("q2", True, "q3", True)
    assert third.title == "Write a function that doubles each number of an array"


def test_a_solution_without_questions(solution):
    (hand_in,) = find([solution])
    solution.write_text(solution.read_text().replace("Question", "Part"))
    with pytest.raises(RubricError, match="no question was found in Homework 1"):
        questions_in(ingest(hand_in))


@pytest.mark.kernel
@pytest.mark.torch
@pytest.mark.data
def test_a_first_rubric_is_whole_and_grades_the_solution(solution, tmp_path):
    made = grader("rubric", "new", solution.name, folder=tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    path = tmp_path / "Homework 1.yaml"
    rubric = yaml.safe_load(path.read_text())
    q1, q2, q3 = rubric["questions"]
    assert [c["check"] for c in q1["criteria"]] == ["written"]
    assert {c["id"] for c in q2["criteria"]} >= {"runs", "architecture", "figure"}
    architecture = next(c for c in q2["criteria"] if c["id"] == "architecture")
    assert architecture["with"] == {"parameters": 475, "output": 3, "trained": True}
    assert q2["input_shape"] == [64, 1, 8, 8]
    assert "# seen: function double(numbers)" in path.read_text()
    assert [c["id"] for c in q3["criteria"]] == ["runs"]

    checked = grader("rubric", "check", path.name, folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no mutant tests runs, architecture" in checked.stdout

    again = grader("rubric", "new", solution.name, folder=tmp_path)
    assert again.returncode == 5
    assert "is there already" in again.stderr

    verified = grader("verify", path.name, "--only", "Homework*", "--json", "v.json", folder=tmp_path)
    (found,) = json.loads((tmp_path / "v.json").read_text())["rubrics"]
    reference = {case["question"]: case["result"] for case in found["cases"] if case["kind"] == "reference"}
    assert reference == {"q1": "right", "q2": "right", "q3": "right"}, verified.stdout
