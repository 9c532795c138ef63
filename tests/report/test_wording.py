import math

import pytest

from grader.records import Answer, LimitHit, Place, Verdict
from grader.report import wording


@pytest.mark.parametrize(
    ("value", "text"), [(7.5, "7.5"), (10.0, "10"), (0.0, "0"), (2.4000000004, "2.4"), (-0.001, "0")]
)
def test_points(value: float, text: str) -> None:
    assert wording.points(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "name", "text"),
    [
        (0.98649, "share", "", "98.6 %"),
        (0.5, "", "Test accuracy", "50.0 %"),
        (98.6, "%", "", "98.6 %"),
        (83.21, "s", "time", "83.2 s"),
        (1240.4, "s", "time", "1,240 s"),
        (2.4, "× the reference", "time", "2.4 × the reference"),
        (61706.0, "parameters", "", "61,706 parameters"),
        (3.0, "", "figures", "3"),
    ],
)
def test_quantities_read_as_a_person_says_them(value: float, unit: str, name: str, text: str) -> None:
    assert wording.quantity(value, unit, name) == text


@pytest.mark.parametrize(
    ("indices", "text"),
    [((3,), "cell 3"), ((3, 4, 5, 8), "cells 3–5, 8"), ((8, 3, 4), "cells 3–4, 8"), ((1, 5), "cells 1, 5")],
)
def test_cells_are_named_together(indices: tuple[int, ...], text: str) -> None:
    assert wording.cells(indices) == text


def test_nouns_agree_with_their_number() -> None:
    assert wording.count(1, "answer") == "1 answer"
    assert wording.count(1200, "answer") == "1,200 answers"


def test_confidence_is_a_word_and_a_number() -> None:
    assert wording.confidence(Answer("q1", confidence=0.95)) == "sure, 95 %"
    assert wording.confidence(Answer("q1", confidence=0.7)) == "likely, 70 %"
    assert wording.confidence(Answer("q1", confidence=0.3)) == "a guess, 30 %"


def test_a_limit_names_its_numbers() -> None:
    assert wording.limit(LimitHit("memory", 2.1, 2, "GB")) == "out of memory at 2.1 GB of 2 GB"
    assert wording.limit(LimitHit("kernel", 0, 0, "")) == "the Python process ended"
    assert wording.limit(LimitHit("memory", math.nan, 2, "GB")) == "out of memory"


@pytest.mark.parametrize(
    ("said", "place", "text"),
    [
        ("It is 3.", Place(4, 12), "It is 3 (cell 4, line 12)."),
        ("It is 3.", Place(4), "It is 3 (cell 4)."),
        ("Cell 4, line 12 failed.", Place(4, 12), "Cell 4, line 12 failed."),
        ("It is 3.", None, "It is 3."),
    ],
)
def test_the_place_of_a_verdict_is_said_once(said: str, place: Place | None, text: str) -> None:
    assert wording.with_place(Verdict(0.0, said, place=place)) == text
