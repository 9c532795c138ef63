"""`grader verify` as its users run it: real kernels, a log, an exit code."""

import json
import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture
def verify(tmp_path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "COLUMNS": "140"}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader.cli", "verify", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)

    return run


def test_a_rubric_in_which_all_is_well_and_nothing_is_run_twice(verify, assignment, tmp_path):
    first = verify(assignment, "--json", tmp_path / "first.json")
    assert first.returncode == 0, first.stdout + first.stderr
    (found,) = json.loads((tmp_path / "first.json").read_text())["rubrics"]
    results = {(case["kind"], case["name"]): case["result"] for case in found["cases"]}
    trivial = ["empty", "prints-numbers", "hard-coded-results", "copied-outputs", "constant-function"]
    assert results == {
        ("reference", "q1.py"): "right",
        ("alternative", "q1-add.py"): "right",
        ("mutant", "triples"): "caught",
        **{("trivial", name): "caught" for name in trivial},
    }
    assert found["untested"] == ["q1/runs", "q1/numpy"]
    assert "no mutant tests q1/runs, q1/numpy" in first.stdout
    assert found["kept_runs"] == 0

    again = verify(assignment, "--json", tmp_path / "again.json")
    assert again.returncode == 0
    (kept,) = json.loads((tmp_path / "again.json").read_text())["rubrics"]
    assert kept["kept_runs"] == 8
    assert {**kept, "kept_runs": 0, "seconds": 0} == {**found, "seconds": 0}
    assert f"{8} runs kept from an earlier time" in again.stdout


def test_what_is_missed_and_punished_is_said_and_counts(verify, spoiled):
    done = verify(spoiled, "--only", "q1")
    assert done.returncode == 1, done.stdout + done.stderr
    text = " ".join(done.stdout.split())
    assert "mutant q1 renamed: missed (function), 5 points" in text
    assert "No mistake at all, so nothing can catch it" in text
    assert re.search(r"function \(3 of 3\): double .*is right for 5 of 5 inputs", text)
    assert "2 points, at most 0 expected" in text
    assert "alternative q1-plain.py: wrongly punished (numpy), 4 points" in text
    assert re.search(r"q1/function function 1 2 - 5/5 q1/numpy source - - 1 4/4", text)
    assert "Right answers: 2 of 3 keep every point; 1 wrongly punished" in text
    assert "Mutants: 1 of 3 caught (33 %); 2 missed" in text


def test_a_wrong_file_ends_it_before_anything_runs(verify, mutants_with):
    done = verify(mutants_with(("return 2 *", "return 5 *")))
    assert done.returncode == 4
    assert "mutants.yaml:5: mutant 'triples': 'old' is not in q1.py" in done.stderr
    assert not done.stdout


def test_a_rubric_without_a_reference(verify, assignment):
    assignment.write_text(assignment.read_text().replace("reference: reference\n", ""))
    done = verify(assignment)
    assert done.returncode == 4
    assert "names no reference" in done.stderr
