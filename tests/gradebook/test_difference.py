from grader.gradebook.difference import difference
from grader.gradebook.effective import Decision, Decisions, effective
from grader.records import Change, Lateness


def test_nobody_moves_when_nothing_changed(graded):
    assert difference([graded()], [graded()]).moves == ()
    assert difference([graded()], [graded(rubric_hash="other")]).moves == ()
    assert difference([], [graded()]).compared == 0


def test_who_moved_and_by_which_criterion(graded):
    before = [graded("ada"), graded("bob"), graded("cy", runs=1.0)]
    after = [graded("ada", runs=1.0), graded("bob"), graded("cy", runs=1.0, text=0.5)]
    found = difference(before, after)
    assert found.compared == 3
    assert [(move.student, move.before, move.after, move.by) for move in found.moves] == [
        ("Ada", 2, 4, 2),
        ("Cy", 4, 7, 3),
    ]
    assert found.moves[0].changes == (Change("q1", "runs", 2.0, 4.0),)
    assert found.moves[1].changes == (Change("q2", "text", None, 3.0),)
    assert list(found.by_criterion) == ["q1/runs", "q2/text"]


def test_points_that_only_change_sides_are_a_move_too(graded):
    (move,) = difference([graded(runs=0.75, text=0.0)], [graded(runs=0.0, text=0.5)]).moves
    assert move.by == 0
    assert len(move.changes) == 2


def test_a_hand_in_that_gets_or_loses_its_grade(graded):
    broken = graded(questions=(), problem="broken", points=0.0)
    (move,) = difference([broken], [graded()]).moves
    assert (move.before, move.after) == (None, 2)
    (move,) = difference([graded()], [broken]).moves
    assert (move.before, move.after) == (2, None)


def test_being_late_is_a_cause(graded):
    late = graded(points=1.8, lateness=Lateness(3.0, 0.2, "late"))
    (move,) = difference([graded()], [late]).moves
    assert move.changes == (Change("late", "", None, -0.2),)


def test_overrides_hold_their_points_and_clashes_are_listed(graded):
    decisions = Decisions({("q1", "runs"): Decision(3.0, "", "eve", "", 2.0, 4.0, "digest of ada")})
    before, after = (effective(graded(runs=share), decisions, None) for share in (0.5, 1.0))
    found = difference([before], [after])
    assert found.moves == ()
    assert found.clashes == (("Ada", "q1/runs", "the check gave 2, and now gives 4"),)
