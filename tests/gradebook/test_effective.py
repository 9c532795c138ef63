from dataclasses import replace

import pytest

from grader.gradebook.effective import NOTHING, WHOLE, Decision, Decisions, effective, orphans
from grader.records import Comment
from grader.rubric import LatePolicy

TEXT = ("q2", "text")


def decided(grade, points: float, place=TEXT, **changes) -> Decisions:
    """A person set points while the checks gave what they give in this grade."""
    criterion = next(c for q in grade.questions for c in q.criteria if (q.id, c.id) == place)
    automatic = None if criterion.verdict.share is None else criterion.points
    decision = Decision(points, "well said", "eve", "2026-11-20T10:00:00+00:00", automatic, criterion.max_points, "")
    return Decisions({place: replace(decision, digest=grade.digest, **changes)})


def criterion_of(grade, place=TEXT):
    return next(c for q in grade.questions for c in q.criteria if (q.id, c.id) == place)


def test_without_decisions_the_checks_count(graded):
    assert effective(graded(), NOTHING, None) == graded()


def test_points_of_a_person_count_and_the_check_is_still_known(graded):
    grade = graded()
    counts = effective(grade, decided(grade, 4.5), None)
    text = criterion_of(counts)
    assert (counts.points, counts.questions[1].points, text.points) == (6.5, 4.5, 4.5)
    assert (text.verdict.share, text.verdict.status) == (0.75, "partial")
    assert text.verdict.exhibits == criterion_of(grade).verdict.exhibits
    assert (text.override.by, text.override.reason, text.override.automatic) == ("eve", "well said", None)
    assert text.override.clash == ""
    assert grade.needs_review
    assert not counts.needs_review
    assert (grade.unscored_points, counts.unscored_points) == (6, 0)


def test_a_person_may_lower_what_a_check_gave(graded):
    grade = graded(runs=1.0)
    counts = effective(grade, decided(grade, 0.0, ("q1", "runs")), None)
    assert (counts.points, criterion_of(counts, ("q1", "runs")).override.automatic) == (0, 4)


@pytest.mark.parametrize(
    ("before", "now", "clash"),
    [
        ({"text": None}, {"text": 0.5}, "the check gave none, and now gives 3"),
        ({"text": 1.0}, {"text": 0.5}, "the check gave 6, and now gives 3"),
        ({"text": 0.5}, {"text": None}, "the check gave 3, and now gives none"),
        ({}, {"digest": "changed"}, "the hand-in is another one"),
    ],
)
def test_a_verdict_that_changed_under_an_override_is_said_and_the_override_stays(graded, before, now, clash):
    decisions = decided(graded(**before), 5.0)
    text = criterion_of(effective(graded(**now), decisions, None))
    assert text.points == 5.0
    assert text.override.clash == clash


def test_an_override_above_a_lowered_maximum_counts_up_to_it_and_clashes(graded):
    decisions = decided(graded(), 8.0, max_points=10.0)
    text = criterion_of(effective(graded(), decisions, None))
    assert text.points == 6.0
    assert "the criterion had 10 points, and now has 6; 8 were set, and only 6 count" in text.override.clash


def test_an_override_of_what_the_rubric_no_longer_has_is_named(graded):
    decisions = replace(decided(graded(), 5.0), comments={("q9", ""): Comment("?", "eve", "")})
    decisions = replace(decisions, overrides={**decisions.overrides, ("q1", "gone"): decisions.overrides[TEXT]})
    assert orphans(graded(), decisions) == (("q1", "gone"), ("q9", ""))
    assert effective(graded(), decisions, None).points == 7


def test_comments_stand_where_they_belong(graded):
    said = {place: Comment(f"on {place}", "eve", "") for place in (("", ""), ("q2", ""), TEXT)}
    counts = effective(graded(), Decisions(comments=said), None)
    assert counts.comment.text == "on ('', '')"
    assert counts.questions[1].comment.text == "on ('q2', '')"
    assert criterion_of(counts).comment.text == "on ('q2', 'text')"
    assert counts.questions[0].comment is None


def test_a_question_that_a_person_set_whole_needs_no_more_looking_at_its_cells(graded):
    unsure = graded(runs=1.0, text=1.0, confidence=0.3)
    assert unsure.needs_review
    both = {place: decided(unsure, 4.0, place).overrides[place] for place in (("q1", "runs"), TEXT)}
    assert not effective(unsure, Decisions(both), None).needs_review


def test_a_hand_in_that_could_not_be_graded_gets_points_from_a_person(graded):
    broken = graded(questions=(), points=0.0, problem="a photo", fault="student")
    by_hand = Decisions({WHOLE: Decision(7.0, "read on paper", "eve", "", None, 10.0, "")})
    counts = effective(broken, by_hand, None)
    assert (counts.points, counts.problem, counts.fault, counts.needs_review) == (7, "", "", False)
    assert (counts.override.by, counts.override.reason) == ("eve", "read on paper")
    late = effective(replace(broken, late=True), replace(by_hand, hours_late=5.0), LatePolicy(percent_per_day=10.0))
    assert late.points == 6.3


def test_points_for_a_whole_hand_in_do_not_count_once_it_can_be_graded(graded):
    by_hand = Decisions({WHOLE: Decision(7.0, "", "eve", "", None, 10.0, "")})
    assert effective(graded(), by_hand, None).points == 2
    assert orphans(graded(), by_hand) == (WHOLE,)
