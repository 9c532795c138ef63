"""LeNet and AlexNet."""

from tests.examples.grading import MARKS, Examples, pytest_generate_tests

__all__ = ["pytest_generate_tests"]
pytestmark = MARKS


class TestLenetAndAlexnet(Examples):
    assignment = "lenet-alexnet"
    at_least = 3
