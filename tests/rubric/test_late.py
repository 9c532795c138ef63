from datetime import UTC, datetime

import pytest

from grader.rubric import load_rubric, plan_hash

TITLE = "title: Basics\n"


def late(text: str) -> tuple[str, str]:
    return TITLE, f"{TITLE}late: {text}\n"


def test_a_rubric_without_a_policy_takes_nothing_off(write):
    assert load_rubric(write()).late is None


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2026-11-20T23:59+01:00", datetime(2026, 11, 20, 22, 59, tzinfo=UTC)),
        ("2026-11-20T23:59:00+01:00", datetime(2026, 11, 20, 22, 59, tzinfo=UTC)),
        ("2026-11-20 23:59", datetime(2026, 11, 20, 23, 59, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_deadline_knows_its_time_zone_however_it_is_written(write, due, expected):
    policy = load_rubric(write(late(f"{{due: {due}, percent_per_day: 10}}"))).late
    assert policy is not None
    assert policy.due == expected
    assert (policy.grace_hours, policy.at_most_percent) == (0, 100)


def test_a_policy_is_no_reason_to_run_again(write):
    without, policy = load_rubric(write()), load_rubric(write(late("{percent_per_day: 10}")))
    assert plan_hash(without) == plan_hash(policy)
    assert without.hash != policy.hash


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("{percent_per_day: 10, duw: 2026-11-20}", "did you mean 'due'?"),
        ("{due: 2026-11-20}", "lacks the key 'percent_per_day'"),
        ("{percent_per_day: 110}", "less than or equal to 100"),
        ("{percent_per_day: 10, grace_hours: -1}", "greater than or equal to 0"),
        ("{percent_per_day: 10, due: soon}", "valid datetime"),
    ],
)
def test_mistakes_are_named(mistakes, policy, said):
    (line,) = mistakes(late(policy))
    assert line.startswith("x.yaml:3:")
    assert said in line
