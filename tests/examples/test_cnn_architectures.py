"""Ten questions about CNN architectures: the example hand-ins get what they should, and the reference everything."""

import pytest

from tests.examples.grading import (
    MARKS,
    REFERENCE,
    cases,
    differences,
    dull_criteria,
    graded,
    lost_by_reference,
    questions,
)

ASSIGNMENT = "cnn-architectures"
pytestmark = MARKS


@pytest.fixture(scope="module")
def grades():
    return graded(ASSIGNMENT)


def test_every_example_is_found(grades):
    assert sorted(grades) == sorted([*cases(ASSIGNMENT), REFERENCE])
    assert len(cases(ASSIGNMENT)) >= 11


@pytest.mark.parametrize(("case", "question"), questions(ASSIGNMENT))
def test_example_gets_what_is_expected(grades, case, question):
    assert not differences(grades, ASSIGNMENT, case, question)


def test_the_reference_gets_everything(grades):
    assert not lost_by_reference(grades)


def test_each_criterion_tells_examples_apart(grades):
    assert not dull_criteria(grades)
