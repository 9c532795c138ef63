"""Bounds the time of `fit` and `evaluate` inside of their epochs: their number stays what the student asked for.

Keras draws batches through `TFEpochIterator`. There an epoch can be ended at any batch, exactly and without a change to
what the training step is. A shortened epoch is continued by the next one, so that training still sees all the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.probe.keras_forward import Pass, recording, run
from grader.probe.recorder import Recorder
from grader.probe.work import SPEED, STEP_FORWARDS, flops_of, rows_within

Use = Literal["training", "validation", "evaluation"]

FIT_SHARE = 0.7  # of the seconds that are left: feature extraction must leave something for fine-tuning
TRAIN_SHARE = 0.75  # of an epoch, where there is validation
EVALUATE_SECONDS = 10.0  # always granted, since an accuracy from a few batches says little
HEAVY_ELEMENTS = 80_000  # of a batch; below, a training step is so short that it is not worth counting
HEAVY_PARAMETERS = 20_000_000
ASSUMED_BATCH = 32
ASSUMED_SIDE = 224


@dataclass
class Budget:
    """The seconds of one `fit`, shared out to its epochs as it goes.

    Attributes:
        epochs: Epochs still to come.
        validates: Whether each ends with a validation.
        rows: At most so many rows per batch; None for all.
    """

    recorder: Recorder
    epochs: int
    validates: bool
    rows: int | None = None
    _reserve: float = 0.0
    _epoch_ends: float = math.inf
    _validation_ends: float = math.inf

    def __post_init__(self) -> None:
        left = self.recorder.training_seconds_left()
        self._reserve = max(0.0, left * (1 - FIT_SHARE)) if math.isfinite(left) else 0.0

    @property
    def epoch_seconds(self) -> float:
        """Seconds for each of the epochs to come."""
        return max(0.0, self.recorder.training_seconds_left() - self._reserve) / max(1, self.epochs)

    def start_epoch(self) -> None:
        """The first batch of an epoch is done: what it took to compile the step is not the epoch's fault."""
        now, seconds = self.recorder.clock(), self.epoch_seconds
        self._epoch_ends = now + seconds * (TRAIN_SHARE if self.validates else 1.0)
        self._validation_ends = now + seconds
        self.epochs -= 1

    def over(self, use: str) -> bool:
        """Whether the running epoch, or its validation, has had its time."""
        return self.recorder.clock() >= (self._epoch_ends if use == "training" else self._validation_ends)

    def fit_rows(self, model: Any, spec: Any, batch_size: int) -> None:
        """Decide how many rows a batch may have, by what the model computes: the same on every machine."""
        settings = self.recorder.settings
        if settings.profile != "quick" or not may_be_heavy(model, spec, batch_size):
            return
        try:
            flops = flops_per_row(model, spec)
        except Exception:  # its own training step will say why it cannot be run
            return
        share = FIT_SHARE * (TRAIN_SHARE if self.validates else 1.0)
        granted = settings.training_seconds * share / max(1, self.epochs) * SPEED
        # Where the first weights are frozen, backward does not go through the whole model.
        flops = flops if _first_weights_train(model) else flops / 2
        if flops and STEP_FORWARDS * flops * batch_size > granted:
            self.rows = rows_within(granted, flops)


