from grader.gradebook.effective import NOTHING, Decision, Decisions, effective
from grader.gradebook.waiting import waiting


def places(items) -> list[tuple[str, str]]:
    return [(item.submission, item.place) for item in items]


def test_what_waits_comes_question_by_question(graded):
    class_ = [graded("ada", runs=None), graded("bob", runs=None), graded("cy", runs=1.0, text=1.0)]
    assert places(waiting(class_, {})) == [
        ("ada", "q1/runs"),
        ("bob", "q1/runs"),
        ("ada", "q2/text"),
        ("bob", "q2/text"),
    ]
    assert {item.points for item in waiting(class_, {})} == {4, 6}


def test_answers_that_are_a_guess_and_hand_ins_without_a_grade_wait(graded):
    guess = graded("ada", text=1.0, confidence=0.3)
    broken = graded("bob", questions=(), problem="broken JSON", fault="student")
    found = waiting([guess, broken], {})
    assert places(found) == [("bob", ""), ("ada", "q1"), ("ada", "q2")]
    assert "broken JSON" in found[0].why
    assert "cells 1, 2" in found[1].why


def test_an_override_that_clashes_waits_until_a_person_sets_it_again(graded):
    old = Decision(5.0, "", "eve", "", None, 6.0, "digest of ada")
    decisions = Decisions({("q2", "text"): old})
    assert waiting([effective(graded(runs=1.0), decisions, None)], {"ada": decisions}) == ()
    (item,) = waiting([effective(graded(runs=1.0, text=0.5), decisions, None)], {"ada": decisions})
    assert "the check gave none, and now gives 3" in item.why


def test_overrides_of_what_is_gone_are_not_forgotten(graded):
    decisions = Decisions({("q7", "layers"): Decision(5.0, "", "eve", "", None, 6.0, "digest of ada")})
    (item,) = waiting([effective(graded(runs=1.0, text=1.0), decisions, None)], {"ada": decisions})
    assert (item.place, item.points) == ("q7/layers", 0)
    assert waiting([graded(runs=1.0, text=1.0)], {"ada": NOTHING}) == ()
