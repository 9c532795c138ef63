"""Loops that are asked whether to go on: they behave as without it, until training has had its share."""

import ast
import builtins

import pytest

from grader.probe.recorder import Recorder, Settings
from grader.probe.rounds import NAME, install

GIGA = 1e9


class Steps:
    """What a framework's watcher tells of loops: here each call of `step` is a step of an optimizer."""

    def __init__(self, recorder):
        self.recorder, self.made, self.laps, self.said = recorder, 0, [], []

    def step(self, gflop=1.0):
        self.made += 1
        self.recorder.spend(gflop * GIGA)

    def advance(self):
        return self.made

    def lap(self, *, cut):
        self.laps.append(cut)

    def cut_by_hand(self, message):
        self.said.append(message)


@pytest.fixture
def run():
    """Runs code as a cell with 10 GFLOP to spend; gives its names."""

    def cell(code, *, before=False):
        names = {}
        recorder = Recorder(Settings(training_gflop=10.0, training_seconds=None), names)
        steps = Steps(recorder)
        recorder.steppers.append(steps)
        if before:
            steps.step(0.0)
        names |= {"step": steps.step, "steps": steps, "recorder": recorder}
        exec(compile(install(recorder).visit(ast.parse(code)), "cell", "exec"), names)
        return names

    yield cell
    delattr(builtins, NAME)


@pytest.mark.parametrize("before", [False, True])
def test_loops_without_steps_run_as_they_are_written(run, before):
    names = run(
        """
grown = [1, 2]
for x in grown:
    if len(grown) < 5:
        grown.append(x)
for n in range(3):
    pass
else:
    ended = n
def pairs():
    for a, b in zip(range(2), "ab"):
        yield a, b
found = list(pairs())
try:
    for x in 5:
        pass
except TypeError as error:
    said = str(error)
left = [k for k in range(4)]
for key in {"a": 1}:
    last = key
for i in range(10):
    if i == 3:
        break
""",
        before=before,
    )
    assert (len(names["grown"]), names["ended"], names["found"]) == (5, 2, [(0, "a"), (1, "b")])
    assert (names["said"], names["left"], names["last"], names["i"]) == (
        "'int' object is not iterable",
        [0, 1, 2, 3],
        "a",
        3,
    )
    assert names["steps"].laps == []


def test_a_loop_of_steps_ends_with_the_budget_and_each_of_its_rounds_is_an_epoch(run):
    names = run("for epoch in range(1000):\n    step()")
    assert names["epoch"] == 9
    assert names["steps"].laps == [False] * 10
    assert names["steps"].said == [
        "a loop without a data loader ended after 10 of 1000 rounds: training may take 10 GFLOP of computation"
    ]


def test_epochs_of_batches_are_all_kept_and_get_shorter(run):
    names = run(
        """
for epoch in range(6):
    for start in range(0, 1000, 10):
        step()
"""
    )
    assert names["epoch"] == 5
    assert names["steps"].laps == [True] * 6
    assert names["steps"].made == 5 + 3 + 2 + 2 + 2 + 2


def test_what_fits_is_not_cut(run):
    names = run("for epoch in range(3):\n    for batch in [1, 2, 3]:\n        step(0.1)")
    assert (names["steps"].made, names["steps"].laps, names["steps"].said) == (9, [False] * 3, [])


def test_endless_epochs_end_far_beyond_the_budget(run):
    names = run("for epoch in range(10**6):\n    for start in range(0, 1000, 10):\n        step()")
    assert 35 < names["epoch"] < 45
    assert names["recorder"].computed == pytest.approx(80 * GIGA, rel=0.1)


def test_nothing_is_cut_in_full():
    names = {}
    recorder = Recorder(Settings(profile="full"), names)
    recorder.steppers.append(Steps(recorder))
    names["step"] = recorder.steppers[0].step
    try:
        exec(compile(install(recorder).visit(ast.parse("for i in range(50): step(1e6)")), "cell", "exec"), names)
    finally:
        delattr(builtins, NAME)
    assert names["i"] == 49
