from __future__ import annotations

from typing import Any

import pytest

from grader.checks.written import WrittenParameters, written
from grader.records import Answer, WrittenAnswer

POINTS = WrittenParameters(key_points=("weight sharing",))


def test_a_text_goes_to_a_person_with_the_key_points(evidence: Any) -> None:
    verdict = written(evidence(answer=Answer("q6", (1,), "CNNs share weights.", 0.9)), POINTS, None)
    assert verdict.share is None
    assert verdict.exhibits == (WrittenAnswer("CNNs share weights.", ("weight sharing",)),)
    assert "3 words" in verdict.rationale


@pytest.mark.parametrize("text", ["", "  \n", "...", "—"])
def test_a_question_that_was_found_and_left_empty_fails(evidence: Any, text: str) -> None:
    verdict = written(evidence(answer=Answer("q6", (3,), text, 0.9)), POINTS, None)
    assert verdict.share == 0.0
    assert "No answer found" in verdict.rationale


@pytest.mark.parametrize("answer", [Answer("q6"), Answer("q6", (3,), "", 0.2, "a guess by order")])
def test_a_question_that_was_not_found_for_sure_is_no_zero(evidence: Any, answer: Answer) -> None:
    verdict = written(evidence(answer=answer), POINTS, None)
    assert verdict.share is None
    assert (answer.reason or "no heading") in verdict.rationale


def test_an_uncertain_text_is_read_too(evidence: Any) -> None:
    assert written(evidence(answer=Answer("q6", (3,), "text", 0.1)), POINTS, None).exhibits