@dataclass
class Feed:
    """The batches of one `TFEpochIterator`, with the account of what was cut.

    Attributes:
        use: What they are for.
        budget: The budget of the `fit` that they belong to; None for an `evaluate` of its own.
        batches: Batches drawn in all epochs.
        whole: Batches that these epochs would have had, where that is known.
        epochs: Epochs begun.
        shortened: Epochs that were cut.
        rows_short: Rows by which the last batches of whole epochs were smaller than the others.
    """

    use: Use
    recorder: Recorder
    budget: Budget | None
    batches: int = 0
    whole: int = 0
    epochs: int = 0
    shortened: int = 0
    rows_short: int = 0
    _started: float = field(init=False)
    _kept: Any = None
    _drawn: int = 0  # from the kept iterator

    def __post_init__(self) -> None:
        self._started = self.recorder.clock()

    def epoch(self, iterator: Any, native: Iterator[Any]) -> Iterator[Any]:
        """The batches of one epoch, ended when its time is over; the first one is always given."""
        self.epochs += 1
        self.whole += iterator.num_batches or 0
        for place, step in enumerate(native):
            if place and (self._over() or self._all_seen(iterator)):
                self._cut(iterator, native)
                return
            self.batches += iterator.steps_per_execution
            self._drawn += iterator.steps_per_execution
            yield step
            if place == 0 and self.use == "training" and self.budget is not None:
                self.budget.start_epoch()
        arrays = vars(iterator.data_adapter)
        if partial := arrays.get("_partial_batch_size"):
            self.rows_short += arrays["_batch_size"] - partial

    def _all_seen(self, iterator: Any) -> bool:
        """Whether a resumed iterator has nothing more to give."""
        return self._kept is not None and self._drawn >= iterator.num_batches

    def _over(self) -> bool:
        if self.use == "evaluation":
            return self.recorder.clock() - self._started > self._granted
        return self.budget is not None and self.budget.over(self.use)

    @property
    def _granted(self) -> float:
        """Seconds for an `evaluate`; asking does not start the clock of a question that has not trained yet."""
        if self.recorder.settings.profile == "quick" and self.recorder.training_started is None:
            return self.recorder.settings.training_seconds
        return max(EVALUATE_SECONDS, self.recorder.training_seconds_left())

    def _cut(self, iterator: Any, native: Any) -> None:
        self.shortened += 1
        iterator._steps_seen -= iterator.steps_per_execution  # that step was announced and not run
        native.close()
        iterator.data_adapter.on_epoch_end()

    def source(self, iterator: Any, data_set: Any) -> Any:
        """What Keras draws the batches of an epoch from."""
        known = iterator.steps_per_epoch is None and iterator.data_adapter.num_batches
        threads = getattr(iterator.data_adapter, "enqueuer", None)  # they stop at the end of an epoch
        return Resumable(self, data_set, known) if self.use == "training" and known and not threads else data_set

    def resume(self, data_set: Any, batches: int) -> Any:
        """The iterator of the epoch before if it was cut, else a new one."""
        if self._kept is None or self._drawn >= batches:
            self._kept, self._drawn = iter(data_set), 0
        return self._kept


@dataclass
class Resumable:
    """A data set whose iteration goes on where a cut epoch stopped."""

    feed: Feed
    data_set: Any
    batches: int

    def __iter__(self) -> Any:
        return self.feed.resume(self.data_set, self.batches)


def may_be_heavy(model: Any, spec: Any, batch_size: int) -> bool:
    """Whether a training step may take so long that it is worth counting what it computes."""
    elements = sum(math.prod(shape) for shape in shapes(spec, batch_size))
    return elements > HEAVY_ELEMENTS or (model.built and model.count_params() > HEAVY_PARAMETERS)


def flops_per_row(model: Any, spec: Any) -> float:
    """Floating-point operations of a forward pass per row, counted in one of a single empty row."""
    seen = Pass()
    dry_run(model, spec, 1)  # builds what is not built yet
    with recording(seen):
        dry_run(model, spec, 1)
    return flops_of(seen.layers, channels_first=False)


def dry_run(model: Any, spec: Any, rows: int) -> None:
    """Run a model forward on zeros."""
    import numpy as np
    from keras.src import tree

    filled = [np.zeros(s, p.dtype.as_numpy_dtype) for s, p in zip(shapes(spec, rows), tree.flatten(spec), strict=True)]
    run(model, tree.pack_sequence_as(spec, filled))


def shapes(spec: Any, rows: int) -> list[list[int]]:
    """Shapes of a batch of that many rows, for the element specification of a data set."""
    from keras.src import tree

    return [[rows, *(side or ASSUMED_SIDE for side in part.shape[1:])] for part in tree.flatten(spec)]


def _first_weights_train(model: Any) -> bool:
    layers = [x for x in model._flatten_layers() if x._trainable_variables]
    return bool(layers) and bool(layers[0].trainable_variables)
