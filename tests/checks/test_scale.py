from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.scale import linear, wilson


def test_points_grow_linearly_in_both_directions() -> None:
    assert [linear(x, 0.5, 0.9) for x in (0.4, 0.5, 0.7, 0.9, 1.0)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert [linear(x, 10, 3) for x in (12, 10, 6.5, 3, 1)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert [linear(x, 0.5, 0.5) for x in (0.49, 0.5)] == [0, 1]


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe (1998), table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_share_and_stays_within_bounds(total: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, total))
    low, high = wilson(correct, total)
    assert 0 <= low <= correct / total + 1e-12
    assert correct / total - 1e-12 <= high <= 1
