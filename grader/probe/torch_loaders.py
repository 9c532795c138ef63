"""Watches passes over PyTorch's data loaders, and ends them early once the quick profile's budget is spent."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Iterator
from time import monotonic  # by name: code that replaces `time.monotonic` changes no time of ours
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import wrapt

from grader.probe.recorder import Recorder
from grader.probe.torch_budget import Sizes, shortened
from grader.probe.torch_tape import described, first_tensor, tensors
from grader.probe.work import (
    FEWEST_BATCHES,
    LARGEST_STEP,
    LEAST_EVALUATION,
    LEAST_PASS,
    OVERDRAWN,
    OVERDRAWN_PASS,
    PASS_SHARE,
    STEP_FORWARDS,
)

if TYPE_CHECKING:
    from torch.utils.data import DataLoader

KEPT_LOADERS = 32
PLACE_DEPTH = 6


class Learner(Protocol):
    """What takes steps during a pass."""

    cuts: list[str]

    def end_epoch(self, accuracy: float | None, seconds: float | None) -> None:
        """A pass in which it took steps is over: share of labels met, if seen, and wall time."""


class Loaders:
    """The data loaders of the running question.

    Attributes:
        quiet: True while the probe itself reads data.
        made: Loaders made in this question, in order.
        passed: Loaders iterated in this question, the newest last.
        current: The pass that drew the last batch, while it is open.
        on_evaluation: Told of every pass without steps: the loader, and the share of labels met.
    """

    def __init__(self, recorder: Recorder, sizes: Sizes) -> None:
        self.recorder = recorder
        self.sizes = sizes
        self.quiet = False
        self.on_evaluation: Callable[[Any, float], None] = lambda _loader, _accuracy: None
        self.begin()

    def begin(self) -> None:
        """A question starts."""
        self.made: list[DataLoader] = []
        self.passed: list[DataLoader] = []
        self.current: Pass | None = None
        self._open: dict[int, Pass] = {}
        self._places: set[tuple[Any, ...]] = set()
        self._cut: set[int] = set()

    def install(self) -> None:
        """Hook `DataLoader` as soon as it is imported."""
        wrapt.when_imported("torch.utils.data.dataloader")(self._hook)

    def _hook(self, module: Any) -> None:
        kind = module.DataLoader
        make, iterate = kind.__init__, kind.__iter__
        signature = inspect.signature(make)

        def __init__(loader: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            bound = signature.bind(loader, *args, **kwargs)
            if bound.arguments.get("num_workers") and self.recorder.settings.serve:
                self._without_workers(bound.arguments)
            make(*bound.args, **bound.kwargs)
            if not self.quiet:
                _append(self.made, loader)

        def __iter__(loader: Any) -> Iterator[Any]:  # noqa: N807
            return iterate(loader) if self.quiet else Pass(self, loader, iterate(loader))

        vars(__init__)["__signature__"] = signature
        kind.__init__, kind.__iter__ = __init__, __iter__

    def _without_workers(self, arguments: dict[str, Any]) -> None:
        """Worker processes need more shared memory than the sandbox has; the batches are the same without them."""
        for name in ("num_workers", "prefetch_factor", "persistent_workers", "multiprocessing_context"):
            arguments.pop(name, None)
        self.recorder.note("substitution", "DataLoader(num_workers=...) runs with 0 worker processes", "num_workers")

    def drew(self, current: Pass) -> None:
        """A pass has drawn a batch."""
        self.current = current
        before = self._open.get(id(current.loader))
        if before is not current:
            if before is not None:
                before.end()
            self._open[id(current.loader)] = current
            _append(self.passed, current.loader)

    def ended(self, current: Pass) -> None:
        """A pass is over."""
        self._open.pop(id(current.loader), None)
        if self.current is current:
            self.current = None

    def finish(self) -> None:
        """The question's cells have run: end every pass that was left open."""
        for current in list(self._open.values()):
            current.end()

    def overdrawn(self) -> bool:
        """Whether training has taken much more than its budget."""
        return self.recorder.flops_left() < -OVERDRAWN * self.recorder.granted

    def granted(self, *, reported: bool) -> float:
        """Floating-point operations that a pass may take which begins now.

        Args:
            reported: Its number is likely to be the one that the student reports.
        """
        if self.overdrawn():
            return self.recorder.granted * OVERDRAWN_PASS
        least = LEAST_EVALUATION if reported else LEAST_PASS
        return max(self.recorder.flops_left() * PASS_SHARE, self.recorder.granted * least)

    def rows(self, batch: Any) -> int | None:
        """Rows of such a batch that a training step may have; None for all of them."""
        if self.recorder.settings.profile != "quick":
            return None
        most = self.granted(reported=False) / FEWEST_BATCHES if self.overdrawn() else LARGEST_STEP
        try:
            return self.sizes.rows(batch, most)
        except Exception as error:
            self.recorder.note("probe", f"the work of a model could not be counted: {described(error)}")
            return None

    def is_new(self, place: tuple[Any, ...]) -> bool:
        """Whether a pass starts at this place of the student's code for the first time."""
        new = place not in self._places
        self._places.add(place)
        return new

    def cut(self, current: Pass) -> None:
        """The budget ends a pass: say so once per loader."""
        key = id(current.loader)
        if key in self._cut:
            return
        self._cut.add(key)
        kind, total = "training" if current.learners else "evaluation", _length(current.loader)
        message = (
            f"training may take {self.recorder.budget()} in this profile: the {kind} pass stopped at batch "
            f"{current.batches} of {total}, and later passes over this data are cut, too"
        )
        self.recorder.note("cut", message, kind)
        for learner in current.learners:
            learner.cuts.append(message)

    def cut_rows(self, current: Pass, learner: Learner, rows: int) -> None:
        """A learner is given fewer rows than the student's loader has: say so once."""
        message = f"batches had {rows} images or less instead of {current.size}, because the network computes so much"
        self.recorder.note("cut", message, "batch size")
        learner.cuts.append(message)


