"""Stored traces scored again: what moves, what stays, and what a failure leaves behind. Nothing is run."""

from __future__ import annotations

import csv
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from grader import rescore as module
from grader.errors import OperatorError
from grader.gradebook import open_gradebook
from grader.records import Answer, Cell, CellRun, Environment, QuestionTrace, Submission, Trace
from grader.rescore import refresh, rescore
from grader.rubric import load_rubric, plan_hash
from grader.storage import load_trace, save_trace

RUBRIC = """
assignment: tiny
title: A tiny assignment
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


def trace(name: str, plan: str, ok: int = 1) -> Trace:
    """A hand-in of two code cells, of which some ran, and a written answer."""
    runs = tuple(CellRun(cell, "ok" if cell < ok else "error") for cell in (0, 1))
    cells = (Cell(0, "code", "import os\nx = f()"), Cell(1, "code", "y = g(x)"), Cell(2, "markdown", "Adding up."))
    return Trace(
        schema=1,
        assignment="tiny",
        plan_hash=plan,
        profile="quick",
        submission=Submission(name, name.title(), f"{name}.ipynb", cells, f"digest of {name}", student_id=f"id-{name}"),
        questions=(
            QuestionTrace("q1", Answer("q1", (0, 1), confidence=1.0), runs),
            QuestionTrace("q2", Answer("q2", (2,), "Adding up.", 1.0)),
        ),
        environment=Environment(),
    )


@pytest.fixture
def rubric(tmp_path):
    def rubric(text: str = RUBRIC):
        path = tmp_path / "tiny.yaml"
        path.write_text(text)
        return load_rubric(path)

    return rubric


@pytest.fixture
def out(tmp_path, rubric) -> Path:
    for name, ok in (("ada", 2), ("bob", 1), ("cy", 0)):
        save_trace(trace(name, plan_hash(rubric()), ok), {}, tmp_path / "out" / "traces" / name)
    return tmp_path / "out"


def points(rescored) -> dict[str, float]:
    return {grade.submission: grade.points for grade in rescored.grades}


def written(out: Path) -> dict[str, float]:
    return {entry["id"]: entry["points"] for entry in json.loads((out / "grades.json").read_text())["submissions"]}


def test_the_first_scoring_has_nothing_to_compare_and_the_second_says_who_moved(out, rubric):
    first = rescore(out, rubric())
    assert points(first) == written(out) == {"ada": 4, "bob": 2, "cy": 0}
    assert first.difference.compared == 0
    assert rescore(out, rubric()).difference.moves == ()
    moved = rescore(out, rubric(RUBRIC.replace("points: 4", "points: 8")))
    assert points(moved) == written(out) == {"ada": 8, "bob": 4, "cy": 0}
    assert [(move.student, move.by) for move in moved.difference.moves] == [("Ada", 4), ("Bob", 2)]
    rows = list(csv.DictReader((out / "differences.csv").read_text().splitlines()))
    assert [(row["id"], row["criterion"], row["before"], row["after"]) for row in rows] == [
        ("ada", "q1/runs", "4.0", "8.0"),
        ("bob", "q1/runs", "2.0", "4.0"),
    ]


def test_what_people_set_stays_and_clashes_are_said(out, rubric):
    rescore(out, rubric())
    book = open_gradebook(out)
    ada, bob, _ = book.automatic()
    book.override(ada, "q2", ada.questions[1].criteria[0], 5.0, "well said", "eve")
    book.override(bob, "q1", bob.questions[0].criteria[0], 3.0, "nearly", "eve")
    book.comment("bob", ("q1", ""), "Mind cell 2.", "eve")
    assert refresh(out, book, "ada").points == 9
    assert written(out)["ada"] == 9
    again = rescore(out, rubric(RUBRIC.replace("points: 4", "points: 8")))
    assert points(again) == {"ada": 13, "bob": 3, "cy": 0}
    clash = "the check gave 2, and now gives 4; the criterion had 4 points, and now has 8"
    assert again.difference.clashes == (("Bob", "q1/runs", clash),)
    page = (out / "feedback" / "bob.html").read_text()
    assert "nearly" in page
    assert "Mind cell 2." in page
    assert clash not in page


def test_many_traces_on_several_processes_give_the_same_as_one_after_another(out, rubric):
    stored, _ = load_trace(out / "traces" / "bob")
    for number in range(60):
        name = f"s{number:02}"
        save_trace(replace(stored, submission=replace(stored.submission, id=name)), {}, out / "traces" / name)
    told = []
    several = rescore(out, rubric(), jobs=3, told=lambda done, total: told.append((done, total)))
    assert told[-1] == (63, 63)
    alone = rescore(out, rubric(), jobs=1)
    assert several.grades == alone.grades
    assert len(list((out / "feedback").iterdir())) == 63


def everything(out: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != "gradebook.id"}


def test_a_failure_leaves_everything_as_it_was(out, rubric, monkeypatch):
    rescore(out, rubric())
    before = everything(out)
    with sqlite3.connect(out / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr("grader.gradebook.opening.PATIENCE", 0.1)
        with pytest.raises(OperatorError, match="in use"):
            rescore(out, rubric(RUBRIC.replace("points: 4", "points: 8")))
        other.execute("ROLLBACK")
    other.close()
    assert everything(out) == before
    with pytest.raises(OperatorError, match="another rubric"):
        rescore(out, rubric(RUBRIC.replace("id: q1", "id: first")))
    assert everything(out) == before


def test_a_full_disk_while_pages_are_written_leaves_the_old_ones(out, rubric, monkeypatch):
    rescore(out, rubric())
    before = everything(out)

    def full(*_: object) -> None:
        raise OperatorError("No space left on device", "Free some space")

    monkeypatch.setattr(module, "write_submission", full)
    with pytest.raises(OperatorError, match="No space"):
        rescore(out, rubric(RUBRIC.replace("points: 4", "points: 8")))
    assert everything(out) == before


def test_a_trace_that_cannot_be_read_any_more_keeps_its_students_name_and_no_other_from_its_grade(out, rubric):
    rescore(out, rubric())
    (out / "traces" / "bob" / "trace.json").write_text("{")
    grades = {grade.submission: grade for grade in rescore(out, rubric()).grades}
    assert grades["ada"].points == 4
    assert "damaged" in grades["bob"].problem
    assert (grades["bob"].student, grades["bob"].student_id, grades["bob"].fault) == ("Bob", "id-bob", "operator")


def test_being_late_is_taken_off_and_said(out, rubric):
    stored, _ = load_trace(out / "traces" / "ada")
    late = replace(stored.submission, handed_in="2026-11-21T12:00:00+00:00")
    save_trace(replace(stored, submission=late), {}, out / "traces" / "ada")
    policy = "late: {due: 2026-11-20, percent_per_day: 25}\nquestions:"
    rescored = rescore(out, rubric(RUBRIC.replace("questions:", policy)))
    assert points(rescored)["ada"] == written(out)["ada"] == 3
    assert "25 % of 4 points" in (out / "feedback" / "ada.html").read_text()
