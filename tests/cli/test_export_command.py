"""`grader export`, typed as a person types it, on stored traces: nothing is run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from grader.cli import cli
from grader.cli.export import FORMATS
from grader.records import Answer, Cell, CellRun, Environment, QuestionTrace, Submission, Trace
from grader.rubric import load_rubric, plan_hash
from grader.storage import save_trace

RUBRIC = """
assignment: hw4
title: Homework 4
questions:
  - id: q1
    title: Sums
    points: 4
    criteria: [{id: runs, title: The code runs, check: runs, points: 4}]
  - id: q2
    title: Words
    points: 6
    criteria: [{id: text, title: The explanation, check: written, points: 6}]
"""
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments\r\n"
    "Participant 101,Ada Lovelace,ada@uni.example,Submitted,,10.00,Yes,\r\n"
    "Participant 102,Bob Doe,bob@uni.example,Submitted,,10.00,Yes,\r\n"
)


@pytest.fixture
def type_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("hw4.yaml").write_text(RUBRIC)
    plan = plan_hash(load_rubric(Path("hw4.yaml")))
    for name, number in (("ada", "101"), ("bob", "102")):
        submission = Submission(name, name, "hw.ipynb", (Cell(0, "code", "x = f()"),), name, student_id=number)
        questions = (
            QuestionTrace("q1", Answer("q1", (0,), "", 1.0), (CellRun(0, "ok"),)),
            QuestionTrace("q2", Answer("q2", (0,), "Adding up.", 1.0)),
        )
        save_trace(Trace(1, "hw4", plan, "quick", submission, questions, Environment()), {}, Path("out/traces") / name)

    def type_in(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(cli, arguments, standalone_mode=False)
        shown = result.output + str(result.exception or "")
        assert (result.return_value or (2 if result.exception else 0)) == code, shown
        return shown

    type_in("rescore", "out", "-r", "hw4.yaml")
    type_in("review", "set", "out", "ada", "q2", "4.5")
    return type_in


def test_a_round_through_moodle_from_the_download_to_the_upload(type_in):
    Path("sheet.csv").write_bytes(MOODLE.encode())
    shown = type_in("export", "moodle", "out", "--sheet", "sheet.csv", code=1)
    assert "left out: bob: 6 points wait for a person" in shown
    with Path("out/exports/moodle.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["Identifier"], row["Grade"]) for row in rows] == [("Participant 101", "8.5"), ("Participant 102", "")]
    type_in("export", "moodle", "out", "--sheet", "out/exports/moodle.csv", "--unfinished")
    with Path("out/exports/moodle.csv").open(newline="") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == ["8.5", "4"]


def test_every_format_that_needs_no_sheet_writes_what_counts(type_in):
    for format_ in sorted(set(FORMATS) - {"canvas", "moodle"}):
        type_in("export", format_, "out", "--out", "there", code=int(format_ == "nbgrader"))
    assert json.loads(Path("there/gradescope/ada/results.json").read_text())["score"] == 8.5
    assert json.loads(Path("there/prairielearn/ada/results.json").read_text())["score"] == 0.85
    assert json.loads(Path("there/grades.json").read_text())["submissions"][0]["points"] == 8.5
    assert etree.parse("there/junit.xml").getroot().get("failures") == "1"
    for name in ("grades.csv", "nbgrader.csv"):
        assert "8.5" in Path("there", name).read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "canvas", "out"), "give it with --sheet"),
        (("export", "canvas", "out", "--sheet", "none.csv"), "none.csv cannot be read"),
        (("export", "canvas", "out", "--sheet", "hw4.yaml"), "has no column 'Student'"),
        (("export", "excel", "out"), "is not one of"),
        (("export", "csv", "nowhere"), "no grades in its gradebook"),
    ],
)
def test_what_is_missing_is_said(type_in, arguments, message):
    assert message in type_in(*arguments, code=2)
