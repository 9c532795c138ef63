from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from grader.errors import OperatorError
from grader.gradebook import existing_gradebook, open_gradebook
from grader.gradebook.tables import Base, CommentRow, OverrideRow, TraceRow
from grader.rubric import load_rubric

TRACE = "ab" * 32


def text_criterion(grade):
    return grade.questions[1].criteria[0]


def rows(book, table) -> int:
    with book.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_a_grade_comes_back_as_it_went_in(book, rubric, graded):
    run = book.begin("grade", rubric)
    assert run.record(graded(), TRACE) == graded()
    assert book.automatic() == (graded(),)
    assert book.students() == {"ada": "Ada"}


def test_of_several_runs_the_latest_counts_and_all_stay(book, rubric, graded):
    for share in (0.5, 1.0):
        book.begin("grade", rubric).record(graded(runs=share), TRACE)
    assert [grade.points for grade in book.grades()] == [4]
    assert [event.what for event in book.history("ada")] == [
        "grade: 2 of 10 by the checks, 6 waiting",
        "grade: 4 of 10 by the checks, 6 waiting",
    ]
    assert rows(book, TraceRow) == 1


def test_what_people_decided_stays_through_a_new_run(book, rubric, graded):
    book.begin("grade", rubric).record(graded(), TRACE)
    book.override(graded(), "q2", text_criterion(graded()), 5.0, "well said", "eve")
    book.comment("ada", ("q2", ""), "See the lecture.", "eve")
    counts = book.begin("rescore", rubric).record(graded(runs=1.0), TRACE)
    assert counts.points == 9
    assert counts.questions[1].comment.text == "See the lecture."
    assert book.grades() == (counts,)


def test_of_several_decisions_the_latest_wins_and_all_can_be_shown(book, rubric, graded):
    book.begin("grade", rubric).record(graded(), TRACE)
    for points, by in ((5.0, "eve"), (3.0, "dan"), (None, "eve")):
        book.override(graded(), "q2", text_criterion(graded()), points, "so", by)
    for words in ("Good", ""):
        book.comment("ada", ("", ""), words, "dan")
    for hours in (3.0, None):
        book.delay("ada", hours, "", "dan")
    assert book.grades() == (graded(),)
    assert [(event.by, event.place, event.what) for event in book.history("ada")][1:] == [
        ("eve", "q2/text", "set to 5 of 6 (check: none): so"),
        ("dan", "q2/text", "set to 3 of 6 (check: none): so"),
        ("eve", "q2/text", "override taken back: so"),
        ("dan", "", "comment: Good"),
        ("dan", "", "comment taken back"),
        ("dan", "", "late by 3 hours"),
        ("dan", "", "lateness taken back"),
    ]


@pytest.mark.parametrize("table", ["runs", "traces", "grades", "overrides", "comments", "delays"])
def test_the_database_itself_refuses_to_change_a_row(book, rubric, graded, table):
    book.begin("grade", rubric).record(graded(), TRACE)
    book.override(graded(), "q2", text_criterion(graded()), 5.0, "", "eve")
    book.comment("ada", ("", ""), "Good", "eve")
    book.delay("ada", 1.0, "", "eve")
    column = next(iter(Base.metadata.tables[table].primary_key.columns)).name
    with pytest.raises(DatabaseError, match="only added, never changed"), book.engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = {column}"))


def test_several_classes_in_one_database_do_not_see_each_other(url, tmp_path, rubric, graded):
    first, second = (open_gradebook(tmp_path / name, url) for name in ("one", "two"))
    first.begin("grade", rubric).record(graded(runs=0.0), TRACE)
    second.begin("grade", rubric).record(graded(runs=1.0), TRACE)
    first.comment("ada", ("", ""), "Hm", "eve")
    assert [book.grades()[0].points for book in (first, second)] == [0, 4]
    assert second.grades()[0].comment is None
    assert open_gradebook(tmp_path / "one", url).grades() == first.grades()


DECIDE = """
import sys
from pathlib import Path
from grader.gradebook import open_gradebook
book = open_gradebook(Path(sys.argv[1]), sys.argv[2])
(grade,) = book.automatic()
for number in range(20):
    book.override(grade, "q2", grade.questions[1].criteria[0], float(number % 7), str(number), sys.argv[3])
    book.comment("ada", ("q2", ""), str(number), sys.argv[3])
"""


def test_graders_who_write_at_once_lose_nothing(url, tmp_path, rubric, graded):
    book = open_gradebook(tmp_path, url)
    book.begin("grade", rubric).record(graded(), TRACE)
    command = [sys.executable, "-c", DECIDE, str(tmp_path), url]
    people = [subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in ("eve", "dan", "kim")]
    errors = [process.communicate(timeout=120)[1] for process in people]
    assert [process.returncode for process in people] == [0, 0, 0], errors
    assert (rows(book, OverrideRow), rows(book, CommentRow)) == (60, 60)
    events = [event for event in book.history("ada") if event.what.startswith("set")]
    for name in ("eve", "dan", "kim"):
        assert [event.what.split(": ")[-1] for event in events if event.by == name] == [str(n) for n in range(20)]


def test_hostile_names_are_stored_as_text(book, rubric, graded):
    name = "Robert'); DROP TABLE grades;--\x00"
    book.begin("grade", rubric).record(graded("robert", student=name), TRACE)
    assert book.students() == {"robert": name.replace("\x00", "")}
    assert book.grades()[0].student == name


def test_a_deadline_of_the_command_line_counts_until_another_is_given(book, tmp_path, graded):
    path = tmp_path / "late.yaml"
    path.write_text(
        "assignment: a\ntitle: A\nlate: {percent_per_day: 10}\nquestions:\n"
        "  - {id: q1, title: Q, points: 4, criteria: [{id: runs, title: R, check: runs, points: 4}]}\n"
    )
    rubric = load_rubric(path)
    late = graded(runs=1.0, text=1.0, handed_in="2026-11-21T00:00:00+00:00")
    assert book.begin("grade", rubric).record(late, TRACE).points == 10
    assert book.begin("rescore", rubric.with_due(datetime(2026, 11, 20, tzinfo=UTC))).record(late, TRACE).points == 9
    assert book.begin("rescore", rubric).record(late, TRACE).points == 9
    assert book.grades()[0].points == 9
    assert book.begin("rescore", rubric.with_due(datetime(2027, 1, 1, tzinfo=UTC))).record(late, TRACE).points == 10


def test_a_folder_without_grades_is_said(tmp_path):
    with pytest.raises(OperatorError, match="has no grades in its gradebook"):
        existing_gradebook(tmp_path)
    assert list(tmp_path.iterdir()) == []
