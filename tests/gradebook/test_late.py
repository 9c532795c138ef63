from datetime import UTC, datetime

import pytest

from grader.gradebook.effective import Decisions, effective
from grader.gradebook.waiting import waiting
from grader.rubric import LatePolicy

DUE = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
POLICY = LatePolicy(due=DUE, grace_hours=2.0, percent_per_day=10.0, at_most_percent=50.0)


@pytest.mark.parametrize(
    ("handed_in", "penalty"),
    [
        ("", 0),
        ("2026-11-20T22:59:00+00:00", 0),
        ("2026-11-21T00:30:00+01:00", 0),  # half an hour late, in grace
        ("2026-11-21T01:00:00+00:00", 0),  # the last moment of grace
        ("2026-11-21T01:00:36+00:00", 1),  # after grace the first day counts from the deadline
        ("2026-11-21T23:00:00+00:00", 1),
        ("2026-11-21T23:00:36+00:00", 2),
        ("2026-12-20T23:00:00+00:00", 5),  # never more than half
    ],
)
def test_a_share_of_the_points_for_each_day_begun(graded, handed_in, penalty):
    counts = effective(graded(runs=1.0, text=1.0, handed_in=handed_in), Decisions(), POLICY)
    assert counts.points == 10 - penalty
    assert (counts.lateness.penalty if counts.lateness else 0) == penalty
    assert not counts.needs_review


def test_the_reader_is_told_how_it_came_about(graded):
    counts = effective(graded(runs=1.0, handed_in="2026-11-22T05:00:00+00:00"), Decisions(), POLICY)
    assert counts.lateness.words == "Handed in 30 hours after the deadline (2 days begun): 20 % of 4 points."
    assert counts.points == 3.2


@pytest.mark.parametrize("handed_in", ["", "2026-11-20T22:00:00+00:00"])
def test_late_by_nobody_knows_how_much_costs_nothing_yet_and_waits_for_a_person(graded, handed_in):
    grade = graded(runs=1.0, text=1.0, late=True, handed_in=handed_in)
    counts = effective(grade, Decisions(), POLICY)
    assert (counts.points, counts.needs_review) == (10, True)
    assert [item.why for item in waiting([counts], {})] == ["late, but nobody knows by how much"]
    said = effective(grade, Decisions(hours_late=30.0), POLICY)
    assert (said.points, said.needs_review) == (8, False)
    excused = effective(grade, Decisions(hours_late=0.0), POLICY)
    assert (excused.points, excused.lateness, excused.needs_review) == (10, None, False)


def test_without_a_policy_being_late_costs_nothing(graded):
    counts = effective(graded(runs=1.0, late=True, handed_in="2027-01-01T00:00:00+00:00"), Decisions(), None)
    assert (counts.points, counts.lateness) == (4, None)


def test_without_a_deadline_only_the_mark_of_the_platform_tells(graded):
    policy = LatePolicy(percent_per_day=10.0)
    assert effective(graded(handed_in="2027-01-01T00:00:00+00:00"), Decisions(), policy).lateness is None
    assert effective(graded(late=True), Decisions(), policy).lateness.hours is None
