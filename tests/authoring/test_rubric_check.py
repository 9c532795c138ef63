"""What is said about a rubric before anything runs."""

from click.testing import CliRunner

from grader.cli import cli
from grader.errors import RubricError

RUBRIC = """\
assignment: tiny
title: Tiny
reference: reference
questions:
  - id: q1
    title: Doubles
    prompt: Double each number of an array.
    points: 2
    criteria:
      - {id: runs, title: It runs, check: runs, points: 1, hint: Run it.}
      - {id: double, title: It doubles, check: function, points: 1, with: {names: [double], inputs: [{shape: [3]}]}}
"""


def test_what_is_there_and_what_could_be_better(tmp_path):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "q1.py").write_text("# question: q1\ndef double(x):\n    return 2 * x\n")
    (tmp_path / "tiny.yaml").write_text(RUBRIC)
    result = CliRunner().invoke(cli, ["rubric", "check", str(tmp_path / "tiny.yaml")])
    assert result.exit_code == 0
    assert "ok  rubric: 1 questions, 2 criteria, 2 points" in result.output
    assert "low mutants: 0" in result.output
    assert "low q1: no mutant tests runs, double" in result.output
    assert "low q1: no hint says what to do where double takes points" in result.output
    assert "NOT" not in result.output


def test_a_criterion_that_lacks_its_reference(tmp_path):
    (tmp_path / "tiny.yaml").write_text(RUBRIC.replace("reference: reference\n", ""))
    result = CliRunner().invoke(cli, ["rubric", "check", str(tmp_path / "tiny.yaml")])
    assert isinstance(result.exception, RubricError)
    assert "NOT q1: double compares with a reference, and none answers q1" in result.output


def test_a_wrong_rubric(tmp_path):
    (tmp_path / "tiny.yaml").write_text(RUBRIC.replace("check: runs", "check: run"))
    result = CliRunner().invoke(cli, ["rubric", "check", str(tmp_path / "tiny.yaml")])
    assert isinstance(result.exception, RubricError)
    assert "unknown check 'run'" in str(result.exception)