class Pass:
    """One pass over a loader: an iterator that counts, and that ends early when the budget is spent.

    Attributes:
        loader: The loader.
        batches: Batches drawn so far.
        learners: What took steps during this pass.
        size: Rows of the student's batches, where fewer were given; else 0.
    """

    def __init__(self, loaders: Loaders, loader: DataLoader, batches: Iterator[Any]) -> None:
        self.loader = loader
        self.batches = 0
        self.learners: list[Learner] = []
        self.size = 0
        self._rows: int | None = None
        self._labels: Any = None
        self._met: Any = 0
        self._judged = 0
        self._started = monotonic()
        self._computed = loaders.recorder.computed
        self._granted = loaders.granted(reported=False)
        self._loaders = loaders
        self._iterator = batches
        self._ended = False
        self._reported = loaders.granted(reported=loaders.is_new(_place()))

    def __iter__(self) -> Pass:
        return self

    def __len__(self) -> int:
        return len(self._iterator)  # type: ignore[arg-type]  # where the student asks, PyTorch's has one

    def __next__(self) -> Any:
        if self._ended:
            raise StopIteration
        if self._is_cut():
            self._loaders.cut(self)
            self.end()
            raise StopIteration
        try:
            batch = next(self._iterator)
        except BaseException:
            self.end()
            raise
        if self.batches == 0:
            self._rows = self._loaders.rows(batch)
        self.batches += 1
        self._loaders.drew(self)
        batch = batch if self._rows is None else self._shortened(batch, self._rows)
        self._labels = labels_of(batch)
        return batch

    def _shortened(self, batch: Any, rows: int) -> Any:
        """The rows that a heavy model is given. Without gradients it takes a third of the time."""
        import torch

        self.size = self.size or len(first_tensor(batch))
        return shortened(batch, rows if torch.is_grad_enabled() or self._loaders.overdrawn() else rows * STEP_FORWARDS)

    def _is_cut(self) -> bool:
        """Whether this pass has had its share. What comes for the first time and takes no steps has a larger one.

        That is often the one evaluation after the training loop: its number is the one that the student reports.
        """
        if not FEWEST_BATCHES <= self.batches < _length(self.loader):
            return False
        recorder = self._loaders.recorder
        share = self._granted if self.learners else self._reported
        return recorder.computed - self._computed >= share or recorder.out_of_time()

    def judge(self, output: Any) -> None:
        """A model was called on the last batch: count which labels it met, without waiting for a device."""
        labels, self._labels = self._labels, None
        if (
            labels is not None
            and getattr(output, "ndim", 0) == 2
            and len(output) == len(labels)
            and output.shape[1] > 1
        ):
            self._met = self._met + (output.detach().argmax(1) == labels.to(output.device)).sum()
            self._judged += len(labels)

    def stepped(self, learner: Learner) -> None:
        """An optimizer stepped during this pass."""
        if learner not in self.learners:
            self.learners.append(learner)
            if self._rows is not None and not learner.cuts:
                self._loaders.cut_rows(self, learner, self._rows)

    def end(self) -> None:
        """The pass is over: by exhaustion, by the budget, by an error, or because the next one began."""
        if not self._ended:
            self._ended = True
            self._loaders.ended(self)
            accuracy = float(self._met) / self._judged if self._judged else None
            for learner in self.learners:
                learner.end_epoch(accuracy, monotonic() - self._started)
            if accuracy is not None and not self.learners:
                self._loaders.on_evaluation(self.loader, accuracy)


def labels_of(batch: Any) -> Any:
    """The last tensor of a batch of which each row is one whole number; None if there is none."""
    last = None
    for tensor in tensors(batch):
        last = tensor if tensor.ndim == 1 and not tensor.is_floating_point() else last
    return last


def _append(loaders: list[DataLoader], loader: DataLoader) -> None:
    """Put a loader last in a bounded list."""
    loaders[:] = [*(other for other in loaders if other is not loader), loader][-KEPT_LOADERS:]


def _length(loader: DataLoader) -> float:
    try:
        return len(loader)
    except TypeError:
        return math.inf


def _place() -> tuple[Any, ...]:
    """Where in the student's code a pass begins: files and lines of the innermost frames outside of this module."""
    frame: FrameType | None = sys._getframe(1)
    place: list[tuple[str, int]] = []
    while frame is not None and len(place) < PLACE_DEPTH:
        if frame.f_code.co_filename != __file__:
            place.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return tuple(place)
