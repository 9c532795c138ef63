"""A tiny assignment in plain Python and NumPy: one that is caught, one that is missed, one that is punished."""

from collections.abc import Callable
from pathlib import Path

import pytest

RUBRIC = """\
assignment: tiny
title: A tiny assignment
reference: reference
profiles:
  quick: {cell_seconds: 30, submission_seconds: 60, memory_gb: 2}
questions:
  - id: q1
    title: Doubles
    prompt: Write a function that doubles each number of an array.
    points: 5
    criteria:
      - {id: runs, title: It runs, check: runs, points: 1}
      - id: function
        title: It doubles
        check: function
        points: 3
        with: {names: [double], inputs: [{shape: [3]}]}
      - {id: numpy, title: It uses NumPy, check: source, points: 1, with: {must_use: [numpy]}}
  - id: q2
    title: Words
    prompt: Explain in your own words what doubling is.
    points: 2
    criteria:
      - {id: text, title: Your words, check: written, points: 2, with: {key_points: [twice]}}
"""
REFERENCE = '''\
# question: q1
"""Doubles."""
import numpy


def double(numbers):
    return 2 * numpy.asarray(numbers)


print("the double of 21 is", double(21))
'''
ALTERNATIVE = """\
# question: q1
import numpy as np

def double(values):
    return np.add(values, values)
"""
PUNISHED = """\
# question: q1
def double(values):
    return [2 * value for value in values]
"""
MUTANTS = """\
- name: triples
  of: q1.py
  question: q1
  mistake: Multiplies by three
  replace: [{old: "return 2 *", new: "return 3 *"}]
  caught_by: [function]
  at_most: 2
"""
MISSED = """\
- name: renamed
  of: q1.py
  question: q1
  mistake: No mistake at all, so nothing can catch it
  replace: [{old: "def double(numbers):", new: "def double(numbers):  # twice"}]
  caught_by: [function]
  at_most: 2
- name: at-most-too-low
  of: alternatives/q1-add.py
  question: q1
  mistake: Costs three points, and not five
  replace: [{old: "np.add(values, values)", new: "np.add(values, 1)"}]
  caught_by: [function]
  at_most: 0
"""


@pytest.fixture
def assignment(tmp_path) -> Path:
    """The rubric of an assignment in which all is well."""
    (tmp_path / "reference" / "alternatives").mkdir(parents=True)
    (tmp_path / "tiny.yaml").write_text(RUBRIC)
    (tmp_path / "reference" / "q1.py").write_text(REFERENCE)
    (tmp_path / "reference" / "alternatives" / "q1-add.py").write_text(ALTERNATIVE)
    (tmp_path / "reference" / "mutants.yaml").write_text(MUTANTS)
    return tmp_path / "tiny.yaml"


@pytest.fixture
def spoiled(assignment) -> Path:
    """The same, with two mutants that are missed and an alternative that is punished."""
    reference = assignment.parent / "reference"
    (reference / "mutants.yaml").write_text(MUTANTS + MISSED)
    (reference / "alternatives" / "q1-plain.py").write_text(PUNISHED)
    return assignment


@pytest.fixture
def mutants_with(assignment) -> Callable[..., Path]:
    """The rubric, with each (old, new) replaced in its `mutants.yaml`."""

    def change(*changes: tuple[str, str]) -> Path:
        path = assignment.parent / "reference" / "mutants.yaml"
        text = path.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text)
        return assignment

    return change
