from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import RubricError
from grader.rubric import load_rubric

GOOD = """\
assignment: cnn-basics
title: Basics
data: [mnist]
files: {sample.jpg: picture}
reference: ../reference/cnn-basics
profiles:
  quick: {cell_seconds: 9, submission_seconds: 99, training_seconds: 5, memory_gb: 4.5, output_mb: 2, disk_mb: 512}
questions:
  - id: q6
    title: LeNet-5 on MNIST
    prompt: Implement LeNet-5.
    points: 10
    input_shape: [64, 1, 28, 28]
    criteria:
      - {id: runs, title: It runs, check: runs, points: 4}
      - {id: accuracy, title: It learned, check: accuracy, points: 6, hint: Train, with: {no_credit: 0.3}}
  - id: p1
    title: Convolution
    points: 2.5
    criteria:
      - id: function
        title: It convolves
        check: function
        points: 2.5
        public: false
        with: {names: [conv2d], inputs: [{shape: [5, 5]}, {shape: [3, 3]}], cases: 2}
"""


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Writes the good rubric with each (old, new) replaced."""

    def write(*changes: tuple[str, str]) -> Path:
        text = GOOD
        for old, new in changes:
            assert text.count(old) >= 1, old
            text = text.replace(old, new, 1)
        path = tmp_path / "x.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def mistakes(write) -> Callable[..., list[str]]:
    """The lines of the error that the good rubric gives with each (old, new) replaced, without the file's folder."""

    def mistakes(*changes: tuple[str, str]) -> list[str]:
        path = write(*changes)
        with pytest.raises(RubricError) as caught:
            load_rubric(path)
        return caught.value.message.replace(f"{path.parent}/", "").split("\n")

    return mistakes
