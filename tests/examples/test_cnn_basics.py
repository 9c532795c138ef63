"""Ten questions on the basics of CNNs."""

import pytest

from tests.examples.grading import MARKS, Examples, pytest_generate_tests

__all__ = ["pytest_generate_tests"]
pytestmark = [*MARKS, pytest.mark.streamlit]


class TestCnnBasics(Examples):
    assignment = "cnn-basics"
    at_least = 5
    for_people = frozenset((f"q{number}", "answer") for number in (1, 2, 3, 4, 5, 10))
