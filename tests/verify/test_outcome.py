"""What a grade says of its case."""

import pytest

from grader.records import Answer, CriterionGrade, QuestionGrade, Verdict
from grader.verify.cases import Case
from grader.verify.mutants import Mutant, Replacement
from grader.verify.outcome import outcome_of


def grade(**shares: float | None) -> QuestionGrade:
    """A question with two points per criterion."""
    criteria = tuple(
        CriterionGrade(name, name, name, 2.0, 2 * (share or 0.0), True, Verdict(share, f"{name} said so"))
        for name, share in shares.items()
    )
    points = sum(criterion.points for criterion in criteria)
    return QuestionGrade("q1", "Q", 2.0 * len(criteria), points, "passed", None, Answer("q1"), criteria)


def mutant(caught_by: tuple[str, ...], at_most: float) -> Case:
    made = Mutant(
        name="m",
        of="q1.py",
        question="q1",
        mistake="wrong",
        replace=(Replacement(old="a", new="b"),),
        caught_by=caught_by,
        at_most=at_most,
    )
    return Case("mutant", "m", ("q1",), "q1.py", b"", "wrong", made)


@pytest.mark.parametrize(
    ("shares", "at_most", "result", "missed"),
    [
        ({"runs": 1.0, "value": 0.0}, 2.0, "caught", ()),
        ({"runs": 1.0, "value": 0.5}, 3.0, "caught", ()),
        ({"runs": 1.0, "value": 0.5}, 2.0, "missed", ("value",)),  # more than it may get
        ({"runs": 0.0, "value": 1.0}, 4.0, "missed", ("value",)),  # another criterion took points
        ({"runs": 1.0, "value": None}, 4.0, "missed", ("value",)),  # a person has to look: nothing was caught
    ],
)
def test_a_mutant(shares, at_most, result, missed):
    found = outcome_of(mutant(("value",), at_most), grade(**shares), ("runs", "value"))
    assert (found.result, found.missed) == (result, missed)
    assert bool(found.reasons) == (result == "missed")


def test_each_criterion_that_is_named_must_catch_it():
    found = outcome_of(mutant(("runs", "value"), 4.0), grade(runs=1.0, value=0.0), ("runs", "value"))
    assert (found.result, found.caught, found.missed) == ("missed", ("value",), ("runs",))


@pytest.mark.parametrize("kind", ["reference", "alternative"])
def test_a_right_answer(kind):
    case = Case(kind, "a", ("q1",), "q1.py", b"")
    fine = outcome_of(case, grade(runs=1.0, value=None), ("runs", "value"))
    assert (fine.result, fine.waiting) == ("right", ("value",))
    worse = outcome_of(case, grade(runs=1.0, value=0.9), ("runs", "value"))
    assert (worse.result, worse.punished) == ("wrongly punished", ("value",))
    assert worse.reasons == ("value (1.8 of 2): value said so",)


def test_a_trivial_one_earns_what_is_real_in_it_and_nothing_else():
    case = Case("trivial", "t", ("q1",), "t.ipynb", b"", most={("q1", "runs"): 2.0, ("q1", "value"): 1.5})
    judged = ("runs", "value", "other")
    assert outcome_of(case, grade(runs=1.0, value=0.7, other=0.0), judged).result == "caught"
    assert outcome_of(case, grade(runs=1.0, value=0.8, other=0.0), judged).missed == ("value",)
    assert outcome_of(case, grade(runs=1.0, value=0.0, other=0.1), judged).missed == ("other",)
