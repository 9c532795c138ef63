"""Bounds the work of `fit` and `evaluate` inside of their epochs: their number stays what the student asked for.

Keras draws batches through `TFEpochIterator`. There an epoch can be ended at any batch, exactly and without a change to
what the training step is. A shortened epoch is continued by the next one, so that training still sees all the data.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.probe.keras_forward import Pass, recording, run
from grader.probe.recorder import Recorder
from grader.probe.work import (
    FEWEST_BATCHES,
    LEAST_EVALUATION,
    LEAST_PASS,
    OVERDRAWN,
    STEP_FORWARDS,
    flops_of,
    least_flops,
    rows_within,
)

Use = Literal["training", "validation", "evaluation"]

FIT_SHARE = 0.7  # of what is left: feature extraction must leave something for fine-tuning
TRAIN_SHARE = 0.75  # of an epoch, where there is validation
ASSUMED_BATCH = 32
ASSUMED_SIDE = 224

_counted: weakref.WeakKeyDictionary[Any, dict[Any, float]] = weakref.WeakKeyDictionary()
"""Operations of a forward pass per row, by model and kind of input."""


@dataclass
class Budget:
    """What one `fit` may compute, shared out to its epochs as it goes; or, until an epoch starts, one `evaluate`.

    Attributes:
        epochs: Epochs still to come.
        asked: Epochs that were to come at the start.
        validates: Whether each ends with a validation.
        rows: At most so many rows per batch; None for all.
        training_row: Floating-point operations of one image in a training step.
        validation_row: The same in a validation.
    """

    recorder: Recorder
    epochs: int
    validates: bool
    rows: int | None = None
    training_row: float = least_flops(training=True)
    validation_row: float = least_flops(training=False)
    asked: int = field(init=False)
    _reserve: float = 0.0
    _epoch_ends: float = math.inf
    _validation_ends: float = field(init=False)

    def __post_init__(self) -> None:
        self.asked = max(1, self.epochs)
        self.recorder.spend(0.0)
        self._validation_ends = self.recorder.computed + max(
            self.recorder.flops_left(), self.recorder.granted * LEAST_EVALUATION
        )
        left = self.recorder.flops_left()
        self._reserve = max(0.0, left * (1 - FIT_SHARE)) if math.isfinite(left) else 0.0

    @property
    def epoch_flops(self) -> float:
        """Operations for each of the epochs to come."""
        share = (self.recorder.flops_left() - self._reserve) / max(1, self.epochs)
        return max(share, self.recorder.granted * min(LEAST_PASS, OVERDRAWN / self.asked))

    def start_epoch(self) -> None:
        """An epoch begins: what it and its validation may compute."""
        now, share = self.recorder.computed, self.epoch_flops
        self._epoch_ends = now + share * (TRAIN_SHARE if self.validates else 1.0)
        self._validation_ends = now + share
        self.epochs -= 1

    def drawn(self, use: str, rows: int) -> None:
        """Another batch is computed."""
        self.recorder.spend(rows * (self.training_row if use == "training" else self.validation_row))

    def over(self, use: str) -> bool:
        """Whether the running epoch, or its validation, has had its share."""
        ends = self._epoch_ends if use == "training" else self._validation_ends
        return self.recorder.computed >= ends or self.recorder.out_of_time()

    def count(self, model: Any, spec: Any) -> None:
        """Count what a model computes."""
        if self.recorder.settings.profile == "quick":
            self.training_row, self.validation_row = row_flops(model, spec)

    def fit_rows(self, batch_size: int) -> None:
        """Decide how many rows a batch may have, by what the model computes: the same on every machine."""
        granted = self.epoch_flops * (TRAIN_SHARE if self.validates else 1.0) / FEWEST_BATCHES
        if self.training_row * batch_size > granted:
            rows = rows_within(granted, self.training_row)
            self.rows = rows if rows < batch_size else None


@dataclass
class Feed:
    """The batches of one `TFEpochIterator`, with the account of what was cut.

    Attributes:
        use: What they are for.
        budget: That of the `fit` that they belong to, or of an `evaluate` of its own.
        rows: Images per batch.
        model: What an `evaluate` of its own runs.
        batches: Batches drawn in all epochs.
        whole: Batches that these epochs would have had, where that is known.
        epochs: Epochs begun.
        shortened: Epochs that were cut.
        rows_short: Rows by which the last batches of whole epochs were smaller than the others.
    """

    use: Use
    recorder: Recorder
    budget: Budget
    rows: int = ASSUMED_BATCH
    model: Any = None
    batches: int = 0
    whole: int = 0
    epochs: int = 0
    shortened: int = 0
    rows_short: int = 0
    _kept: Any = None
    _drawn: int = 0  # from the kept iterator

    def epoch(self, iterator: Any, native: Iterator[Any]) -> Iterator[Any]:
        """The batches of one epoch, ended when it has had its share; the first ones are always given."""
        self.epochs += 1
        self.whole += iterator.num_batches or 0
        if self.use == "training":
            self.budget.start_epoch()
        for place, step in enumerate(native):
            if place and (self._all_seen(iterator) or (place >= FEWEST_BATCHES and self.budget.over(self.use))):
                self._cut(iterator, native)
                return
            self.batches += iterator.steps_per_execution
            self._drawn += iterator.steps_per_execution
            self.budget.drawn(self.use, self.rows * iterator.steps_per_execution)
            yield step
        arrays = vars(iterator.data_adapter)
        if partial := arrays.get("_partial_batch_size"):
            self.rows_short += arrays["_batch_size"] - partial

    def _all_seen(self, iterator: Any) -> bool:
        """Whether a resumed iterator has nothing more to give."""
        return self._kept is not None and self._drawn >= iterator.num_batches

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


def row_flops(model: Any, spec: Any) -> tuple[float, float]:
    """Floating-point operations of one image in a training step, and in an evaluation.

    A model that cannot be run counts the least: its own training step will say why.
    """
    known = _counted.setdefault(model, {})
    key = str(shapes(spec, 1)), len(model._flatten_layers(include_self=False)), model.built
    if key not in known:
        try:
            known[key] = flops_per_row(model, spec)
        except Exception:
            known[key] = 0.0
    forward = known[key]
    # Where the first weights are frozen, backward does not go through the whole model.
    steps = STEP_FORWARDS if _first_weights_train(model) else STEP_FORWARDS / 2
    return max(forward * steps, least_flops(training=True)), max(forward, least_flops(training=False))


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
