"""Theory and practice of CNNs."""

from tests.examples.grading import MARKS, Examples, pytest_generate_tests

__all__ = ["pytest_generate_tests"]
pytestmark = MARKS


class TestCnnTheoryAndPractice(Examples):
    assignment = "cnn-theory-practical"
    at_least = 4
