"""What people decided, on the student's page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.records import Comment, Lateness, Override
from grader.report.classpage import class_page
from grader.report.html import submission_page

BY = ("eve", "2026-11-20T10:00:00+00:00")
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def page(samples: dict):
    """A part of Ben's page after a change of the first criterion of one question."""
    grade = samples["partial"].grade

    def page(question: str, override: Override | None = None, **changes: object) -> str:
        questions = list(grade.questions)
        place = next(i for i, q in enumerate(questions) if q.id == question)
        first, *others = questions[place].criteria
        if override:
            share = override.points / first.max_points
            first = replace(
                first, override=override, points=override.points, verdict=replace(first.verdict, share=share)
            )
        first = replace(first, comment=changes.pop("comment", None))
        questions[place] = replace(questions[place], criteria=(first, *others))
        changed = replace(grade, questions=tuple(questions), **changes)
        return submission_page(changed, None, {}).split(f'id="question-{question}"')[1].split('id="question-')[0]

    page.grade = grade
    return page


def test_points_of_a_person_and_the_reason_are_shown_and_no_check_waits(page):
    shown = page("q1", Override(3.0, f"no word on pooling {MARKUP}", *BY, None))
    assert "Decided by a person." in shown
    assert "no word on pooling &lt;script&gt;" in shown
    assert "waits for a person" not in shown


def test_what_the_check_gave_is_said_where_it_gave_something_else(page):
    assert "Decided by a person (the check gave 1.5)." in page("q1", Override(3.0, "", *BY, 1.5))
    assert "Confirmed by a person." in page("q1", Override(3.0, "", *BY, 3.0))


def test_a_clash_is_not_the_students_business(page):
    assert "the check gave none" not in page(
        "q1", Override(3.0, "", *BY, 1.5, "the check gave none, and now gives 1.5")
    )


def test_notes_keep_their_lines_and_stay_text(page):
    shown = page("q1", comment=Comment(f"One\nTwo {MARKUP}", *BY))
    assert "From your instructor:</b> One\nTwo &lt;script&gt;" in shown


def test_what_being_late_costs_stands_beside_the_total(page):
    late = Lateness(30.0, 2.5, "Handed in 30 hours after the deadline (2 days begun): 20 % of 12.5 points.")
    shown = submission_page(replace(page.grade, lateness=late, comment=Comment("Good", *BY)), None, {})
    assert "20 % of 12.5 points. 2.5 points are taken off." in shown
    assert "From your instructor:</b> Good" in shown


def test_a_clash_is_told_to_the_instructor_on_the_class_page(samples):
    grade = samples["partial"].grade
    first, *others = grade.questions[0].criteria
    override = Override(3.0, "", *BY, 1.5, f"the check gave none, and now gives 1.5 {MARKUP}")
    question = replace(grade.questions[0], criteria=(replace(first, override=override), *others))
    changed = class_page([replace(grade, questions=(question, *grade.questions[1:])), samples["good"].grade])
    part = changed.split('id="clashes"')[1].split("</section>")[0]
    assert "now gives 1.5 &lt;script&gt;" in part
    assert "by eve" in part
    assert grade.student in part
    assert 'id="clashes"' not in class_page([grade])
