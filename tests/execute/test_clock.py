from __future__ import annotations

import time

import pytest

from grader.execute.clock import Clocks
from grader.records import LimitHit
from grader.rubric import Limits

LIMITS = Limits(
    cell_seconds=60,
    question_seconds=90,
    submission_seconds=120,
    training_seconds=5,
    memory_gb=2,
    output_mb=1,
    disk_mb=32,
)


def test_whichever_clock_ends_first_bounds_the_cell():
    now = time.monotonic()
    assert Clocks(LIMITS, now).left() == (60, "cell")
    assert Clocks(LIMITS, now, question=50).left() == (40, "question")
    seconds, scope = Clocks(LIMITS, now - 110, question=50).left()
    assert (pytest.approx(seconds, abs=1), scope) == (10, "submission")
    unbounded = LIMITS.model_copy(update={"question_seconds": None})
    assert Clocks(unbounded, now, question=5000).left() == (60, "cell")


def test_a_clock_that_ran_out_says_whose_it_was_and_how_far_it_went():
    clocks = Clocks(LIMITS, time.monotonic() - 121, question=45)
    assert clocks.hit("cell", 60.04) == LimitHit("time", 60.0, 60, "s", scope="cell")
    assert clocks.hit("question", 45.2) == LimitHit("time", 90.2, 90, "s", scope="question")
    assert clocks.hit("submission", 1) == LimitHit("time", pytest.approx(121, abs=1), 120, "s", scope="submission")
