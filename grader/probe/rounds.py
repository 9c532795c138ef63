"""Ends loops that train without a data loader, such as `for start in range(0, len(x), 64)`, once the budget is spent.

Nothing of the framework's iterates there, so the loop itself is asked to: IPython lets a cell's syntax tree be changed
before it is compiled. `for x in THING` becomes `for x in rounds(THING)`; the text, its lines and its errors stay as
they are, and what is not a range, a list or a tuple is iterated as before.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import Any

from grader.probe.recorder import Recorder
from grader.probe.work import FEWEST_BATCHES, FURTHEST, LEAST_PASS, PASS_SHARE

NAME = "__grader_rounds__"


class Marking(ast.NodeTransformer):
    """Puts the question whether to go on around what `for` statements iterate over."""

    def __init__(self) -> None:
        self._depth = 0

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """A cell begins."""
        self._depth = 0
        self.generic_visit(node)
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        """A loop; within another one or in a function it may be a part of an epoch."""
        alone = ast.Constant(value=self._depth == 0)
        self._within(node)
        call = ast.Call(func=ast.Name(id=NAME, ctx=ast.Load()), args=[node.iter, alone], keywords=[])
        node.iter = ast.fix_missing_locations(ast.copy_location(call, node.iter))
        return node

    def _within(self, node: ast.AST) -> ast.AST:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    visit_While = visit_FunctionDef = _within  # noqa: N815


class Rounds:
    """The loops of the running question.

    Attributes:
        ticks: Rounds in which steps were made, of all loops.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.ticks = 0

    def of(self, thing: Any, alone: bool) -> Any:
        """What a `for` statement is to iterate over."""
        bounded = self.recorder.settings.profile == "quick" and type(thing) in (range, list, tuple)
        return Loop(self, thing, alone) if bounded else thing

    def steps(self) -> int:
        """Steps without a loader so far."""
        return sum(stepper.advance() for stepper in self.recorder.steppers)

    def lap(self, *, cut: bool = False) -> None:
        """A loop has run once over the data, or was cut."""
        for stepper in self.recorder.steppers:
            stepper.lap(cut=cut)

    def say(self, message: str) -> None:
        """A loop was ended: everybody who trained in it is told, once per question."""
        if any((note["kind"], note["subject"]) == ("cut", "loop") for note in self.recorder.notes):
            return
        self.recorder.note("cut", message, "loop")
        for stepper in self.recorder.steppers:
            stepper.cut_by_hand(message)


class Loop(Iterator[Any]):
    """One loop: an iterator that ends early when training has had its share."""

    def __init__(self, rounds: Rounds, thing: Any, alone: bool) -> None:
        self._rounds, self._length, self._inner = rounds, len(thing), iter(thing)
        # `for epoch in range(100)` around a step on all data; from batch to batch one goes with a stride.
        self._rounds_are_epochs = alone and getattr(thing, "step", 0) == 1
        recorder = rounds.recorder
        self._before = recorder.computed
        left = recorder.flops_left() * (1 if alone else PASS_SHARE)
        self._granted = max(left, recorder.granted * LEAST_PASS)
        self._done = self._steps = self._ticks = 0
        self._stepped = self._cut = False

    def __next__(self) -> Any:
        if self._rounds.recorder.training_started is None:  # no training so far: loops over pixels must stay fast
            self._done += 1
            return next(self._inner)
        self._cut = self._cut or (self._done > 0 and self._rounds.steps() > self._steps and self._is_over())
        try:
            value = next(iter(()) if self._cut else self._inner)
        except StopIteration:
            self._end()
            raise
        self._done += 1
        self._steps, self._ticks = self._rounds.steps(), self._rounds.ticks
        return value

    def __length_hint__(self) -> int:
        return self._length - self._done

    def _is_over(self) -> bool:
        """Steps were made in the last round: whether that is enough. A loop around such a loop may go much further."""
        rounds, recorder = self._rounds, self._rounds.recorder
        inner = rounds.ticks > self._ticks
        rounds.ticks += 1
        self._stepped = not inner
        if not inner and self._rounds_are_epochs:
            rounds.lap()
        if not FEWEST_BATCHES <= self._done < self._length:
            return False
        spent = recorder.computed - self._before >= self._granted or recorder.out_of_time()
        if not (recorder.computed > FURTHEST * recorder.granted if inner else spent):
            return False
        of = f"{self._done} of {self._length} rounds"
        rounds.say(f"a loop without a data loader ended after {of}: training may take {recorder.budget()}")
        return True

    def _end(self) -> None:
        if self._stepped and not self._rounds_are_epochs:
            self._rounds.lap(cut=self._cut)
        self._stepped = False


def install(recorder: Recorder) -> Marking:
    """Answer for the marked loops.

    Returns:
        What marks those of a syntax tree.
    """
    vars(builtins)[NAME] = Rounds(recorder).of
    return Marking()
