"""Ten questions about CNN architectures."""

from tests.examples.grading import MARKS, Examples, pytest_generate_tests

__all__ = ["pytest_generate_tests"]
pytestmark = MARKS


class TestCnnArchitectures(Examples):
    assignment = "cnn-architectures"
    at_least = 11
