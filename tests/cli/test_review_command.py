"""`grader review`, typed as a person types it, on stored traces: nothing is run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.errors import OperatorError
from grader.records import Answer, Cell, CellRun, Environment, QuestionTrace, Submission, Trace
from grader.rubric import load_rubric, plan_hash
from grader.storage import save_trace

RUBRIC = """
assignment: tiny
title: A tiny assignment
late: {due: 2026-11-20, percent_per_day: 10}
questions:
  - id: q1
    title: Sums
    points: 4
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 3}
      - {id: style, title: The style, check: written, points: 1}
  - id: q10
    title: Words
    points: 6
    criteria: [{id: text, title: The explanation, check: written, points: 6, with: {key_points: [A sum adds up]}}]
"""


@pytest.fixture
def type_in(tmp_path, monkeypatch):
    (tmp_path / "tiny.yaml").write_text(RUBRIC)
    plan = plan_hash(load_rubric(tmp_path / "tiny.yaml"))
    for name in ("alice", "alicia", "bob"):
        cells = (Cell(0, "code", "x = f()"), Cell(1, "markdown", "Adding up."))
        questions = (
            QuestionTrace("q1", Answer("q1", (0,), "Short names.", 1.0), (CellRun(0, "ok"),)),
            QuestionTrace("q10", Answer("q10", (1,), "Adding up \x1b[31mthings.", 1.0)),
        )
        submission = Submission(name, f"{name.title()} Doe", f"{name}.ipynb", cells, name, late=name == "bob")
        seen = Trace(1, "tiny", plan, "quick", submission, questions, Environment())
        save_trace(seen, {}, tmp_path / "out" / "traces" / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER", "eve")
    monkeypatch.setenv("LOGNAME", "eve")

    def type_in(*arguments: str) -> str:
        result: Result = CliRunner().invoke(cli, arguments)
        if isinstance(result.exception, OperatorError):
            raise result.exception
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.output

    type_in("rescore", "out", "-r", "tiny.yaml")
    return type_in


def graded(name: str) -> dict:
    entries = json.loads(Path("out/grades.json").read_text("utf-8"))["submissions"]
    return next(entry for entry in entries if entry["id"] == name)


def test_from_the_list_to_nothing_waiting(type_in):
    listed = type_in("review", "list", "out")
    assert [listed.count(place) for place in ("q1/style", "q10/text")] == [3, 3]
    assert "late, but nobody knows by how much" in listed
    assert type_in("review", "list", "out", "-q", "q10").count("q1/style") == 0
    for name in ("alice", "alicia", "bob"):
        type_in("review", "set", "out", name, "q10", "4,5", "--why", "no word on sums")
        type_in("review", "set", "out", name, "q1/style", "1")
    assert "6.8 of 10 points (Handed in 30 hours" in type_in("review", "late", "out", "bob", "30", "--by", "dan")
    assert "Nothing waits for a person." in type_in("review", "list", "out")
    assert (graded("alice")["points"], graded("bob")["points"]) == (8.5, 6.8)
    assert graded("bob")["needs_review"] is False


def test_one_hand_in_with_answer_key_points_and_history(type_in):
    type_in("review", "set", "out", "alice", "q10/text", "2", "--why", "short")
    type_in("review", "note", "out", "alice", "q10", "See chapter 9.")
    shown = type_in("review", "show", "out", "alice", "q10")
    for words in ("2 of 6", "set by eve: short", "Note on q10: See chapter 9.", "Adding up things.", "- A sum adds up"):
        assert words in shown
    assert "set to 2 of 6 (check: none): short" in shown
    assert "\x1b" not in shown
    assert "q10" not in type_in("review", "show", "out", "alice", "q1")


def test_back_to_what_the_check_gives(type_in):
    type_in("review", "set", "out", "alice", "q1/runs", "0")
    assert graded("alice")["points"] == 0
    type_in("review", "set", "out", "alice", "q1/runs", "automatic")
    assert graded("alice")["points"] == 3
    type_in("review", "note", "out", "alice", "Fine")
    assert "Fine" in Path("out/feedback/alice.html").read_text("utf-8")
    type_in("review", "note", "out", "alice", "")
    assert "Fine" not in Path("out/feedback/alice.html").read_text("utf-8")


def test_two_reviewers_at_once_lose_nothing_and_the_tables_know_of_both(type_in):
    commands = [
        [sys.executable, "-m", "grader.cli", "review", "set", "out", name, "q10", points, "--by", by]
        for name, points, by in (("alice", "1", "eve"), ("alicia", "2", "dan"), ("bob", "3", "kim"))
    ]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    errors = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    assert [graded(name)["points"] for name in ("alice", "alicia", "bob")] == [4, 5, 6]


def test_a_check_is_confirmed(type_in):
    type_in("review", "set", "out", "alice", "q1/runs", "confirm")
    assert graded("alice")["points"] == 3
    assert "set to 3 of 3 (check: 3)" in type_in("review", "show", "out", "alice", "q1/runs")


def test_a_hand_in_that_could_not_be_graded(type_in):
    Path("out/traces/bob/trace.json").write_text("{")
    type_in("rescore", "out", "-r", "tiny.yaml")
    assert "not graded: the trace in out/traces/bob is damaged" in type_in("review", "list", "out")
    assert "bob: 7 of 10 points" in type_in("review", "set", "out", "bob", "all", "7", "--why", "read on paper")
    assert graded("bob")["points"] == 7
    assert "read on paper" in Path("out/feedback/bob.html").read_text("utf-8")
    assert "set to 7 of 10 (check: none): read on paper" in type_in("review", "show", "out", "bob")
    type_in("review", "set", "out", "bob", "all", "automatic")
    assert graded("bob")["fault"] == "operator"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "out", "zoe", "q1/runs", "1"), "no hand-in of 'zoe'"),
        (("set", "out", "ali", "q1/runs", "1"), "'ali' may be alice, alicia"),
        (("set", "out", "bob", "q7", "1"), "There are: q1, q10"),
        (("set", "out", "bob", "q1/nothing", "1"), "There are: q1/runs, q1/style"),
        (("set", "out", "bob", "q1", "1"), "several criteria"),
        (("set", "out", "bob", "q10", "confirm"), "nothing to confirm: text"),
        (("set", "out", "bob", "all", "3"), "bob was graded"),
        (("list", "nowhere"), "no grades in its gradebook"),
    ],
)
def test_what_is_not_there_is_said(type_in, arguments, message):
    with pytest.raises(OperatorError) as caught:
        type_in("review", *arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize("points", ["7", "nan", "-1", "many"])
def test_points_that_cannot_be(type_in, points):
    assert "Error: " in type_in("review", "set", "out", "bob", "q10", "--", points)
    assert graded("bob")["points"] == 3
