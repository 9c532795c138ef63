"""From stored traces to an export with the command line, the gradebook in SQLite and in PostgreSQL by URL."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.records import Answer, Cell, CellRun, Environment, QuestionTrace, Submission, Trace
from grader.rubric import plan_hash
from grader.storage import save_trace


@pytest.fixture
def type_in(tmp_path, monkeypatch, rubric, url):
    for name in ("ada", "bob"):
        submission = Submission(name, name.title(), "hw.ipynb", (Cell(0, "code", "x = f()"),), name)
        questions = (
            QuestionTrace("q1", Answer("q1", (0,), "", 1.0), (CellRun(0, "ok"),)),
            QuestionTrace("q2", Answer("q2", (0,), "Adding up.", 1.0)),
        )
        seen = Trace(1, "tiny", plan_hash(rubric), "quick", submission, questions, Environment())
        save_trace(seen, {}, tmp_path / "out" / "traces" / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_DB", url)

    def type_in(*arguments: str) -> str:
        result = CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
        assert not result.return_value, result.output
        return result.output

    return type_in


def test_a_class(type_in, url):
    assert "nothing to compare" in type_in("rescore", "out", "-r", "tiny.yaml")
    assert "2 things in 2 hand-ins" in type_in("review", "list", "out")
    type_in("review", "set", "out", "ada", "q2", "4.5", "--by", "eve")
    type_in("review", "set", "out", "bob", "q2", "0", "--by", "eve")
    type_in("review", "note", "out", "bob", "q2", "Überleg noch einmal: ∑ 😀")
    Path("tiny.yaml").write_text(Path("tiny.yaml").read_text().replace("points: 4", "points: 8"))
    moved = type_in("rescore", "out", "-r", "tiny.yaml")
    assert "Moved:        2 of 2 hand-ins (2 up, 0 down)" in moved
    assert "q1/runs 4 → 8" in moved
    type_in("export", "csv", "out")
    with Path("out/exports/grades.csv").open(encoding="utf-8", newline="") as file:
        assert {row["id"]: row["points"] for row in csv.DictReader(file)} == {"ada": "12.5", "bob": "8"}
    assert "Überleg noch einmal: ∑ 😀" in type_in("review", "show", "out", "bob", "q2")
    assert Path("out/gradebook.db").exists() is False
