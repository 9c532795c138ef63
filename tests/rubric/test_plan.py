import pytest

from grader.records import PredictRequest, QuestionPlan
from grader.rubric import load_rubric, plan, plan_hash

SECOND = "      - {id: again, title: Again, check: accuracy, points: 0}\n  - id: p1"


def test_the_plan_holds_what_the_checks_ask_for(write):
    q6, p1 = plan(load_rubric(write()), seed=1)
    assert q6 == QuestionPlan("q6", (64, 1, 28, 28), (PredictRequest("mnist"),))
    assert (p1.question, p1.input_shape, p1.predict) == ("p1", None, ())
    (call,) = p1.calls
    assert call.names == ("conv2d",)
    assert [[argument.shape for argument in case] for case in call.cases] == [[(5, 5), (3, 3)]] * 2


def test_two_criteria_that_ask_the_same_ask_once(write):
    q6, _ = plan(load_rubric(write(("  - id: p1", SECOND))), seed=1)
    assert q6.predict == (PredictRequest("mnist"),)


def test_the_seed_draws_the_inputs(write):
    rubric = load_rubric(write())
    assert plan(rubric, seed=1) == plan(rubric, seed=1)
    assert plan(rubric, seed=1)[1].calls[0].cases != plan(rubric, seed=2)[1].calls[0].cases


@pytest.mark.parametrize(
    "change",
    [
        ("data: [mnist]", "data: [mnist, cifar10]"),
        ("sample.jpg", "other.jpg"),
        ("[64, 1, 28, 28]", "[64, 1, 32, 32]"),
        ("cases: 2", "cases: 3"),
        ("names: [conv2d]", "names: [convolve]"),
        ("id: p1", "id: p2"),
    ],
)
def test_the_plan_hash_follows_what_is_run(write, change):
    assert plan_hash(load_rubric(write())) != plan_hash(load_rubric(write(change)))


@pytest.mark.parametrize(
    "changes",
    [
        [("no_credit: 0.3", "no_credit: 0.4")],
        [("prompt: Implement LeNet-5.", "prompt: Build LeNet-5.")],
        [("points: 10", "points: 11"), ("runs, points: 4", "runs, points: 5")],
        [("cases: 2", "cases: 2, tolerance: 0.1")],
    ],
)
def test_the_plan_hash_does_not_follow_thresholds_points_or_texts(write, changes):
    assert plan_hash(load_rubric(write())) == plan_hash(load_rubric(write(*changes)))
